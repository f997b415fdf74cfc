"""Puts strategies to the holes of a text, for tests: what they find is judged by `lean.verify`."""

from collections.abc import Sequence
from dataclasses import dataclass

from lean.document import Document, elaborate
from lean.goal import Failures, Goal
from lean.protocol import GoalFeatures
from lean.session import Session
from lean.verify import verify
from search.arms import default_arms
from search.budget import Budget
from search.strategies.strategy import Result, Strategy

AMPLE = 60.0
"""Seconds that no goal of these tests needs: heartbeats, the same everywhere, decide instead."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a strategy made of one goal."""

    document: Document
    goal: Goal
    result: Result


def provers() -> list[Strategy]:
    """The light strategies that look for a proof and learn nothing, in their usual order."""
    strategies = [arm.strategy for arm in default_arms()]
    others = ("refute", "memory", "premises")
    return [one for one in strategies if one.weight == "light" and one.family not in others]


async def goal_of(
    session: Session, text: str, number: int = 0, failures: Failures | None = None
) -> tuple[Document, Goal]:
    """The goal of the hole with this number in a text that has no error."""
    document = await elaborate(session, text)
    assert document.elaborates, document.errors
    return document, Goal.of(document, document.holes[number], failures)


async def features_of(session: Session, text: str, number: int = 0) -> GoalFeatures:
    """The features of that goal, of its first proof state."""
    _, goal = await goal_of(session, text, number)
    return (await goal.features(session))[0]


async def run(
    session: Session,
    strategies: Strategy | Sequence[Strategy],
    text: str,
    seconds: float = AMPLE,
    number: int = 0,
) -> Found:
    """One run of each on the hole with this number, until one succeeds; the last result."""
    document, goal = await goal_of(session, text, number)
    result = Result(False, "")
    for strategy in strategies if isinstance(strategies, Sequence) else [strategies]:
        result = await strategy.run(goal, session, Budget(seconds=seconds))
        if result.success:
            break
    return Found(document, goal, result)


async def proves(
    session: Session,
    text: str,
    strategies: Strategy | Sequence[Strategy] | None = None,
    number: int = 0,
) -> str:
    """The script that was found; it is a proof where it stands, by the last word on proofs."""
    found = await run(session, strategies or provers(), text, number=number)
    assert found.result.success, f"nothing found for\n{found.goal.text}"
    script = found.result.script
    verdict = await verify(session, found.document, found.goal.hole, script)
    assert verdict.accepted, f"{verdict}\n{script}"
    return script
