"""Keeps the engine's texts those of the disk: a first sweep, then every save, until cancelled.

What is done about the texts is the engine's business.
"""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from watchfiles import Change, awatch

from lean.errors import LeanError
from lean.workspace import Workspace
from search.engine import Engine
from server.sources import (
    imports_any,
    is_source,
    label,
    lean_files,
    may_have_holes,
    text_of,
)

QUIET_MS = 50
"""Milliseconds without a further change after which changes are looked at together; a save is then
noticed within 0.1 s (measured)."""

logger = logging.getLogger(__name__)


class Watch:
    """The Lean files below some folders of one workspace, for one engine."""

    def __init__(self, engine: Engine, workspace: Workspace, folders: Sequence[Path]) -> None:
        self.swept = asyncio.Event()
        """Set when every file has been read once."""
        self._engine = engine
        self._workspace = workspace
        self._folders = tuple(folders)
        self._texts: dict[Path, str] = {}

    @property
    def followed(self) -> int:
        """How many files have holes."""
        return len(self._texts)

    async def run(self) -> None:
        """Sweep and watch until cancelled. Raises OSError when the system can't watch."""
        async with asyncio.TaskGroup() as tasks:
            # Begun before the sweep, so that a save during it is not missed and comes first.
            tasks.create_task(self._follow(tasks))
            for path in lean_files(self._folders):
                await self._read(path, edited=False)
            self.swept.set()

    async def _follow(self, tasks: asyncio.TaskGroup) -> None:
        def wanted(_: Change, path: str) -> bool:
            return is_source(Path(path), self._folders)

        folders = {path if path.is_dir() else path.parent for path in self._folders}
        async for found in awatch(*folders, watch_filter=wanted, step=QUIET_MS):
            changed = {Path(path) for _, path in found}
            # Each by itself: a newer text of a file must not wait for Lean to have read the older.
            for path in sorted(changed):
                tasks.create_task(self._read(path, edited=True))
            for path, text in list(self._texts.items()):
                if path not in changed and imports_any(self._workspace, text, changed):
                    tasks.create_task(self._read_again(path))

    async def _read_again(self, path: Path) -> None:
        """What it imports has changed: the same text may mean something else."""
        self._forget(path, gone=False)
        await self._read(path, edited=False)

    async def _read(self, path: Path, edited: bool) -> None:
        text = text_of(path)
        if text is None or not may_have_holes(text):
            self._forget(path, gone=text is None)
            if text is not None:
                self._engine.mention(label(self._workspace.root, path), text)
            return
        self._texts[path] = text
        try:
            await self._engine.update(label(self._workspace.root, path), text, edited)
        except LeanError as error:
            # The engine has told its listeners; the next save is another chance.
            logger.debug("%s was not read: %s", path, error)

    def _forget(self, path: Path, gone: bool) -> None:
        # A file without holes is not followed, and yet its going matters: it may have taught.
        if self._texts.pop(path, None) is not None or gone:
            self._engine.forget(label(self._workspace.root, path), gone)
