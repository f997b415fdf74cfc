"""The one door to the search: texts in, proofs and events out.

The engine knows which texts are current, which of their goals are being searched, and who listens.
It finds nothing itself: what is tried next is `search.scheduler`'s, one goal's way
`search.pursuit`'s, sessions are handed out by `search.jobs`, and Lean decides (`lean.verify`).
"""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Sequence
from dataclasses import replace
from typing import Any, Self, TypeVar

from lean.document import Document
from lean.errors import LeanError
from lean.pool import Pool, PoolStats
from lean.positions import SourceText
from lean.toolchain import Progress, Toolchain, find_toolchain, silent
from lean.workspace import Workspace
from search.accounts import Account, Allowances
from search.announcing import Announcer, Events
from search.arms import Arm, default_arms
from search.attempt import Judge
from search.desk import Desk
from search.events import (
    VERDICT_EVENTS,
    DocumentElaborated,
    DocumentFailed,
    FileView,
    GoalFound,
    GoalHandle,
    GoalStale,
    GoalVerdict,
    Status,
)
from search.files import File, Search
from search.incidents import Incident
from search.jobs import Job, JobQueue, Urgency
from search.memory import LAST_WRITES, Memory
from search.project_imports import Prepared, ProjectImports
from search.pursuit import Pursuit, Surroundings
from search.reading import Reader, skip_reason
from search.records import Fingerprint
from search.scheduler import Scheduler
from search.settings import Effort, Settings
from search.strategies.strategy import Unavailable
from search.throttle import Allowance, Throttle
from search.ticket_watch import TicketWatch

Outcome = TypeVar("Outcome")

logger = logging.getLogger(__name__)


