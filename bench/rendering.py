"""Whether the blueprint of a workspace renders, tried with `leanblueprint web` where there is both.

That writes the pages into `blueprint/web`, as it always does.
"""

import asyncio
import contextlib
import os
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


async def rendered(root: Path) -> Finding:
    """Does the blueprint render? There being none, or no program for it, is no failure."""
    if not (root / SOURCES).is_dir():
        return Finding(NAME, True, "there is none here")
    program = shutil.which(PROGRAM)
    if program is None:
        return Finding(
            NAME, True, f"not rendered: {PROGRAM} is not installed (`pip install {PROGRAM}`)"
        )
    code, said = await _run(program, root)
    remedy = f"Run `{PROGRAM} web` in {root}, and correct what it complains about."
    if code is None:
        return Finding(NAME, False, f"{PROGRAM} did not end within {WITHIN:.0f} s.", remedy)
    if code:
        return Finding(NAME, False, f"{PROGRAM} ended with exit code {code}: {said}.", remedy)
    if not (root / PAGE).is_file():
        return Finding(NAME, False, f"{PROGRAM} made no {PAGE}.", remedy)
    return Finding(NAME, True, f"rendered as {root / PAGE}")


async def _run(program: str, root: Path) -> tuple[int | None, str]:
    """Exit code (None: it took too long) and the last line that was said."""
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
    lines = output.decode(errors="replace").strip().split("\n")
    return process.returncode, lines[-1].strip().rstrip(".")
