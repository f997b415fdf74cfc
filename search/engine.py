"""The one door to the search: texts in, proofs and events out.

The engine knows which texts are current, which of their goals are being searched, and who listens.
It finds nothing itself: strategies propose (`search.portfolio`), Lean decides (`lean.verify`), and
sessions are handed out by `search.jobs`.
"""

import asyncio
import contextlib
import weakref
from collections.abc import AsyncIterator, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self, TypeVar

from lean.document import Document
from lean.errors import LeanError
from lean.pool import Pool, PoolStats
from lean.positions import SourceText
from lean.toolchain import Progress, Toolchain, find_toolchain, silent
from lean.workspace import Workspace
from search.desk import Desk
from search.events import (
    VERDICT_EVENTS,
    Attempt,
    AttemptFinished,
    DocumentElaborated,
    DocumentFailed,
    Event,
    FileView,
    GoalFound,
    GoalHandle,
    GoalVerdict,
    Status,
)
from search.jobs import Job, JobQueue, Urgency
from search.portfolio import GoalSearch, Step, default_plan, skip_reason
from search.project_imports import ProjectImports
from search.settings import Effort, Settings
from search.strategies.strategy import Unavailable

Outcome = TypeVar("Outcome")


@dataclass(eq=False, slots=True)
class _File:
    """The current text of a path, and what is being done about it."""

    path: str
    revision: int
    source: SourceText
    reading: "asyncio.Task[FileView] | None" = None
    searches: "dict[str, asyncio.Task[GoalVerdict]]" = field(default_factory=dict)


