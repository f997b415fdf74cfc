"""Everything of one editor: its projects and documents, its settings, and when it is told.

What has changed is shown at once, but never more often than makes sense. What exactly is shown is
`server.features`, through the `Shows` that the server gives.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Coroutine, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from lsprotocol import types
from pygls.uris import to_fs_path

from lean.workspace import find_root
from search.incidents import Incident
from server.editor.buffer import Buffer
from server.editor.client import Client
from server.editor.documents import Document
from server.editor.options import EditorSettings, StartOptions, editor_settings
from server.editor.project import AT_ONCE, Project
from server.editor.wishes import Wishes
from server.sources import is_source, label, place_of

if TYPE_CHECKING:
    from search.engine import Engine

BEAT = 0.25
"""Seconds between looks at the status: four notifications a second at the most."""
AFTER_TYPING = 0.5
"""Seconds after an edit at which what it made stale is shown."""
COUNTING = 1.0
"""Seconds between two looks at goals that are being searched, whose seconds are shown."""

_LEVELS = {
    "low": types.MessageType.Log,
    "medium": types.MessageType.Info,
    "high": types.MessageType.Warning,
    "critical": types.MessageType.Error,
}

logger = logging.getLogger(__name__)


class Shows(Protocol):
    """Sends what is known to the client, where it differs from what that has."""

    def documents(self, editor: "Editor", changed: list[Document]) -> None:
        """These documents, or their goals, have changed."""

    def status(self, editor: "Editor") -> None:
        """The status may have changed."""

    async def tickets(self, editor: "Editor") -> None:
        """Tickets have changed."""


class Editor:
    """One editor at work. `start` begins its tasks, `close` ends them and all projects."""

    def __init__(self, client: Client, options: StartOptions, shows: Shows) -> None:
        self.client = client
        self.trusted = options.trusted
        self.shows_texts = options.shows_texts
        self.pulls = client.only_pulls if options.pulls is None else options.pulls
        self.settings = EditorSettings()
        self.wishes = Wishes()
        self.projects: dict[Path, Project] = {}
        self.changes = 0
        """How often something about a document has changed."""
        self._folders: dict[Path, Path] = {}
        """The client's own name of each, by where it lies."""
        self._left_alone: dict[str, Buffer] = {}
        """Open documents that are no source of the window's folders, by URI."""
        self._shows = shows
        self._due: dict[Document, float] = {}
        self._woken = asyncio.Event()
        self._idle: dict[str, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._complaints: set[str] = set()
        self._tickets_due = False
        self._ready = asyncio.Event()

    # Lifetime

    async def run(self) -> None:
        """Take the client's settings; from then on show what changes."""
        await self.configure()
        self._ready.set()
        self.start(self._show_documents())
        self.start(self._show_status())

    async def close(self) -> None:
        """End everything; no process is left."""
        for handle in self._idle.values():
            handle.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*(project.close() for project in self.projects.values()))
        if self._tasks:
            await asyncio.wait(self._tasks)

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Start something that ends with the editor at the latest."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # The boundary of a task that nobody waits for.
            logger.error("something broke", exc_info=error)

    # Folders

    @property
    def folders(self) -> list[Path]:
        """Those that the window shows; links are followed."""
        return list(self._folders)

    def change_folders(self, added: Iterable[Path], removed: Iterable[Path] = ()) -> None:
        """The window shows more folders, or shows some no more."""
        for folder in removed:
            self._folders.pop(folder.resolve(), None)
        for folder in added:
            self._folders.setdefault(folder.resolve(), folder)
        for project in self.projects.values():
            if project.is_swept and not self._is_shown(project):
                project.end_sweep()
        for uri, buffer in list(self._left_alone.items()):
            self.open(uri, buffer.text, buffer.version or 0)

    def uri_of(self, path: Path) -> str:
        """What the client calls a file that it has not named itself."""
        for folder, name in self._folders.items():
            if path.is_relative_to(folder):
                return (name / path.relative_to(folder)).as_uri()
        return path.as_uri()

    # Documents

    def documents(self) -> Iterator[Document]:
        """All that are known, open or not."""
        for project in self.projects.values():
            yield from project.documents.values()

    def document(self, uri: str) -> Document | None:
        """The document of that name, if it is known."""
        found = self._find(uri)
        return found[1] if found else None

    def leaves_alone(self, uri: str) -> bool:
        """Is it open, but not searched, because it is no source of the window's folders?"""
        return uri in self._left_alone

    def project(self, document: Document) -> Project:
        """The project that a document belongs to."""
        return next(
            p for p in self.projects.values() if p.documents.get(document.label) is document
        )

    def open(self, uri: str, text: str, version: int) -> None:
        """The editor has opened a document, or says anew what is in it."""
        path = _path(uri)
        if path is None:
            return
        known = self._left_alone.pop(uri, None)
        if not self._is_ours(uri, path):
            if known is None:
                self.client.log(f"{path} is left alone: it is no source of this window's folders.")
            self._left_alone[uri] = Buffer(text, version, self.client.encoding)
            return
        project = self._project(path)
        name = label(project.root, path)
        document = project.documents.get(name)
        if document is None:
            document = Document(uri, path, name, Buffer(text, version, self.client.encoding), True)
            project.documents[name] = document
        else:
            document.uri, document.is_open = uri, True
            document.buffer.replace(text, version)
        project.focus()
        self._read(project, document, edited=False)

    def change(
        self, uri: str, changes: list[types.TextDocumentContentChangeEvent], version: int
    ) -> None:
        """The editor has changed a document; it may not have been saved."""
        if uri in self._left_alone:
            self._left_alone[uri].change(changes, version)
            return
        document = self.document(uri)
        if document is None or not document.is_open:
            logger.warning("%s was changed but not opened", uri)
            return
        document.buffer.change(changes, version)
        if document.goals:
            self.show(document, AFTER_TYPING)
        shown = self.settings.shown
        if shown.extraction == "onIdle":
            self._read_when_idle(document, shown.idle_seconds)

    def save(self, uri: str, text: str | None) -> None:
        """A document was saved; `text` is what it says, if the editor tells."""
        document = self.document(uri)
        if document is None:
            return
        if text is not None and text != document.buffer.text:
            document.buffer.replace(text, document.buffer.version)
        project = self.project(document)
        self._read(project, document, edited=True)
        project.read_importers({document.path})

    def shut(self, uri: str) -> None:
        """The editor has closed a document; what it did not save is gone."""
        self._left_alone.pop(uri, None)
        document = self.document(uri)
        if document is None:
            return
        project = self.project(document)
        document.is_open = False
        document.buffer.version = None
        project.forget(document)
        if project.is_swept:
            project.changed({document.path})

    def changed_on_disk(self, paths: set[Path]) -> None:
        """Files have changed, in the editor or outside."""
        places = {place_of(path) for path in paths}
        for project in self.projects.values():
            project.changed({path for path in places if path.is_relative_to(project.root)})

    def sweep(self) -> None:
        """Search every file of all workspaces."""
        for folder in self.folders:
            self._project(folder / "any.lean")
        for project in self.projects.values():
            project.sweep()

    def _read(self, project: Project, document: Document, edited: bool) -> None:
        async def when_ready() -> None:
            # Not before the settings are there: an engine can't take all of them later.
            await self._ready.wait()
            project.read_later(document, edited)

        if handle := self._idle.pop(document.uri, None):
            handle.cancel()
        if self._ready.is_set():
            project.read_later(document, edited)
        else:
            self.start(when_ready())

    def _read_when_idle(self, document: Document, seconds: float) -> None:
        def read() -> None:
            del self._idle[document.uri]
            if (known := self._find(document.uri)) and known[1] is document:
                self._read(known[0], document, edited=True)

        if handle := self._idle.pop(document.uri, None):
            handle.cancel()
        self._idle[document.uri] = asyncio.get_running_loop().call_later(seconds, read)

    def _find(self, uri: str) -> tuple[Project, Document] | None:
        path = _path(uri)
        if path is None:
            return None
        found = [
            (project, document)
            for project in self.projects.values()
            if (document := project.documents.get(label(project.root, path))) is not None
        ]
        # What the editor has open is what it speaks of; otherwise the nearest project has it.
        return max(found, key=lambda f: (f[1].is_open, len(f[0].root.parts)), default=None)

    def _project(self, path: Path) -> Project:
        """The project of a file, which is made when it is the first one."""
        root = self._root(path)
        if root not in self.projects:
            self.projects[root] = Project(root, self)
        return self.projects[root]

    def _is_ours(self, uri: str, path: Path) -> bool:
        """Is it a source of the window's folders? Where there are none, every file is ours.

        Looking into a dependency or into Lean itself starts no search there.
        """
        if not self._folders:
            return True
        roots = [self._root(folder / "any.lean") for folder in self._folders]
        named = Path(to_fs_path(uri) or "")
        return is_source(path, [*self._folders, *roots]) or is_source(named, self._folders.values())

    def _is_shown(self, project: Project) -> bool:
        """Does it lie in a folder of the window, or that in it?"""
        return any(
            project.root.is_relative_to(folder) or self._root(folder / "any.lean") == project.root
            for folder in self._folders
        )

    def _root(self, path: Path) -> Path:
        """Its Lake project; without one the editor's folder that it is in; else its own folder."""
        folder = path.parent
        while not folder.is_dir():
            folder = folder.parent
        root = find_root(folder)
        if root is not None:
            return root
        for candidate in self.folders:
            if path.is_relative_to(candidate):
                return candidate
        return folder.resolve()

    # Settings and trust

    async def configure(self) -> None:
        """Take the client's settings anew."""
        before = self.settings
        self.settings = editor_settings(await self.client.configuration())
        for complaint in self.settings.complaints:
            self.complain(complaint)
        self.wishes.give_way(before.search, self.settings.search)
        if self.settings.search != before.search:
            await asyncio.gather(*(project.reopen() for project in self.projects.values()))
        if self.settings.shown != before.shown:
            for document in self.documents():
                self.show(document)
            self.client.refresh()

    def trust(self, trusted: bool) -> None:
        """May Lean run here? Once it may, it may: an editor asks its user again after a restart."""
        if trusted and not self.trusted:
            self.trusted = True
            for project in self.projects.values():
                for document in list(project.documents.values()):
                    self._read(project, document, edited=False)

    def engines(self) -> "list[Engine]":
        """Those that are at work."""
        return [p.engine for p in self.projects.values() if p.engine is not None]

    def apply_wishes(self) -> None:
        """The user has asked something else of the search."""
        for engine in self.engines():
            self.wishes.apply(engine)

    def complain(self, complaint: str) -> None:
        """Tell the user what is wrong with a setting, once."""
        if complaint and complaint not in self._complaints:
            self._complaints.add(complaint)
            self.client.say(f"Unsorry: {complaint}", types.MessageType.Warning)

    # What is told

    def started(self, project: Project, engine: "Engine") -> None:
        """An engine has been opened."""
        self.wishes.apply(engine)
        self.client.log(f"{engine.toolchain.description} serves {project.root}")
        for kind, message in engine.memory.early:
            if kind:
                self.note(Incident.of(kind, message, "open"))

    def note(self, incident: Incident) -> None:
        """Something went wrong; the log has it."""
        message = f"{' '.join(incident.message.split())} ({incident.kind})"
        self.client.log(message, _LEVELS[incident.severity])

    def show(self, document: Document, after: float = AT_ONCE) -> None:
        """A document has changed: show it in so many seconds, or sooner if that is due."""
        self.changes += 1
        due = time.monotonic() + after
        if self._due.get(document, due) >= due:
            self._due[document] = due
            self._woken.set()

    def tickets_changed(self) -> None:
        """Tickets have changed."""
        self._tickets_due = True

    async def _show_documents(self) -> None:
        while True:
            now = time.monotonic()
            ready = [document for document, due in self._due.items() if due <= now]
            for document in ready:
                del self._due[document]
            if ready:
                try:
                    self._shows.documents(self, ready)
                except Exception:
                    # The boundary of one showing: what comes later is shown all the same.
                    logger.exception("%s can't be shown", [document.uri for document in ready])
            self._woken.clear()
            wait = min(self._due.values()) - now if self._due else None
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._woken.wait()

    async def _show_status(self) -> None:
        counted = 0.0
        while True:
            self._shows.status(self)
            if self._tickets_due:
                self._tickets_due = False
                await self._shows.tickets(self)
            if time.monotonic() - counted >= COUNTING:
                counted = time.monotonic()
                for document in self.documents():
                    if any(known.running for known in document.goals):
                        self.show(document)
            await asyncio.sleep(BEAT)


def _path(uri: str) -> Path | None:
    """Where the file lies that a URI names; None for anything that is no file."""
    path = to_fs_path(uri)
    return place_of(Path(path)) if path else None
