"""One workspace in an editor: its documents, and its engine while there is something to search.

It keeps the engine's texts those of the editor, or of the disk where that has none, and hands what
the engine tells to the documents. How anything is shown is not its business.
"""

import asyncio
import contextlib
import logging
from collections.abc import Collection, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lean.errors import LeanError, WorkspaceError
from lean.workspace import Workspace, find_root
from search.events import (
    AttemptFinished,
    AttemptStarted,
    DocumentElaborated,
    DocumentFailed,
    Event,
    GoalStale,
    IncidentHappened,
    TicketClosed,
    TicketOpened,
)
from server.editor.buffer import Buffer
from server.editor.documents import Document, GoalEvent
from server.editor.options import search_settings
from server.sources import imports_any, is_source, label, lean_files, may_have_holes, text_of

if TYPE_CHECKING:
    from search.engine import Engine
    from server.editor.editor import Editor

SETTING_UP = (
    "lean-toolchain",
    "lakefile.toml",
    "lakefile.lean",
    "lake-manifest.json",
    "unsorry.toml",
    "pyproject.toml",
    ".env",
)
"""Files of the root folder after whose change the engine is opened anew."""
AT_ONCE = 0.02
"""Seconds in which what happens together is shown together."""
AFTER_READING = 0.2
"""Seconds in which a known proof has usually been checked again in the new text."""
BETWEEN_STRATEGIES = 0.5
"""Seconds after which it is shown which strategies are at work; most are done sooner."""
UNTRUSTED = "This workspace is not trusted, so Lean does not run."
UNUSED = 60.0
"""Seconds after which an engine without documents is closed: its sessions take 1.3 GB each."""
NOT_STARTED = "Lean was not started, because that was cancelled."

logger = logging.getLogger(__name__)


