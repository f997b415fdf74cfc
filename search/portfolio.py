"""Which strategies try a goal, in which order, and what their findings are worth.

A plan is a list of steps; a `GoalSearch` walks it for one goal. Every script that a step finds
passes `lean.verify`, every counterexample `search.refutation`. Which goals are tried when, and on
which session, is the engine's business.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from lean.document import Document
from lean.errors import ProtocolError, RequestRefused, SessionDied
from lean.goal import Goal
from lean.hole import Hole
from lean.insertion import insertion
from lean.session import Session
from lean.verify import Policy, verify
from search import refutation
from search.budget import Budget
from search.events import Attempt, GoalHandle, GoalVerdict
from search.settings import Effort
from search.strategies.strategy import Result, Strategy

GRACE = 3.0
"""Seconds past its budget after which a strategy is cancelled; each looks at its budget itself."""
LEAST = 0.05
"""Seconds below which a step is not worth starting."""
TRIES = 2
"""Sessions that one step may wear out on one goal."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """One strategy's turn: its share of the goal's seconds and of the heartbeats a script gets.

    What a step leaves over goes to those behind it.
    """

    strategy: Strategy
    seconds: float = 1.0
    heartbeats: float = 1.0


def default_plan() -> tuple[Step, ...]:
    """The usual order: what is quickly proved or refuted first, then the search in earnest.

    Most goals fall to a cheap tactic in milliseconds, so refuting waits until those have failed. A
    false goal is nearly always refuted within 0.1 s (`bench.refutations`), so the first look is
    short, and what the search leaves of the time goes to a longer one.
    """
    # Imported here, so that a caller with strategies of its own does not load these.
    from search.strategies.micro import Micro
    from search.strategies.refute import Refute

    return (
        Step(Micro(stages=("close",)), 0.3, 0.25),
        Step(Refute(), 0.04, 0.25),
        Step(Micro(stages=("structure",)), 0.7),
        Step(Refute()),
    )


def skip_reason(hole: Hole) -> str:
    """Why a hole is never filled, or the empty string."""
    if hole.mode == "data":
        return "it wants a value, not a proof"
    if not hole.editable:
        return "a macro wrote it"
    return ""


class GoalSearch:
    """One goal being searched: what was tried so far, and what it has cost.

    `run` may be called again, on another session, after it raised SessionDied or ProtocolError; it
    goes on where it was. `report` is called with each attempt as soon as it has ended. Nothing may
    rest on the imported declarations that are `unproved`.
    """

    def __init__(
        self,
        handle: GoalHandle,
        plan: Sequence[Step],
        effort: Effort,
        policy: Policy,
        report: Callable[[Attempt], None],
        unproved: frozenset[str] = frozenset(),
    ) -> None:
        self.lives = TRIES * len(plan)
        """How often `run` can raise because of a session."""
        self.attempts: list[Attempt] = []
        self._handle = handle
        self._plan = plan
        self._effort = effort
        self._policy = policy
        self._report = report
        self._unproved = unproved
        self._position = 0
        self._deaths = 0
        self._spent = 0.0

    async def run(self, session: Session, document: Document, hole: Hole) -> GoalVerdict:
        """Walk the plan until something is accepted or the time is used up.

        `hole` of `document` is the goal, on `session`. Cancelled, it leaves nothing running.
        """
        started = time.monotonic()
        try:
            found = await self._walk(session, document, hole, started)
        except (SessionDied, ProtocolError) as error:
            self._spent += time.monotonic() - started
            if self._goes_on_after(error):
                raise
            return self.open(self._last_reason())
        self._spent += time.monotonic() - started
        return self._completed(found) if found else self.open(self._last_reason())

    def open(self, reason: str = "") -> GoalVerdict:
        """The verdict when nothing was found; `reason` when something went wrong."""
        return self._completed(GoalVerdict(self._handle, "open", reason=reason))

    async def _walk(
        self, session: Session, document: Document, hole: Hole, started: float
    ) -> GoalVerdict | None:
        goal = Goal.of(document, hole)
        while self._position < len(self._plan):
            step = self._plan[self._position]
            left = self._effort.seconds - self._spent - (time.monotonic() - started)
            seconds = min(left, step.seconds * self._effort.seconds)
            if seconds >= LEAST:
                budget = Budget(seconds, max(1, round(step.heartbeats * self._effort.heartbeats)))
                result = await _run(step.strategy, goal, session, budget)
                verdict = await self._judge(session, document, hole, result)
                if verdict is not None:
                    return verdict
            self._position, self._deaths = self._position + 1, 0
        return None

    async def _judge(
        self, session: Session, document: Document, hole: Hole, result: Result
    ) -> GoalVerdict | None:
        """Verify what was found, record the attempt, and return the verdict if it is one."""
        started = time.monotonic()
        verdict = GoalVerdict(self._handle, "open", strategy=result.strategy)
        reason = result.error
        if result.refutation is not None:
            reason = await refutation.objection(session, hole, result.refutation, self._policy)
            verdict = replace(verdict, kind="refuted", counterexample=result.refutation)
        elif result.success:
            axioms, reason = await self._axioms(session, document, hole, result.script)
            edit = insertion(document, hole, result.script)
            verdict = replace(
                verdict, kind="proved", script=result.script, edit=edit, axioms=axioms
            )
        accepted = verdict.kind != "open" and not reason
        self._record(
            Attempt(
                strategy=result.strategy,
                success=accepted,
                script=result.script,
                counterexample=result.refutation,
                reason=reason,
                seconds=result.time_seconds,
                verify_seconds=time.monotonic() - started,
                heartbeats=result.heartbeats,
                scripts_tried=result.scripts_tried,
            )
        )
        return verdict if accepted else None

    async def _axioms(
        self, session: Session, document: Document, hole: Hole, script: str
    ) -> tuple[tuple[str, ...], str]:
        """What an accepted proof rests on, or why it is not accepted."""
        try:
            judged = await verify(session, document, hole, script, self._policy)
        except RequestRefused as refusal:
            return (), f"not verified: {refusal}"
        if resting := self._unproved.intersection(judged.axioms):
            return (), f"rejected: it rests on {min(resting)}, which an imported file leaves open"
        if judged.accepted:
            return judged.axioms, ""
        return (), f"rejected ({judged.reason}): {judged.detail}"

    def _goes_on_after(self, error: Exception) -> bool:
        """Count a session's death against the step that ran; is there anything left to try?"""
        self._deaths += 1
        if self._deaths >= TRIES:
            strategy = self._plan[self._position].strategy.name
            self._record(Attempt(strategy, success=False, reason=str(error)))
            self._position, self._deaths = self._position + 1, 0
        return self._position < len(self._plan)

    def _record(self, attempt: Attempt) -> None:
        """Write an attempt down before anything follows from it."""
        self.attempts.append(attempt)
        self._report(attempt)

    def _completed(self, verdict: GoalVerdict) -> GoalVerdict:
        return replace(
            verdict,
            seconds=self._spent,
            heartbeats=sum(attempt.heartbeats for attempt in self.attempts),
            attempts=tuple(self.attempts),
        )

    def _last_reason(self) -> str:
        """The last error or rejection, if there was one: finding nothing is no error."""
        return next((attempt.reason for attempt in reversed(self.attempts) if attempt.reason), "")


async def _run(strategy: Strategy, goal: Goal, session: Session, budget: Budget) -> Result:
    """The strategy's result; one that overruns its budget or breaks has failed.

    Raises SessionDied, ProtocolError.
    """
    started = time.monotonic()
    try:
        async with asyncio.timeout(budget.seconds + GRACE):
            return await strategy.run(goal, session, budget)
    except (SessionDied, ProtocolError):
        raise
    except TimeoutError:
        error = f"it did not stop after {budget.seconds:.1f} s"
    except Exception as failure:
        # The boundary between the engine and any strategy: its faults must not end the search.
        error = f"{type(failure).__name__}: {failure}"
        logger.error("strategy %s broke at %s: %s", strategy.name, goal.path, error)
        logger.debug("its traceback", exc_info=True)
    return Result(False, strategy.name, time_seconds=time.monotonic() - started, error=error)
