"""Asks Lake whether a module that it has built is still that of its source.

Only where the times of the files leave doubt: Lake compares their contents. Nothing is built here.
"""

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lean.errors import ImportFailed
from lean.process import die_with_parent, kill_group
from lean.workspace import Workspace

_ANSWER_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A module whose source was written after it was built, with the times of both files."""

    name: str
    source: Path
    written: int
    built: int


_current: set[Doubtful] = set()
"""What Lake has called current: to be asked costs it seconds, and an editor asks often."""


def doubtful(name: str, source: Path, compiled: Path) -> Doubtful | None:
    """The doubt about a compiled module, if there is any. Raises OSError."""
    written, built = source.stat().st_mtime_ns, compiled.stat().st_mtime_ns
    return Doubtful(name, source, written, built) if written > built else None


async def require_current(workspace: Workspace, modules: Sequence[Doubtful]) -> None:
    """Raises ImportFailed unless Lake says that these modules need not be built again."""
    unknown = [module for module in modules if module not in _current]
    if not unknown:
        return
    names = [module.name for module in unknown]
    if not await _up_to_date(workspace, names):
        what = f"module {names[0]} has" if len(names) == 1 else f"modules {', '.join(names)} have"
        raise ImportFailed(
            f"The {what} changed since {'it was' if len(names) == 1 else 'they were'} built.",
            f"Run `lake build {' '.join(names)}` in {workspace.root}.",
            names[0],
        )
    _current.update(unknown)


async def _up_to_date(workspace: Workspace, names: Sequence[str]) -> bool:
    """What Lake says; no without an answer."""
    lake = shutil.which("lake")
    if lake is None:
        return False
    try:
        process = await asyncio.create_subprocess_exec(
            *(lake, "build", "--no-build", *names),
            cwd=workspace.root,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent(),
        )
    except OSError:
        return False
    try:
        return await asyncio.wait_for(process.wait(), _ANSWER_WITHIN) == 0
    except TimeoutError:
        return False
    finally:
        if process.returncode is None:
            kill_group(process)
            await process.wait()
