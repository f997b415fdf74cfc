"""From a text to its goals: imports are made ready, Lean reads it, what it shows is learned.

Everything that goes wrong with a text is told here, once.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from lean.errors import LeanError
from search.desk import Desk
from search.events import DocumentElaborated, DocumentFailed, Event, FileView
from search.files import File
from search.incidents import Incident
from search.jobs import Job, JobQueue, Urgency
from search.knowledge import Knowledge
from search.project_imports import Prepared, ProjectImports
from search.reading import Reader, skip_reason
from search.resources import Resources

Outcome = TypeVar("Outcome")


@dataclass(frozen=True, slots=True)
class Intake:
    """Reads texts for an engine."""

    imports: ProjectImports
    queue: JobQueue
    reader: Reader
    resources: Resources
    knowledge: Knowledge
    publish: Callable[[Event], None]
    tell: Callable[[Incident], None]

    async def read(self, file: File) -> tuple[FileView, Prepared]:
        """What Lean sees in a text, and its imports. Raises SessionDied, ToolchainError."""
        try:
            prepared = await self.imports.prepare(file.source)
            self.queue.generation = self.imports.generation
            await self.imports.look_through(prepared, self._at_desk)
            self.resources.library.unproved = self.imports.unproved
            view = await self.queue.do(Job(file.path, self._reading(file), Urgency.READ))
        except LeanError as error:
            self._failed(file, "document_failed", str(error))
            raise
        if prepared.problem:
            document = replace(view.document, import_error=prepared.problem)
            view = replace(view, document=document)
        if view.document.import_error:
            self._failed(file, "import_failed", view.document.import_error)
        else:
            self.publish(DocumentElaborated(view))
        self.resources.read(file.path, view.document)
        await self.knowledge.see([goal for goal in view.goals if not skip_reason(goal)])
        return view, prepared

    def _failed(self, file: File, kind: str, reason: str) -> None:
        self.publish(DocumentFailed(file.path, file.revision, reason))
        self.tell(Incident.of(kind, reason, "read", file=file.path))

    async def _at_desk(self, work: Callable[[Desk], Awaitable[Outcome]]) -> Outcome:
        return await self.queue.do(Job("", work, Urgency.READ))

    def _reading(self, file: File) -> Callable[[Desk], Awaitable[FileView]]:
        revision, source = file.revision, file.source

        async def read(desk: Desk) -> FileView:
            document = await desk.document(file.path, source)
            goals = await self.reader.goals(desk.session, document, revision)
            return FileView(file.path, revision, document, goals)

        return read