class Project:
    """A workspace of `editor`. `problem` says why it has no engine, or is empty."""

    def __init__(self, root: Path, editor: "Editor") -> None:
        self.root = root
        self.documents: dict[str, Document] = {}
        """By label."""
        self.engine: Engine | None = None
        self.problem = ""
        self.is_swept = False
        """Are the files searched that are not open, too?"""
        self._editor = editor
        self._running: asyncio.Task[None] | None = None
        self._opened: asyncio.Future[Engine] | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._leaving: asyncio.TimerHandle | None = None

    @property
    def caveat(self) -> str:
        """That another Lean answers than the workspace asks for; usually empty."""
        lean = self.engine.toolchain if self.engine else None
        if lean is None or not lean.stands_in_for:
            return ""
        found = f"found with Lean {lean.lean_version} ({lean.name})"
        return f"{found}, not confirmed by {lean.stands_in_for}"

    async def opened(self) -> "Engine":
        """The engine, which is opened when there is none. Raises LeanError."""
        if not self._editor.trusted:
            raise LeanError(UNTRUSTED)
        if self._running is None or self._running.done():
            self._opened = asyncio.get_running_loop().create_future()
            self._running = asyncio.create_task(self._run(self._opened))
            self._running.add_done_callback(self._ended)
        assert self._opened is not None
        return await asyncio.shield(self._opened)

    async def close(self) -> None:
        """End the engine, with all its processes, and everything that waits for it."""
        if self._leaving is not None:
            self._leaving.cancel()
        for task in self._tasks:
            task.cancel()
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait({self._running})
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def reopen(self) -> None:
        """Take settings and toolchain anew, and read everything again."""
        was_open = self._running is not None
        await self.close()
        if was_open:
            for document in list(self.documents.values()):
                self.read_later(document, edited=False)

    # Texts

    def read_later(self, document: Document, edited: bool) -> None:
        """Have the engine read what the document says now, without waiting for it.

        `edited`: the user has just changed it.
        """
        self.start(self._read(document, edited))

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Start something that ends with the project at the latest."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def forget(self, document: Document) -> None:
        """It is no business of ours any more."""
        self.documents.pop(document.label, None)
        self._stop(document.label, gone=text_of(document.path) is None)
        self.focus()
        document.clear()
        self._editor.show(document)
        self._leave_later()

    def focus(self) -> None:
        """Tell the engine which documents are open."""
        if self.engine is not None:
            self.engine.focus([d.label for d in self.documents.values() if d.is_open])

    def sweep(self) -> None:
        """Read every file of the workspace that is not open, and follow it from now on."""
        self.is_swept = True

        async def sweep() -> None:
            for path in lean_files([self.root]):
                if not self.is_swept:
                    return
                if label(self.root, path) not in self.documents:
                    self._from_disk(path)
                # There may be thousands, and the editor waits for other answers.
                await asyncio.sleep(0)

        self.start(sweep())

    def end_sweep(self) -> None:
        """Search only what is open from now on."""
        self.is_swept = False
        for document in list(self.documents.values()):
            if not document.is_open:
                self.forget(document)
        self._leave_later()

    def changed(self, paths: Collection[Path]) -> None:
        """These files have changed on the disk, or were made or deleted."""
        if any(path.parent == self.root and path.name in SETTING_UP for path in paths):
            # Not among the tasks that it ends.
            self._editor.start(self.reopen())
            return
        sources = {path for path in paths if is_source(path, [self.root])}
        for path in sources:
            document = self.documents.get(label(self.root, path))
            if document is None or not document.is_open:
                self._from_disk(path)
        self.read_importers(sources)

    def read_importers(self, changed: Collection[Path]) -> None:
        """Read again what imports one of these files: the same text may mean something else."""
        if not changed:
            return
        try:
            workspace = Workspace.at(self.root)
        except WorkspaceError as error:
            # The engine's next start shows it; once it is mended, everything is read anyway.
            logger.warning("what imports what is not known: %s", error)
            return
        for document in list(self.documents.values()):
            text = document.buffer.text
            if document.path not in changed and imports_any(workspace, text, changed):
                self._stop(document.label, gone=False)
                self.read_later(document, edited=False)

    def _stop(self, name: str, gone: bool) -> None:
        """Nothing is to be found in this text any more; `gone`: there is no such text."""
        if self.engine is not None:
            self.engine.forget(name, gone)

    def _from_disk(self, path: Path) -> None:
        """Take the text of a file that the editor has not open."""
        name = label(self.root, path)
        document = self.documents.get(name)
        text = None if self._is_of_another(path) else text_of(path)
        if text is None or not may_have_holes(text):
            if document is not None:
                self.forget(document)
            elif text is None:
                # It may have taught before its last hole went, or before it was closed.
                self._stop(name, gone=True)
        elif document is not None:
            document.buffer.replace(text, None)
            self.read_later(document, edited=True)
        elif self.is_swept:
            buffer = Buffer(text, None, self._editor.client.encoding)
            document = Document(self._editor.uri_of(path), path, name, buffer, is_open=False)
            self.documents[name] = document
            self.read_later(document, edited=False)

    def _is_of_another(self, path: Path) -> bool:
        """Does a file below our root belong to a Lake project further down?"""
        root = find_root(path.parent)
        return root is not None and root != self.root and root.is_relative_to(self.root)

    async def _read(self, document: Document, edited: bool) -> None:
        text = document.buffer.text
        if not self._editor.trusted:
            return
        if not may_have_holes(text):
            self._stop(document.label, gone=False)
            if self.engine is not None:
                self.engine.mention(document.label, text)
            document.clear()
            self._editor.show(document)
            return
        document.reading += 1
        try:
            engine = await self.opened()
            if self.documents.get(document.label) is not document:
                # It was closed meanwhile.
                return
            title = f"Unsorry: Lean reads {document.path.name}"
            cancel = lambda: engine.forget(document.label, gone=False)  # noqa: E731 - one line, one use
            async with self._editor.client.progress(title, cancel):
                await engine.update(document.label, text, edited)
        except LeanError as error:
            if document.label in self.documents:
                document.clear()
                document.problem = str(error)
        finally:
            document.reading -= 1
            self._editor.show(document)

    # The engine

    def _leave_later(self) -> None:
        """Close the engine after a while if nothing is left to do, unless something comes."""

        def leave() -> None:
            if not self.documents and not self.is_swept:
                # Not among the tasks that it ends.
                self._editor.start(self._leave())

        if self._leaving is not None:
            self._leaving.cancel()
        self._leaving = asyncio.get_running_loop().call_later(UNUSED, leave)

    async def _leave(self) -> None:
        self.problem = ""
        # A document that is opened meanwhile is read when the old engine has ended.
        await self.reopen()

    async def _run(self, opened: "asyncio.Future[Engine]") -> None:
        """Open an engine, and listen to it until cancelled."""
        # Imported here: it takes as long as all the rest, and the editor waits for an answer.
        from search.engine import Engine

        settings, complaint = search_settings(self.root, self._editor.settings.search)
        self._editor.complain(complaint)
        try:
            async with contextlib.AsyncExitStack() as stack:
                task = asyncio.current_task()
                assert task is not None
                async with self._editor.client.progress("Unsorry", task.cancel) as progress:
                    engine = await stack.enter_async_context(
                        Engine.open(
                            Workspace.at(self.root),
                            settings,
                            progress=progress,
                            command="lsp",
                            alone=False,
                        )
                    )
                events = engine.events()
                self.engine, self.problem = engine, ""
                self._editor.started(self, engine)
                opened.set_result(engine)
                self.focus()
                if not self._editor.client.watches_files:
                    await stack.enter_async_context(self._watch())
                async for event in events:
                    self._see(event)
        except LeanError as error:
            self.problem = str(error)
            if not opened.done():
                opened.set_exception(error)
                # Nobody may be waiting any more.
                opened.exception()
        finally:
            self.engine = None
            if not opened.done():
                opened.set_exception(LeanError(NOT_STARTED, "Save the file to try again."))
                opened.exception()

    def _see(self, event: Event) -> None:
        match event:
            case DocumentElaborated(view):
                if document := self.documents.get(view.path):
                    document.take(view)
                    self._editor.show(document, AFTER_READING)
            case DocumentFailed(path, _, reason):
                if document := self.documents.get(path):
                    document.clear()
                    document.problem = reason
                    self._editor.show(document)
            case IncidentHappened(incident):
                self._editor.note(incident)
            case _ if isinstance(event, GoalEvent):
                if document := self.documents.get(event.goal.path):
                    document.see(event)
                    on_the_way = isinstance(event, AttemptStarted | AttemptFinished | GoalStale)
                    self._editor.show(document, BETWEEN_STRATEGIES if on_the_way else AT_ONCE)
                if isinstance(event, TicketOpened | TicketClosed):
                    self._editor.tickets_changed()

    @contextlib.asynccontextmanager
    async def _watch(self) -> Any:  # noqa: ANN401 - an async iterator of nothing
        """Watch the folder ourselves, because the editor can't."""

        from watchfiles import awatch

        async def follow() -> None:
            async for found in awatch(self.root):
                self.changed({Path(path) for _, path in found})

        watching = asyncio.create_task(follow())
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.wait({watching})

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # The boundary of a task that nobody waits for.
            logger.error("something broke in %s", self.root, exc_info=error)
