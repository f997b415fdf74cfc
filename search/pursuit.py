"""One goal from its discovery to its verdict: what is known, the races, the helper lemmas.

A pursuit survives changes of the text as long as its goal does. It decides nothing about other
goals; sessions come from the queue, decisions from the scheduler, memories from the ledger.
"""

import contextlib
import time
from dataclasses import replace

from lean.errors import LeanError, ProtocolError, RequestRefused, SessionDied
from lean.positions import SourceText
from search.accounts import Account, Allowances, BudgetExceeded
from search.attempt import Place, attempt
from search.budget import Budget
from search.desk import Desk
from search.detours import Detours
from search.events import (
    Attempt,
    AttemptFinished,
    AttemptStarted,
    GoalHandle,
    GoalVerdict,
    RaceWon,
)
from search.helping import FAILED_BEFORE_ASKING
from search.incidents import Incident
from search.jobs import Job, Urgency
from search.knowledge import Known
from search.race import AT_ONCE, Race, Runner
from search.records import AttemptOutcome, Fingerprint
from search.remembered import LEMMA, remembered
from search.scheduler import Turn
from search.settings import Effort
from search.standing import Locate, Standing, in_its_text
from search.strategies.strategy import Weight
from search.surroundings import Surroundings

Finding = tuple[Attempt, GoalVerdict]


