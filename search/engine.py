"""The one door to the search: texts in, proofs and events out.

The engine knows which texts are current, which of their goals are being searched, and who listens.
It finds nothing itself: what is tried next is `search.scheduler`'s, one goal's way
`search.pursuit`'s, sessions are handed out by `search.jobs`, and Lean decides (`lean.verify`).
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from pathlib import Path
from typing import Self, TypeVar

from lean.document import Document
from lean.errors import WorkspaceError
from lean.pool import PoolStats
from lean.positions import SourceText
from lean.toolchain import Progress, silent
from lean.verify import Policy
from lean.workspace import Workspace
from search.accounts import Account, Allowances
from search.announcing import Announcer, Events
from search.arms import Arm
from search.attempt import Judge, Place
from search.desk import Desk
from search.drafting.draft import Drafter
from search.equipment import Equipment, equipped
from search.events import (
    VERDICT_EVENTS,
    FileView,
    GoalFound,
    GoalHandle,
    GoalStale,
    GoalVerdict,
    Status,
)
from search.files import File, Search
from search.following import Following
from search.incidents import Incident
from search.intake import Intake
from search.jobs import Job, JobQueue, Urgency
from search.knowledge import GoalHistory
from search.memory import LAST_WRITES, ledger_path
from search.project_imports import Prepared
from search.pursuit import Pursuit
from search.reading import Reader, skip_reason
from search.records import Fingerprint
from search.remembered import recalled_with
from search.run_notes import RunNotes
from search.settings import FROM_MEMORY, Effort, Settings
from search.sketching.payment import UNKNOWN, decide
from search.surroundings import Surroundings
from search.tasks import Tasks
from search.throttle import Allowance, Throttle
from search.ticket_office import TicketOffice
from search.ticket_watch import TicketWatch

Outcome = TypeVar("Outcome")


class Engine:
    """The search of one workspace. Made by `Engine.open`, whose end leaves nothing running."""

    def __init__(self, parts: Equipment) -> None:
        settings, memory, resources = parts.settings, parts.memory, parts.resources
        self.workspace = parts.workspace
        self.toolchain = parts.toolchain
        """The Lean that answers."""
        self.settings = settings
        self.scheduler = parts.scheduler
        self.memory = memory
        self.resources = resources
        resources.chat.purse.tell = self.tell
        self.left_out = parts.lineup.left_out
        """By name of a strategy: why it can't run here."""
        self._pool = parts.pool
        light = min(settings.max_light, self.sessions)
        heavy = min(settings.max_heavy, self.sessions)
        self.throttle = Throttle(
            settings.cpu_target,
            light,
            heavy,
            self.sessions,
            settings.battery_floor,
            self._allow,
        )
        self._queue = JobQueue(parts.pool, light, heavy)
        self._files: dict[str, File] = {}
        self._revisions = 0
        self._closing = False
        self._tasks = Tasks(self._broke)
        self._announcer = Announcer()
        self._leadership = parts.leadership
        reader = Reader(memory.difficulty)
        self._intake = Intake(
            parts.imports,
            self._queue,
            reader,
            resources,
            memory.knowledge,
            self._announcer.publish,
            self.tell,
        )
        self._following = Following(
            parts.leadership, memory.knowledge, self._files, self._start, self._led
        )
        self.ticket_office = TicketOffice(memory.ledger, self._at_goal, self._announcer.publish)
        self._tickets = TicketWatch(
            memory.knowledge, self._files, self._start, self._announcer.publish, self.tell
        )
        self._shared = Surroundings(
            self._queue,
            reader,
            parts.scheduler,
            memory.knowledge,
            Account("this run", Allowances(seconds=settings.run_seconds), tell=self.tell),
            lambda: Judge(settings.policy, parts.imports.unproved),
            self._announcer.publish,
            self.tell,
            self._tasks.spawn,
            settings.tickets,
            settings.repeatable,
            parts.lineup.drafters,
            resources.lemmas,
        )
        self._employ(parts.command)

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls,
        workspace: Workspace,
        settings: Settings | None = None,
        arms: Sequence[Arm] | None = None,
        progress: Progress = silent,
        command: str = "",
        alone: bool = True,
        drafters: Sequence[Drafter] | None = None,
    ) -> AsyncIterator[Self]:
        """An engine for `workspace`; its sessions begin to start at once.

        `arms` and `drafters` replace the usual strategies; those that are not available there, or
        that the settings freeze, are left out. `progress` hears about an installation of Lean;
        `command` names the run in the ledger. Unless it works `alone`, it leaves searching to
        another program that is at it, as long as that runs. Raises ToolchainError, LedgerError.
        """
        settings = settings or Settings()
        parts = equipped(workspace, settings, arms, drafters, progress, command, alone)
        async with parts as opened:
            engine = cls(opened)
            try:
                yield engine
            finally:
                await engine._close()

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
            file.reading = self._tasks.spawn(self._read(file))
        reading = file.reading
        assert reading is not None
        await asyncio.wait({reading})
        return None if reading.cancelled() else reading.result()

    def forget(self, path: str, gone: bool = True) -> None:
        """Stop everything about `path`; its verdicts are gone.

        Unless the text itself is `gone`, what it taught when it was last read counts on.
        """
        file = self._files.pop(path, None)
        if gone:
            self.resources.forget(path)
            self.scheduler.criticality.forget(path)
        if file is not None:
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
        file.stopped.discard(goal.hole.identity)
        if effort is not None or search is None:
            return await self._asked(file, goal, effort or self.settings.effort)
        await asyncio.wait({search.task})
        return self._given_up(goal) if search.task.cancelled() else search.task.result()

    async def check(self, goal: GoalHandle, script: str, helper: str = "") -> GoalVerdict:
        """Is this script, with these helper lemmas above, a proof of a goal of a current text?

        It goes before every search. Raises SessionDied, ToolchainError.
        """

        async def judged(place: Place) -> GoalVerdict:
            judge = self._shared.judge()
            if helper:
                return await recalled_with(place, helper, script, judge)
            return await judge.verdict_on(place, script)

        verdict: GoalVerdict = await self._at_goal(goal, judged)
        return verdict

    async def history(self, goal: GoalHandle) -> GoalHistory:
        """What was tried on a goal of a current text, and what is known. Raises LedgerError."""
        file = self._files.get(goal.path)
        prepared = file.prepared if file else Prepared()
        fingerprint = self._fingerprint(goal, prepared)
        return await self.memory.knowledge.history(goal, fingerprint)

    def stop(self, goal: GoalHandle) -> None:
        """Search a goal no more, for nobody, until somebody asks for it again or it changes."""
        file = self._files.get(goal.path)
        if file is None:
            return
        file.stopped.add(goal.hole.identity)
        search = file.searches.pop(goal.hole.identity, None)
        if search is not None:
            search.task.cancel()
        for asked in file.asked:
            if asked.pursuit.goal.hole.identity == goal.hole.identity:
                asked.task.cancel()
        self._announcer.publish(GoalStale(goal))

    async def confirm(self, path: str, text: str, fresh: bool = True) -> Document:
        """`text` elaborated from its first line on a session that has seen nothing before.

        Without `fresh` it may be any, and only what has changed is elaborated. What the engine
        knows of `path` is not touched. Raises SessionDied, ToolchainError.
        """
        source = SourceText(text)

        async def read(desk: Desk) -> Document:
            return await desk.document(path, source)

        return await self._queue.do(Job(path, read, Urgency.READ, fresh=fresh))

    def restart_sessions(self) -> None:
        """End every Lean process; what was running is done again on new ones."""
        self._pool.restart()

    def events(self) -> Events:
        """All events from now on, for one listener."""
        return self._announcer.listen()

    @property
    def sessions(self) -> int:
        """How many strategies can run at a time."""
        return self._pool.size

    @property
    def follows(self) -> str:
        """Which other program searches this workspace, or the empty string."""
        return self._leadership.holder

    def payment(self, goal: GoalHandle) -> str:
        """May a language model be asked about a goal, and why, in a sentence; empty without one.

        What the premises say comes in when it is asked.
        """
        chat = self.resources.chat
        if not chat.settings.configured:
            return ""
        decision = decide(goal.difficulty, UNKNOWN, chat.budget_left)
        return chat.problem() or decision.reason

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
            follows=self.follows,
        )

    def tell(self, incident: Incident) -> None:
        """Log an incident, tell the listeners, and write it down as soon as that can be."""
        self._announcer.tell(incident)
        if incident.kind != "budget_warning":
            self._tasks.spawn(self.memory.knowledge.note(incident))

    # Reading

    async def _read(self, file: File) -> FileView:
        view, prepared = await self._intake.read(file)
        self._adopt(file, view.goals, prepared)
        return view

    def _adopt(self, file: File, goals: Sequence[GoalHandle], prepared: Prepared) -> None:
        """Go on with the goals that are still there, stop the others, start the new ones."""
        for goal in goals:
            self._announcer.publish(GoalFound(goal))
        new, stale = file.adopt(goals, prepared, lambda goal: self._fingerprint(goal, prepared))
        for goal in stale:
            self._announcer.publish(GoalStale(goal))
        for goal in new if self.settings.automatic else ():
            if goal.hole.identity not in file.stopped:
                self._start(file, goal)

    def _start(self, file: File, goal: GoalHandle) -> None:
        effort = self.settings.effort if self._leadership.leads else FROM_MEMORY
        pursuit = self._pursuit(file, goal, effort, Urgency.BACKGROUND)
        task = self._tasks.spawn(self._pursue(file, pursuit))
        file.searches[goal.hole.identity] = Search(pursuit, task)

    def _fingerprint(self, goal: GoalHandle, prepared: Prepared) -> Fingerprint:
        # What is refused here may be accepted there: the same script can fail or not.
        surroundings = goal.key.surroundings + _beyond_the_usual(self.settings.policy)
        return Fingerprint(
            toolchain=self.workspace.fingerprint(self.toolchain.fingerprint),
            project=self.workspace.fingerprint(surroundings, prepared.modules),
        )

    # Searching

    def _pursuit(self, file: File, goal: GoalHandle, effort: Effort, urgency: Urgency) -> Pursuit:
        fingerprint = self._fingerprint(goal, file.prepared)
        return Pursuit(goal, file.source, fingerprint, effort, urgency, self._shared)

    async def _asked(self, file: File, goal: GoalHandle, effort: Effort) -> GoalVerdict:
        """A search that somebody waits for."""
        pursuit = self._pursuit(file, goal, effort, Urgency.ASKED)
        task = self._tasks.spawn(self._pursue(file, pursuit))
        search = Search(pursuit, task)
        file.asked.append(search)
        try:
            await asyncio.wait({task})
        finally:
            task.cancel()
            file.asked.remove(search)
        return self._given_up(goal) if task.cancelled() else task.result()

    async def _at_goal(
        self, goal: GoalHandle, work: Callable[[Place], Awaitable[Outcome]]
    ) -> Outcome:
        """Have something done where a goal of a current text stands, before anything else.

        Raises WorkspaceError when the text is not current.
        """
        file = self._files.get(goal.path)
        if file is None or file.revision != goal.revision:
            raise WorkspaceError(f"{goal.path} has changed.", "Try again.")
        source = file.source

        async def at(desk: Desk) -> Outcome:
            document, hole = await desk.hole(goal.path, source, goal.hole)
            return await work(Place(desk.session, document, hole, goal))

        return await self._queue.do(Job(goal.path, at, Urgency.READ))

    def _given_up(self, goal: GoalHandle) -> GoalVerdict:
        file = self._files.get(goal.path)
        stopped = file is not None and goal.hole.identity in file.stopped
        ended = self._closing or stopped
        reason = "the search was ended" if ended else "the text has changed"
        return GoalVerdict(goal, "open", reason=reason)

    async def _pursue(self, file: File, pursuit: Pursuit) -> GoalVerdict:
        """Search one goal and tell what came of it."""
        if reason := skip_reason(pursuit.goal):
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

    def _employ(self, command: str) -> None:
        """Start what runs as long as the engine does."""
        memory, settings = self.memory, self.settings
        memory.on_trouble = self._ledger_trouble
        served = [self._queue.serve() for _ in range(self.sessions)]
        watched = [self.throttle.run(), self._tickets.run(), self._following.run()]
        if settings.remember:
            watched.append(self._note(ledger_path(self.workspace, settings), command))
        for work in (*served, *watched):
            self._tasks.employ(work)
        for kind, message in memory.early:
            self._ledger_trouble(kind, message)

    def _allow(self, allowance: Allowance) -> None:
        paused = bool(allowance.paused_because)
        if paused:
            self.tell(Incident.of("throttled", allowance.paused_because, "search"))
        self._queue.allow(allowance.light, allowance.heavy, paused)
        self._announcer.publish(self.status())

    async def _note(self, ledger: Path, command: str) -> None:
        """Tell other programs what this one is doing."""
        run = self.memory.knowledge.run
        notes = RunNotes(ledger, run, command, self.events(), self.status, self.pool_stats)
        await notes.run()

    def _led(self) -> None:
        """This program searches the workspace from now on."""
        self._announcer.publish(self.status())

    def _ledger_trouble(self, kind: str, message: str) -> None:
        """The ledger can't be written (`kind`, `message`), or can be again (empty)."""
        if kind:
            self.tell(Incident.of(kind, message, "write"))
        self._announcer.publish(self.status())

    def _broke(self, error: BaseException) -> None:
        self.tell(Incident.of("internal_error", f"{type(error).__name__}: {error}"))
        self._queue.close()

    async def _close(self) -> None:
        self._closing = True
        for path in list(self._files):
            self.forget(path)
        self._tasks.dismiss()
        self._queue.close()
        # What they still have to write down is written before the ledger closes; but a disk that
        # stays full must not keep the program from ending.
        await self._tasks.finished(LAST_WRITES)
        self._announcer.close()


def _beyond_the_usual(policy: Policy) -> str:
    """What a workspace accepts, for its fingerprint; empty where that is what all do."""
    if not policy.allowed_axioms and not policy.allow_compiler:
        return ""
    return f" {policy.allow_compiler} {' '.join(sorted(policy.allowed_axioms))}"
