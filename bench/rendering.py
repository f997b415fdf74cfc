"""Whether the blueprint of a workspace renders, tried with `leanblueprint web` where there is both.

That writes the pages into `blueprint/web`, as it always does. plasTeX, which it runs, ends well
whatever it met: an error that it logs counts.
"""

import asyncio
import contextlib
import os
import re
import shutil
import signal
from pathlib import Path

from search.blueprint.reading import SOURCES
from server.check_up import Finding

PROGRAM = "leanblueprint"
NAME = "blueprint"
PAGE = Path("blueprint", "web", "index.html")
WITHIN = 600.0
"""Seconds for all pages."""

_ERROR = re.compile(r"^ERROR: (.*(?:\n {3}\S.*)*)", re.MULTILINE)
"""Long messages go on in lines that are indented by three."""


async def rendered(root: Path) -> Finding:
    """Does the blueprint render? There being none, or no program for it, is no failure."""
    if not (root / SOURCES).is_dir():
        return Finding(NAME, True, "there is none here")
    program = shutil.which(PROGRAM)
    if program is None:
        return Finding(
            NAME, True, f"not rendered: {PROGRAM} is not installed (`pip install {PROGRAM}`)"
        )
    remedy = f"Run `{PROGRAM} web` in {root}, and correct what it complains about."
    before = _written_at(root)
    code, output = await _run(program, root)
    if code is None:
        return Finding(NAME, False, f"{PROGRAM} did not end within {WITHIN:.0f} s.", remedy)
    if code:
        said = output.strip().split("\n")[-1].strip().rstrip(".")
        return Finding(NAME, False, f"{PROGRAM} ended with exit code {code}: {said}.", remedy)
    if error := _ERROR.search(output):
        return Finding(NAME, False, f"{' '.join(error[1].split()).rstrip('.')}.", remedy)
    if _written_at(root) == before:
        return Finding(NAME, False, f"{PROGRAM} made no {PAGE}.", remedy)
    return Finding(NAME, True, f"rendered as {root / PAGE}")


def _written_at(root: Path) -> int:
    """When the first page was written, in nanoseconds; 0 when it is not there."""
    try:
        return (root / PAGE).stat().st_mtime_ns
    except OSError:
        return 0


async def _run(program: str, root: Path) -> tuple[int | None, str]:
    """Exit code (None: it took too long) and all that was said."""
    process = await asyncio.create_subprocess_exec(
        *(program, "web"),
        cwd=root,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        # It starts TeX and more: they end together.
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(WITHIN):
            output, _ = await process.communicate()
    except TimeoutError:
        return None, ""
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    return process.returncode, output.decode(errors="replace")