class Pursuit:
    """The search of one goal of a text. `run` gives its verdict; cancelled, it leaves nothing."""

    def __init__(
        self,
        goal: GoalHandle,
        source: SourceText,
        fingerprint: Fingerprint,
        effort: Effort,
        urgency: Urgency,
        shared: Surroundings,
        locate: Locate = in_its_text,
    ) -> None:
        rank = shared.scheduler.rank
        self.standing = Standing(
            goal, source, fingerprint, shared.queue, shared.judge, rank, locate
        )
        self.attempts: list[Attempt] = []
        self._effort = effort
        self._urgency = urgency
        self._shared = shared
        self._known = Known()
        self._detours = Detours(
            self.standing, effort, urgency, shared, self.attempts, self._record, self._besides
        )
        self._ended_at = 0.0

    @property
    def goal(self) -> GoalHandle:
        """The goal in the current text."""
        return self.standing.goal

    async def run(self) -> GoalVerdict:
        """Search until something is accepted or the budget is used up."""
        try:
            return await self._search()
        except LeanError as error:
            # The text can't be read a second time, or no session can be had.
            return self.open(str(error))

    async def current(self, verdict: GoalVerdict) -> GoalVerdict:
        """The verdict for the text of now, should that have changed since it was given."""
        if verdict.goal.revision == self.goal.revision:
            return verdict
        if verdict.kind == "open":
            return replace(verdict, goal=self.goal)
        try:
            found = await self.standing.in_current_text(verdict)
        except LeanError as error:
            return self.open(str(error))
        return self._completed(found) if found else self.open()

    async def _search(self) -> GoalVerdict:
        turn = self._shared.knowledge.turn(self.goal.key.key)
        # Who is at the same goal meanwhile waits, and is then served from memory.
        async with turn if self._urgency is Urgency.BACKGROUND else contextlib.nullcontext():
            verdict = await self._first_round()
        if verdict is None and self._escalates():
            verdict = await self._detours.drafted("light", self._known.tried)
        if verdict is None and self._may_ask():
            verdict = await self._detours.with_lemmas(self._known.tried)
        if verdict is None and self._may_go_deep():
            verdict = await self._race("heavy", self._effort.heavy_seconds, self._known.spent_heavy)
            verdict = verdict or await self._detours.drafted("heavy", self._known.tried)
        return self._completed(verdict) if verdict else self.open()

    async def _first_round(self) -> GoalVerdict | None:
        """What is remembered, then the light strategies."""
        self._known = await self._shared.knowledge.known(self.goal, self.standing.fingerprint)
        verdict = None
        if not self._effort.another:
            verdict = await self._remembered() or await self._detours.served()
        if verdict is None:
            verdict = await self._race("light", self._effort.seconds, self._known.spent_light)
        return verdict

    def open(self, reason: str = "") -> GoalVerdict:
        """The verdict when nothing was found; `reason` when something went wrong."""
        wrong = [a.reason for a in self.attempts if a.outcome == "error" or a.found]
        reason = reason or (wrong[-1] if wrong else "")
        return self._completed(GoalVerdict(self.goal, "open", reason=reason))

    # What the ledger knows

    async def _remembered(self) -> GoalVerdict | None:
        """A proof or a refutation that the ledger has, if Lean accepts it here and now."""
        if not (self._known.scripts or self._known.refutations):
            return None
        try:
            found = await self.standing.do_at(self._check_remembered)
        except (SessionDied, ProtocolError, RequestRefused) as error:
            # What is remembered does harm here; the search goes on without it.
            self._shared.tell(Incident.of("session_died", str(error), "remember"))
            return None
        return await self.standing.in_current_text(found) if found else None

    async def _check_remembered(self, place: Place) -> GoalVerdict | None:
        shared, known = self._shared, self._known
        fingerprint = self.standing.fingerprint_of(place.handle.revision)
        judge, knowledge = shared.judge(), shared.knowledge
        return await remembered(place, known, fingerprint, judge, knowledge, shared.tell)

    # The races

    async def _race(self, weight: Weight, seconds: float, spent: float) -> GoalVerdict | None:
        """Let the strategies of a weight run within what is left of `seconds`."""
        shared = self._shared
        turns = shared.scheduler.order(
            self.goal, weight, self._effort, self._known.tried, self._known.arms
        )
        if self._effort.another:
            found_by = {record.strategy for _, record in self._known.scripts}
            turns = [turn for turn in turns if turn.name not in found_by]
        account = shared.account.child(
            f"{weight} strategies on {self.goal.hole.declaration}",
            Allowances(seconds=seconds),
            {"seconds": spent},
            goal=self.goal.key.key,
            file=self.goal.path,
        )
        # That a goal's time is up is nothing to be alarmed about.
        account.tell = lambda incident: shared.tell(replace(incident, severity="low"))

        async def ended(runner: Runner[Finding]) -> GoalVerdict | None:
            with contextlib.suppress(BudgetExceeded):
                account.spend(seconds=runner.seconds)
            return await self._ended(runner)

        race = Race(
            shared.queue,
            lambda turn, slice: self._job(turn, slice, account),
            ended,
            self._stopped,
            1 if shared.one_by_one or weight == "heavy" else AT_ONCE,
        )
        verdict = await race.run(turns, account.left())
        if verdict is not None and race.losers:
            shared.background(self._time_losers(verdict.goal, race.losers))
        return verdict

    def _job(self, turn: Turn, seconds: float, account: Account) -> Job[Finding]:
        strategy = turn.arm.strategy

        async def work(desk: Desk) -> Finding:
            place = await self.standing.place(desk)
            clock = desk.session.clock
            budget = Budget(seconds, turn.heartbeats, account=account, clock=clock)
            self._shared.publish(AttemptStarted(self.goal, strategy.name, seconds))
            return await attempt(
                strategy, place, budget, self.standing.failures, self._shared.judge()
            )

        return Job(self.goal.path, work, self._urgency, strategy.weight, self.standing.rank)

    async def _ended(self, runner: Runner[Finding]) -> GoalVerdict | None:
        """Write down what came of a strategy; then, and only then, act on it."""
        self._ended_at = time.monotonic()
        try:
            attempted, verdict = runner.task.result()
        except LeanError as error:
            if not runner.job.ran:
                # No session can be had: the other strategies would get none either.
                raise
            # Its sessions died under it, more often than a job may.
            attempted, verdict = self._broken(runner, error), None
        # A text that changed meanwhile says nothing about what failed before.
        judged = verdict.goal.revision if verdict else self.goal.revision
        await self._record(attempted, self.standing.fingerprint_of(judged))
        if attempted.incident:
            self._shared.tell(Incident.of(attempted.incident, attempted.reason, attempted.strategy))
        if verdict is None or verdict.kind == "open":
            return None
        if self._effort.another and verdict.script in (script for script, _ in self._known.scripts):
            return None
        verdict = await self.standing.in_current_text(verdict)
        if verdict is not None:
            await self._shared.knowledge.settle(
                self.goal, verdict, attempted, self.standing.fingerprint
            )
        return verdict

    def _broken(self, runner: Runner[Finding], error: LeanError) -> Attempt:
        kind = "memory_budget_exceeded" if "of memory" in str(error) else "session_died"
        incident = Incident.of(kind, str(error), runner.turn.name, goal=self.goal.key.key)
        self._shared.tell(incident)
        return _unfinished(runner.turn, "error", runner.seconds, str(error))

    def _stopped(self, turn: Turn, seconds: float) -> None:
        """A strategy was stopped because another one succeeded, or the goal is gone."""
        self._shared.background(self._record(_unfinished(turn, "cancelled", seconds)))

    async def _record(self, attempted: Attempt, fingerprint: Fingerprint | None = None) -> None:
        self.attempts.append(attempted)
        await self._shared.knowledge.record(
            self.goal, attempted, fingerprint or self.standing.fingerprint
        )
        self._shared.scheduler.learn(self.goal, attempted)
        self._shared.publish(AttemptFinished(self.goal, attempted))

    async def _time_losers(self, goal: GoalHandle, losers: list[Job[Finding]]) -> None:
        won = self._ended_at
        for job in losers:
            await job.ended.wait()
        self._shared.publish(RaceWon(goal, len(losers), time.monotonic() - won))

    async def _besides(
        self, goal: GoalHandle, source: SourceText, effort: Effort, locate: Locate
    ) -> GoalVerdict:
        """Search another goal, which serves this one."""
        shared, fingerprint = self._shared, self.standing.fingerprint
        child = Pursuit(goal, source, fingerprint, effort, self._urgency, shared, locate)
        await shared.knowledge.see([goal])
        return await child.run()

    # What comes next

    def _may_ask(self) -> bool:
        return self._detours.may_have_lemmas and len(self._failed()) >= FAILED_BEFORE_ASKING

    def _may_go_deep(self) -> bool:
        """Heavy strategies wait once for helper lemmas that are asked for, unless forced."""
        waits = bool(self._detours.tickets) and not self._detours.asked_before
        return self._escalates() and (self._effort.forced or not waits)

    def _escalates(self) -> bool:
        if self._effort.forced:
            return True
        return self._shared.scheduler.escalates(self.goal, self._failed_light())

    def _failed(self) -> set[str]:
        """The strategies that have failed on this goal, now or earlier."""
        failed = {a.strategy for a in self.attempts if a.outcome in ("failed", "timeout")}
        return failed | {strategy for strategy, _ in self._known.tried if strategy != LEMMA}

    def _failed_light(self) -> int:
        weights = {arm.name: arm.strategy.weight for arm in self._shared.scheduler.arms}
        return sum(weights.get(name) == "light" for name in self._failed())

    def _completed(self, verdict: GoalVerdict) -> GoalVerdict:
        return replace(
            verdict,
            seconds=sum(attempt.seconds + attempt.verify_seconds for attempt in self.attempts),
            heartbeats=sum(attempt.heartbeats for attempt in self.attempts),
            attempts=tuple(self.attempts),
            tickets=self._detours.tickets,
        )


def _unfinished(turn: Turn, outcome: AttemptOutcome, seconds: float, reason: str = "") -> Attempt:
    """An attempt that something else has ended."""
    return Attempt(
        turn.name,
        outcome,
        turn.arm.strategy.parameters,
        reason=reason,
        seconds=seconds,
        budget_seconds=turn.seconds,
        budget_heartbeats=turn.heartbeats,
        started_at=time.time() - seconds,
    )
