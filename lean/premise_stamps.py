"""Stamps: what tells one content of a module from another, so that its theorems are read once.

A library's modules are told apart by the folder they are kept in (toolchain and revisions); those
of the workspace by what their files say. Nothing here reads Lean.
"""

import time
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path

from lean.session import Session
from lean.workspace import Workspace

LIBRARY = ""
"""The stamp of every module that is no file of the workspace."""
VOLATILE = "session "
"""How a stamp begins that means nothing beyond one session."""
_BUILT = (".lake/build/lib/lean", ".lake/build/lib", "build/lib")
"""Where Lake puts compiled modules, in its newer and older layouts."""
_MARGIN = 2.0
"""Seconds: a file that changed as a session started may have been read before or after that."""


class ModuleStamps:
    """The stamps of a workspace's modules. Files that did not change are not read again."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._started: dict[int, float] = {}
        self._read: dict[Path, tuple[int, int, str]] = {}

    async def of(self, session: Session, modules: Iterable[str]) -> dict[str, str]:
        """The stamp of each of the modules as `session` has them.

        A module that was changed after the session had started may have been read as it was before:
        its stamp is the session's own. Raises SessionDied.
        """
        started = await self._start(session)
        return {module: self._stamp(module, session.serial, started) for module in modules}

    async def _start(self, session: Session) -> float:
        if session.serial not in self._started:
            uptime = (await session.stats()).uptime_ms / 1000
            self._started[session.serial] = time.time() - uptime - _MARGIN
        return self._started[session.serial]

    def _stamp(self, module: str, serial: int, started: float) -> str:
        source = self._workspace.module_file(module)
        if source is None:
            return LIBRARY
        try:
            described, changed = self._content(source)
            for folder in _BUILT:
                compiled = self._workspace.root.joinpath(folder, *module.split("."))
                if (file := compiled.with_suffix(".olean")).is_file():
                    status = file.stat()
                    described += f" {status.st_mtime_ns} {status.st_size}"
                    changed = max(changed, status.st_mtime)
        except OSError:
            return f"{VOLATILE}{serial}"
        return described if changed < started else f"{VOLATILE}{serial}"

    def _content(self, source: Path) -> tuple[str, float]:
        """A hash of what a file says, and when it was changed."""
        status = source.stat()
        seen = (status.st_mtime_ns, status.st_size)
        known = self._read.get(source)
        if known is None or known[:2] != seen:
            known = (*seen, blake2b(source.read_bytes(), digest_size=16).hexdigest())
            self._read[source] = known
        return known[2], status.st_mtime