class Events:
    """The events from the moment it was made until the engine closes, as an async iterator."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue()

    def put(self, event: Event | None) -> None:
        """Hand over an event; None: there will be no more."""
        self._queue.put_nowait(event)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        event = await self._queue.get()
        if event is None:
            self.put(None)
            raise StopAsyncIteration
        return event


class Engine:
    """The search of one workspace. Made by `Engine.open`, whose end leaves nothing running."""

    def __init__(
        self,
        toolchain: Toolchain,
        pool: Pool,
        imports: ProjectImports,
        plan: Sequence[Step],
        settings: Settings,
    ) -> None:
        self.toolchain = toolchain
        """The Lean that answers."""
        self.settings = settings
        self.plan = tuple(plan)
        """The steps of every search that starts from now on."""
        self._pool = pool
        self._imports = imports
        self._queue = JobQueue(pool)
        self._files: dict[str, _File] = {}
        self._revisions = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        # A listener that nobody reads any more goes by itself.
        self._listeners: weakref.WeakSet[Events] = weakref.WeakSet()

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls,
        workspace: Workspace,
        settings: Settings | None = None,
        plan: Sequence[Step] | None = None,
        progress: Progress = silent,
    ) -> AsyncIterator[Self]:
        """An engine for `workspace`; its sessions begin to start at once.

        `plan` replaces the usual strategies; those that are not available there are left out.
        `progress` hears about an installation of Lean. Raises ToolchainError.
        """
        settings = settings or Settings()
        toolchain = await find_toolchain(workspace, choice=settings.toolchain, progress=progress)
        possible = [
            step
            for step in (default_plan() if plan is None else plan)
            if not isinstance(step.strategy.available(workspace), Unavailable)
        ]
        async with Pool.open(
            workspace, toolchain, settings.sessions, settings.spare, settings.memory_ceiling
        ) as pool:
            imports = ProjectImports(workspace, toolchain, progress)
            engine = cls(toolchain, pool, imports, possible, settings)
            workers = [asyncio.create_task(engine._queue.serve()) for _ in range(pool.size)]
            try:
                yield engine
            finally:
                await engine._close(workers)

    async def update(self, path: str, text: str) -> FileView | None:
        """Take `text` as what `path` says now: read it, stop what is stale, queue its goals.

        Returns when Lean has read it; None when a newer text came meanwhile. An import that fails
        is no error: see `FileView.document`. Raises SessionDied or ToolchainError when Lean can't
        read it at all, and WorkspaceError for a text that is not Unicode.
        """
        file = self._files.get(path)
        if file is None or file.reading is None or file.source.text != text:
            source = SourceText(text)
            self.forget(path)
            self._revisions += 1
            file = self._files[path] = _File(path, self._revisions, source)
            file.reading = self._spawn(self._read(file))
        reading = file.reading
        assert reading is not None
        await asyncio.wait({reading})
        return None if reading.cancelled() else reading.result()

    def forget(self, path: str) -> None:
        """Stop everything about `path`; its verdicts are gone."""
        file = self._files.pop(path, None)
        if file is not None:
            for task in (file.reading, *file.searches.values()):
                if task is not None:
                    task.cancel()

    async def prove(self, goal: GoalHandle, effort: Effort | None = None) -> GoalVerdict:
        """The verdict on a goal of a current text.

        Without `effort` it is that of the search which `update` has queued, if it has; with it, of
        a new one that may cost as much. A goal whose text is no longer current stays open.
        """
        file = self._files.get(goal.path)
        if file is None or file.revision != goal.revision:
            return GoalVerdict(goal, "open", reason="the text has changed")
        search = file.searches.get(goal.hole.identity)
        if effort is not None or search is None:
            cost = effort or self.settings.effort
            return await self._pursue(file, goal, cost, Urgency.ASKED)
        await asyncio.wait({search})
        if search.cancelled():
            return GoalVerdict(goal, "open", reason="the text has changed")
        return search.result()

    async def confirm(self, path: str, text: str) -> Document:
        """`text` elaborated from its first line on a session that has seen nothing before.

        What the engine knows of `path` is not touched. Raises SessionDied, ToolchainError.
        """
        source = SourceText(text)

        async def read(desk: Desk) -> Document:
            return await desk.document(path, source)

        return await self._queue.do(Job(path, read, Urgency.READ, fresh=True))

    def events(self) -> Events:
        """All events from now on, for one listener."""
        listener = Events()
        self._listeners.add(listener)
        return listener

    @property
    def sessions(self) -> int:
        """How many goals can be searched at a time."""
        return self._pool.size

    def pool_stats(self) -> PoolStats:
        """Figures about the sessions."""
        return self._pool.stats()

    async def _read(self, file: _File) -> FileView:
        async def read(desk: Desk) -> Document:
            return await desk.document(file.path, file.source)

        try:
            problem = await self._imports.prepare(file.source)
            self._queue.generation = self._imports.generation
            document = await self._queue.do(Job(file.path, read, Urgency.READ))
        except LeanError as error:
            self._publish(DocumentFailed(file.path, file.revision, str(error)))
            raise
        if problem:
            document = replace(document, import_error=problem)
        goals = tuple(GoalHandle(file.path, file.revision, hole) for hole in document.holes)
        view = FileView(file.path, file.revision, document, goals)
        if document.import_error:
            self._publish(DocumentFailed(file.path, file.revision, document.import_error))
        else:
            self._publish(DocumentElaborated(view))
        for goal in goals:
            self._publish(GoalFound(goal))
            if self.settings.automatic:
                file.searches[goal.hole.identity] = self._spawn(
                    self._pursue(file, goal, self.settings.effort, Urgency.BACKGROUND)
                )
        return view

    async def _pursue(
        self, file: _File, goal: GoalHandle, effort: Effort, urgency: Urgency
    ) -> GoalVerdict:
        """Search one goal and tell what came of it."""
        if reason := skip_reason(goal.hole):
            verdict = GoalVerdict(goal, "skipped", reason=reason)
        else:
            verdict = await self._searched(file, goal, effort, urgency)
        self._publish(VERDICT_EVENTS[verdict.kind](goal, verdict))
        self._publish(Status(self._queue.waiting, self._queue.running))
        return verdict

    async def _searched(
        self, file: _File, goal: GoalHandle, effort: Effort, urgency: Urgency
    ) -> GoalVerdict:
        def report(attempt: Attempt) -> None:
            self._publish(AttemptFinished(goal, attempt))

        search = GoalSearch(
            goal, self.plan, effort, self.settings.policy, report, self._imports.unproved
        )

        async def work(desk: Desk) -> GoalVerdict:
            document, hole = await desk.hole(file.path, file.source, goal.hole)
            return await search.run(desk.session, document, hole)

        try:
            return await self._queue.do(Job(file.path, work, urgency, search.lives))
        except LeanError as error:
            # No session could be had, or the text can't be read a second time.
            report(Attempt("", success=False, reason=str(error)))
            return search.open(str(error))

    def _publish(self, event: Event) -> None:
        for listener in self._listeners:
            listener.put(event)

    def _spawn(self, work: Coroutine[Any, Any, Outcome]) -> "asyncio.Task[Outcome]":
        """Start a task that the engine ends with itself."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _close(self, workers: Sequence["asyncio.Task[None]"]) -> None:
        for path in list(self._files):
            self.forget(path)
        for worker in workers:
            worker.cancel()
        self._queue.close()
        # Their errors have reached whoever asked; here only their end matters.
        await asyncio.gather(*workers, *self._tasks, return_exceptions=True)
        for listener in self._listeners:
            listener.put(None)
