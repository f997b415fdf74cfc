"""One strategy on one goal: run it within its budget, and judge what it finds.

Every script passes `lean.verify`, every counterexample `search.refutation`. Which strategy runs on
which goal when is decided elsewhere; writing the attempt down is the engine's business.
"""

import logging
import time
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import Any

from lean.document import Document
from lean.errors import ProtocolError, RequestRefused, SessionDied
from lean.goal import Goal
from lean.hole import Hole
from lean.insertion import insertion
from lean.process import within
from lean.session import Session
from lean.verify import Policy, verify
from search import refutation
from search.budget import Budget
from search.events import OVERRUN, Attempt, GoalHandle, GoalVerdict
from search.premises import premises_named
from search.records import AttemptOutcome
from search.strategies.strategy import Result, Strategy

GRACE = 3.0
"""Seconds past its budget after which a strategy is cancelled; each looks at its budget itself."""
TIMED_OUT = 0.9
"""The part of its seconds after which a strategy that found nothing was stopped by the clock."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """A goal where it stands on a session: the document there, its hole, and its handle."""

    session: Session
    document: Document
    hole: Hole
    handle: GoalHandle


@dataclass(frozen=True, slots=True)
class Judge:
    """What a workspace accepts: its policy, and the imported declarations nothing may rest on."""

    policy: Policy
    unproved: frozenset[str] = frozenset()

    async def verdict(self, place: Place, result: Result) -> tuple[GoalVerdict, str]:
        """The verdict on a result, which is `open` unless it is accepted; and why it is not.

        Raises SessionDied, ProtocolError.
        """
        unproved = GoalVerdict(place.handle, "open", strategy=result.strategy)
        if result.refutation is not None:
            found = result.refutation
            reason = await refutation.objection(
                place.session, place.hole, found, self.policy, self.unproved
            )
            if reason:
                return unproved, reason
            return replace(unproved, kind="refuted", counterexample=found), ""
        if not result.success:
            return unproved, result.error
        verdict = await self.verdict_on(place, result.script)
        return replace(verdict, strategy=result.strategy), verdict.reason

    async def verdict_on(self, place: Place, script: str) -> GoalVerdict:
        """`proved` by this script, or `open` with the reason why not.

        Raises SessionDied, ProtocolError.
        """
        axioms, reason = await self._axioms(place, script)
        if reason:
            return GoalVerdict(place.handle, "open", reason=reason)
        edit = insertion(place.document, place.hole, script)
        return GoalVerdict(place.handle, "proved", script, edit=edit, axioms=axioms)

    async def _axioms(self, place: Place, script: str) -> tuple[tuple[str, ...], str]:
        """What an accepted proof rests on, or why it is not accepted."""
        try:
            judged = await verify(place.session, place.document, place.hole, script, self.policy)
        except RequestRefused as refusal:
            return (), f"not verified: {refusal}"
        if resting := self.unproved.intersection(judged.axioms):
            return (), f"rejected: it rests on {min(resting)}, which an imported file leaves open"
        if judged.accepted:
            return judged.axioms, ""
        return (), f"rejected ({judged.reason}): {judged.detail}"


async def attempt(
    strategy: Strategy,
    place: Place,
    budget: Budget,
    failures: dict[str, dict[str, int]],
    judge: Judge,
) -> tuple[Attempt, GoalVerdict]:
    """Run `strategy` at `place`; the attempt, and the verdict on what it found.

    `failures` are the scripts known to fail, which it adds to (`Goal.failures`). A strategy that
    overruns its budget or breaks has failed. Raises SessionDied, ProtocolError; cancelled, it
    leaves nothing running.
    """
    goal = Goal.of(place.document, place.hole, failures)
    started_at = time.time()
    result, outcome = await _run(strategy.name, budget, strategy.run(goal, place.session, budget))
    judged = time.monotonic()
    verdict, reason = await judge.verdict(place, result)
    if verdict.kind != "open":
        outcome = "proved" if verdict.kind == "proved" else "refuted"
    record = Attempt(
        strategy=result.strategy,
        outcome=outcome,
        parameters=strategy.parameters,
        script=result.script,
        counterexample=result.refutation,
        reason=reason,
        # Where work is what counts, a strategy's own watch tells something else.
        seconds=result.time_seconds if place.session.work is None else budget.spent,
        verify_seconds=time.monotonic() - judged,
        heartbeats=result.heartbeats,
        scripts_tried=result.scripts_tried,
        budget_seconds=budget.seconds,
        budget_heartbeats=budget.heartbeats,
        remaining=result.subgoals,
        premises=result.premises or _premises(place, result.script),
        started_at=started_at,
    )
    return record, verdict


def _premises(place: Place, script: str) -> tuple[str, ...]:
    """What the script names, where the strategy does not say it."""
    declared = [name for command in place.document.commands for name in command.declarations]
    return premises_named(script, declared, place.handle.key.hypotheses) if script else ()


async def _run(
    strategy: str, budget: Budget, run: Coroutine[Any, Any, Result]
) -> tuple[Result, AttemptOutcome]:
    outcome: AttemptOutcome = "timeout"
    try:
        result = await within(budget.seconds + GRACE, budget.clock, run)
        if result.early:
            return result, "cancelled"
        late = budget.spent > TIMED_OUT * budget.seconds
        return result, "timeout" if late else "failed"
    except (SessionDied, ProtocolError):
        raise
    except TimeoutError:
        error = f"{OVERRUN} after {budget.seconds:.1f} s"
    except Exception as failure:
        # The boundary between the engine and any strategy: its faults must not end the search.
        outcome, error = "error", f"{type(failure).__name__}: {failure}"
        logger.exception("strategy %s broke", strategy)
    return Result(False, strategy, time_seconds=budget.spent, error=error), outcome
