"""A strategy ends when its budget does, and leaves no proof state behind, however it ends."""

import asyncio
import time

import pytest

from lean.session import Session
from search.budget import Budget
from search.strategies.structure import Structure
from tests.search.proving import AMPLE, goal_of

SUM = """\
def sumTo (n : Nat) (accumulator : Nat) : Nat :=
  match n with
  | 0 => accumulator
  | n + 1 => sumTo n (accumulator + n + 1)
"""
TREE = """\
inductive Tree where
  | leaf
  | node (left : Tree) (value : Nat) (right : Tree)
def Tree.mirror : Tree → Tree
  | leaf => leaf
  | node l x r => node r.mirror x l.mirror
"""
HOPELESS = (
    SUM + "theorem t (n a b : Nat) (xs : List Nat) (h : ∀ k, sumTo k b = xs.length * sumTo a k) :\n"
    "    sumTo n (a * b) = xs.foldl (fun x y => x * y + sumTo y x) (sumTo b a) := by sorry"
)


@pytest.mark.parametrize("seconds", [0.0, 0.5, 2.0])
async def test_the_budget_holds(session: Session, seconds: float) -> None:
    _, goal = await goal_of(session, HOPELESS)
    started = time.monotonic()
    result = await Structure().run(goal, session, Budget(seconds=seconds))
    assert not result.success
    assert time.monotonic() - started < seconds + 10.0
    assert result.time_seconds < seconds + 10.0


class TestNothingIsLeftBehind:
    """Proof states of the search are dropped, however it ends."""

    @staticmethod
    async def held(session: Session) -> int:
        # Requests are served in order: what was discarded before is gone when this answers.
        return (await session.stats()).proofs

    async def test_after_success(self, session: Session) -> None:
        _, goal = await goal_of(
            session, TREE + "theorem t (a : Tree) : a = a.mirror.mirror := by sorry"
        )
        before = await self.held(session)
        assert (await Structure().run(goal, session, Budget(AMPLE))).success
        assert await self.held(session) == before

    async def test_after_failure(self, session: Session) -> None:
        _, goal = await goal_of(session, HOPELESS)
        before = await self.held(session)
        assert not (await Structure().run(goal, session, Budget(1.5))).success
        assert await self.held(session) == before

    async def test_after_cancelling(self, session: Session) -> None:
        _, goal = await goal_of(session, HOPELESS)
        before = await self.held(session)
        for delay in (0.05, 0.3, 0.8):
            task = asyncio.create_task(Structure().run(goal, session, Budget(30.0)))
            await asyncio.sleep(delay)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert await self.held(session) == before