class Engine:
    """The search of one workspace. Made by `Engine.open`, whose end leaves nothing running."""

    def __init__(
        self,
        workspace: Workspace,
        toolchain: Toolchain,
        pool: Pool,
        imports: ProjectImports,
        scheduler: Scheduler,
        memory: Memory,
        settings: Settings,
    ) -> None:
        self.workspace = workspace
        self.toolchain = toolchain
        """The Lean that answers."""
        self.settings = settings
        self.scheduler = scheduler
        self.memory = memory
        light = min(settings.max_light, pool.size)
        heavy = min(settings.max_heavy, pool.size)
        self.throttle = Throttle(
            settings.cpu_target,
            light,
            heavy,
            pool.size,
            settings.battery_floor,
            self._allow,
        )
        self._pool = pool
        self._imports = imports
        self._reader = Reader(memory.difficulty)
        self._queue = JobQueue(pool, light, heavy)
        self._files: dict[str, File] = {}
        self._revisions = 0
        self._closing = False
        self._tasks: set[asyncio.Task[Any]] = set()
        self._announcer = Announcer()
        self._tickets = TicketWatch(
            memory.knowledge, self._files, self._start, self._announcer.publish, self.tell
        )
        self._shared = Surroundings(
            self._queue,
            self._reader,
            scheduler,
            memory.knowledge,
            Account("this run", Allowances(seconds=settings.run_seconds), tell=self.tell),
            lambda: Judge(settings.policy, imports.unproved),
            self._announcer.publish,
            self.tell,
            self._spawn,
            settings.tickets,
        )

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls,
        workspace: Workspace,
        settings: Settings | None = None,
        arms: Sequence[Arm] | None = None,
        progress: Progress = silent,
        command: str = "",
    ) -> AsyncIterator[Self]:
        """An engine for `workspace`; its sessions begin to start at once.

        `arms` replace the usual strategies; those that are not available there, or that the
        settings freeze, are left out. `progress` hears about an installation of Lean; `command`
        names the run in the ledger. Raises ToolchainError, LedgerError.
        """
        settings = settings or Settings()
        toolchain = await find_toolchain(workspace, choice=settings.toolchain, progress=progress)
        possible = [
            arm
            for arm in (default_arms() if arms is None else arms)
            if settings.wants(arm.name)
            # Without a slot they would be waited for for ever.
            and (settings.max_heavy or arm.strategy.weight == "light")
            and not isinstance(arm.strategy.available(workspace), Unavailable)
        ]
        async with (
            Memory.open(workspace, settings, possible, command) as memory,
            Pool.open(
                workspace, toolchain, settings.sessions, settings.spare, settings.memory_ceiling
            ) as pool,
        ):
            scheduler = Scheduler(possible, memory.policy, settings)
            imports = ProjectImports(workspace, toolchain, progress)
            engine = cls(workspace, toolchain, pool, imports, scheduler, memory, settings)
            memory.on_trouble = engine._ledger_trouble
            workers = [engine._employ(engine._queue.serve()) for _ in range(pool.size)]
            workers.append(engine._employ(engine.throttle.run()))
            workers.append(engine._employ(engine._tickets.run()))
            for kind, message in memory.early:
                engine._ledger_trouble(kind, message)
            try:
                yield engine
            finally:
                await engine._close(workers)

    async def update(self, path: str, text: str, edited: bool = True) -> FileView | None:
        """Take `text` as what `path` says now: read it, stop what is stale, queue what is new.

        `edited`: the user has just changed it, so its goals come first. Returns when Lean has read
        it; None when a newer text came meanwhile. An import that fails is no error: see
        `FileView.document`. Raises SessionDied or ToolchainError when Lean can't read it at all,
        and WorkspaceError for a text that is not Unicode.
        """
        file = self._files.get(path)
        if file is None or file.unread or file.source.text != text:
            source = SourceText(text)
            self._revisions += 1
            if file is None:
                file = self._files[path] = File(path, self._revisions, source)
            file.change(source, self._revisions)
            self.mention(path, text)
            if edited:
                self.scheduler.edited(path)
            file.reading = self._spawn(self._read(file))
        reading = file.reading
        assert reading is not None
        await asyncio.wait({reading})
        return None if reading.cancelled() else reading.result()

    def forget(self, path: str) -> None:
        """Stop everything about `path`; its verdicts are gone."""
        file = self._files.pop(path, None)
        if file is not None:
            self.scheduler.criticality.forget(path)
            for goal in file.stop():
                self._announcer.publish(GoalStale(goal))

    def mention(self, path: str, text: str) -> None:
        """A text of the workspace, with or without holes: how much rests on what is read off it."""
        self.scheduler.criticality.see(path, text)

    def focus(self, paths: Collection[str]) -> None:
        """These texts are open in an editor: their goals come first."""
        self.scheduler.focused = frozenset(paths)

    async def prove(self, goal: GoalHandle, effort: Effort | None = None) -> GoalVerdict:
        """The verdict on a goal of a current text.

        Without `effort` it is that of the search which `update` has queued, if it has; with it, of
        a new one that may cost as much. A goal whose text is no longer current stays open.
        """
        file = self._files.get(goal.path)
        search = file.searches.get(goal.hole.identity) if file else None
        if file is None or (search is None and file.revision != goal.revision):
            return self._given_up(goal)
        if effort is not None or search is None:
            return await self._asked(file, goal, effort or self.settings.effort)
        await asyncio.wait({search.task})
        return self._given_up(goal) if search.task.cancelled() else search.task.result()

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
        return self._announcer.listen()

    @property
    def sessions(self) -> int:
        """How many strategies can run at a time."""
        return self._pool.size

    @property
    def busy(self) -> bool:
        """Is anything being read or searched?"""
        return any(file.busy for file in self._files.values())

    def pool_stats(self) -> PoolStats:
        """Figures about the sessions."""
        return self._pool.stats()

    def status(self) -> Status:
        """The engine now."""
        allowance = self.throttle.allowance
        found = Counter(kind for file in self._files.values() for kind in file.outcomes.values())
        return Status(
            load=self.throttle.load,
            target=self.throttle.target,
            light=allowance.light,
            heavy=allowance.heavy,
            queued=self._queue.waiting,
            running=self._queue.running,
            goals=sum(len(file.searches) for file in self._files.values()),
            solved=found["proved"],
            refuted=found["refuted"],
            open=found["open"],
            tickets=self._tickets.open,
            paused_because=self.memory.trouble or allowance.paused_because,
        )

    def tell(self, incident: Incident) -> None:
        """Log an incident, tell the listeners, and write it down as soon as that can be."""
        self._announcer.tell(incident)
        if incident.kind != "budget_warning":
            self._spawn(self.memory.knowledge.note(incident))

    # Reading

    async def _read(self, file: File) -> FileView:
        try:
            prepared = await self._imports.prepare(file.source)
            self._queue.generation = self._imports.generation
            await self._imports.look_through(prepared, self._at_desk)
            view = await self._queue.do(Job(file.path, self._reading(file), Urgency.READ))
        except LeanError as error:
            self._announcer.publish(DocumentFailed(file.path, file.revision, str(error)))
            self.tell(Incident.of("document_failed", str(error), "read", file=file.path))
            raise
        if prepared.problem:
            document = replace(view.document, import_error=prepared.problem)
            view = replace(view, document=document)
        if view.document.import_error:
            reason = view.document.import_error
            self._announcer.publish(DocumentFailed(file.path, file.revision, reason))
            self.tell(Incident.of("import_failed", reason, "read", file=file.path))
        else:
            self._announcer.publish(DocumentElaborated(view))
        await self.memory.knowledge.see([goal for goal in view.goals if not skip_reason(goal.hole)])
        self._adopt(file, view.goals, prepared)
        return view

    async def _at_desk(self, work: Callable[[Desk], Awaitable[Outcome]]) -> Outcome:
        return await self._queue.do(Job("", work, Urgency.READ))

    def _reading(self, file: File) -> Callable[[Desk], Awaitable[FileView]]:
        revision, source = file.revision, file.source

        async def read(desk: Desk) -> FileView:
            document = await desk.document(file.path, source)
            goals = await self._reader.goals(desk.session, document, revision)
            return FileView(file.path, revision, document, goals)

        return read

    def _adopt(self, file: File, goals: Sequence[GoalHandle], prepared: Prepared) -> None:
        """Go on with the goals that are still there, stop the others, start the new ones."""
        for goal in goals:
            self._announcer.publish(GoalFound(goal))
        new, stale = file.adopt(goals, prepared, lambda goal: self._fingerprint(goal, prepared))
        for goal in stale:
            self._announcer.publish(GoalStale(goal))
        for goal in new if self.settings.automatic else ():
            self._start(file, goal)

    def _start(self, file: File, goal: GoalHandle) -> None:
        pursuit = self._pursuit(file, goal, self.settings.effort, Urgency.BACKGROUND)
        task = self._spawn(self._pursue(file, pursuit))
        file.searches[goal.hole.identity] = Search(pursuit, task)

    def _fingerprint(self, goal: GoalHandle, prepared: Prepared) -> Fingerprint:
        return Fingerprint(
            toolchain=self.workspace.fingerprint(self.toolchain.fingerprint),
            project=self.workspace.fingerprint(goal.key.surroundings, prepared.modules),
        )

    # Searching

    def _pursuit(self, file: File, goal: GoalHandle, effort: Effort, urgency: Urgency) -> Pursuit:
        fingerprint = self._fingerprint(goal, file.prepared)
        return Pursuit(goal, file.source, fingerprint, effort, urgency, self._shared)

    async def _asked(self, file: File, goal: GoalHandle, effort: Effort) -> GoalVerdict:
        """A search that somebody waits for."""
        pursuit = self._pursuit(file, goal, effort, Urgency.ASKED)
        task = self._spawn(self._pursue(file, pursuit))
        search = Search(pursuit, task)
        file.asked.append(search)
        try:
            await asyncio.wait({task})
        finally:
            task.cancel()
            file.asked.remove(search)
        return self._given_up(goal) if task.cancelled() else task.result()

    def _given_up(self, goal: GoalHandle) -> GoalVerdict:
        reason = "the search was ended" if self._closing else "the text has changed"
        return GoalVerdict(goal, "open", reason=reason)

    async def _pursue(self, file: File, pursuit: Pursuit) -> GoalVerdict:
        """Search one goal and tell what came of it."""
        if reason := skip_reason(pursuit.goal.hole):
            verdict = GoalVerdict(pursuit.goal, "skipped", reason=reason)
        else:
            try:
                verdict = await pursuit.run()
                told = False
                while not told or verdict.goal.revision != pursuit.goal.revision:
                    # The text may change as long as something is waited for.
                    verdict, told = await pursuit.current(verdict), True
                    await self.memory.knowledge.set_status(verdict.goal, verdict.kind)
            except Exception as error:
                # The boundary of a goal's task: in the background nobody asks for its error.
                self.tell(Incident.of("internal_error", f"{type(error).__name__}: {error}"))
                raise
        file.outcomes[verdict.goal.hole.identity] = verdict.kind
        self._announcer.publish(VERDICT_EVENTS[verdict.kind](verdict.goal, verdict))
        self._announcer.publish(self.status())
        return verdict

    # The rest

    def _allow(self, allowance: Allowance) -> None:
        paused = bool(allowance.paused_because)
        if paused:
            self.tell(Incident.of("throttled", allowance.paused_because, "search"))
        self._queue.allow(allowance.light, allowance.heavy, paused)
        self._announcer.publish(self.status())

    def _ledger_trouble(self, kind: str, message: str) -> None:
        """The ledger can't be written (`kind`, `message`), or can be again (empty)."""
        if kind:
            self.tell(Incident.of(kind, message, "write"))
        self._announcer.publish(self.status())

    def _employ(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Start work that only ends with the engine; if it breaks, nobody waits for it in vain."""

        def ended(task: "asyncio.Task[None]") -> None:
            if not task.cancelled() and (error := task.exception()) is not None:
                logger.error("the engine broke", exc_info=error)
                self.tell(Incident.of("internal_error", f"{type(error).__name__}: {error}"))
                self._queue.close()

        task = asyncio.create_task(work)
        task.add_done_callback(ended)
        return task

    def _spawn(self, work: Coroutine[Any, Any, Outcome]) -> "asyncio.Task[Outcome]":
        """Start a task that the engine ends with itself."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _close(self, workers: Sequence["asyncio.Task[None]"]) -> None:
        self._closing = True
        for path in list(self._files):
            self.forget(path)
        for worker in workers:
            worker.cancel()
        self._queue.close()
        # Their errors have reached whoever asked; here only their end matters. What they still
        # have to write down is written before the ledger closes.
        await asyncio.gather(*workers, return_exceptions=True)
        while self._tasks:
            tasks = list(self._tasks)
            _, late = await asyncio.wait(tasks, timeout=LAST_WRITES)
            for task in late:
                # The ledger can't be written, and the program shall end.
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        self._announcer.close()
