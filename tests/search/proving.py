"""Puts strategies to the holes of a text, for tests: what they find is judged by `lean.verify`."""

from dataclasses import dataclass

from lean.document import Document, elaborate
from lean.goal import Goal
from lean.protocol import GoalFeatures
from lean.session import Session
from lean.verify import verify
from search.budget import Budget
from search.strategies.micro import Micro
from search.strategies.strategy import Result, Strategy

AMPLE = 60.0
"""Seconds that no goal of these tests needs: heartbeats, the same everywhere, decide instead."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a strategy made of one goal."""

    document: Document
    goal: Goal
    result: Result


async def goal_of(session: Session, text: str, number: int = 0) -> tuple[Document, Goal]:
    """The goal of the hole with this number in a text that has no error."""
    document = await elaborate(session, text)
    assert document.elaborates, document.errors
    return document, Goal.of(document, document.holes[number])


async def features_of(session: Session, text: str, number: int = 0) -> GoalFeatures:
    """The features of that goal, of its first proof state."""
    _, goal = await goal_of(session, text, number)
    return (await goal.features(session))[0]


async def run(
    session: Session, strategy: Strategy, text: str, seconds: float = AMPLE, number: int = 0
) -> Found:
    """One run on the hole with this number."""
    document, goal = await goal_of(session, text, number)
    return Found(document, goal, await strategy.run(goal, session, Budget(seconds=seconds)))


async def proves(
    session: Session, text: str, strategy: Strategy | None = None, number: int = 0
) -> str:
    """The script that was found; it is a proof where it stands, by the last word on proofs."""
    found = await run(session, strategy or Micro(), text, number=number)
    assert found.result.success, f"nothing found for\n{found.goal.text}"
    script = found.result.script
    verdict = await verify(session, found.document, found.goal.hole, script)
    assert verdict.accepted, f"{verdict}\n{script}"
    return script
