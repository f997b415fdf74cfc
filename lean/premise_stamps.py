"""Stamps: what tells one content of a module from another, so that its theorems are read once.

A library's modules are told apart by the folder they are kept in (toolchain and revisions); those
of the workspace by what their files say, and they and those of packages beside it by what Lake has
made of them. Nothing here reads Lean.
"""

import contextlib
import time
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path

from lean.session import Session
from lean.workspace import Workspace

LIBRARY = ""
"""The stamp of every module that is neither of the workspace nor of a package beside it."""
VOLATILE = "session "
"""How a stamp begins that means nothing beyond one session."""
_BUILT = (".lake/build/lib/lean", ".lake/build/lib", "build/lib")
"""Where Lake puts compiled modules, in its newer and older layouts."""
Built = list[tuple[Path, set[str]]]
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
        built = self._built()
        return {module: self._stamp(module, built, session.serial, started) for module in modules}

    async def _start(self, session: Session) -> float:
        if session.serial not in self._started:
            uptime = (await session.stats()).uptime_ms / 1000
            self._started[session.serial] = time.time() - uptime - _MARGIN
        return self._started[session.serial]

    def _built(self) -> Built:
        """The folders with compiled modules that can change, and what is in each at the top."""
        roots = (self._workspace.root, *self._workspace.local_packages)
        found = []
        for folder in (root / path for root in roots for path in _BUILT):
            with contextlib.suppress(OSError):
                found.append((folder, {entry.name.partition(".")[0] for entry in folder.iterdir()}))
        return found

    def _stamp(self, module: str, built: Built, serial: int, started: float) -> str:
        # Lean writes unusual parts of a name between «».
        parts = module.replace("«", "").replace("»", "").split(".")
        source = self._workspace.module_file(".".join(parts))
        try:
            described, changed = (LIBRARY, 0.0) if source is None else self._content(source)
            for folder, top in built:
                if parts[0] not in top:
                    continue
                file = folder.joinpath(*parts[:-1], f"{parts[-1]}.olean")
                if file.is_file():
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
