"""What counts as a failure, for whom, and until when."""

from lean.goal import ANY_NUMBER, Goal
from lean.session import Session
from search.budget import Budget
from search.strategies.tries import Tries
from tests.search.proving import goal_of

TEXT = "theorem t (a b : Nat) (h : ¬b = 0) : a % b < b := by sorry"
LONG = "exact?"
"""It looks at 4,000 heartbeats' worth of theorems before it gives up."""


async def tries(session: Session, budget: Budget | None = None) -> Tries:
    _, goal = await goal_of(session, TEXT)
    return Tries(goal, session, budget or Budget(20.0))


async def on_the_goal(one: Tries, script: str) -> int | None:
    """The heartbeats at which the script is known to fail, after it was tried."""
    assert await one.closes([script]) is None
    return one.goal.failures.get(one.goal.text, {}).get(script)


async def test_what_ends_by_itself_fails_with_any_number_of_heartbeats(session: Session) -> None:
    one = await tries(session)
    assert await on_the_goal(one, "assumption") == ANY_NUMBER
    assert one.goal.has_failed(one.goal.text, "assumption", 0)


async def test_what_heartbeats_end_may_be_tried_with_more(session: Session) -> None:
    one = await tries(session)
    assert await on_the_goal(one, LONG) == one.limit == 2_000
    assert one.goal.has_failed(one.goal.text, LONG, 2_000)
    assert not one.goal.has_failed(one.goal.text, LONG, 2_001)
    more = Tries(one.goal, session, one.budget, share=0.1)
    assert await on_the_goal(more, LONG) == ANY_NUMBER
    assert (one.tried, more.tried) == (1, 1)


async def test_what_the_clock_ends_has_not_failed(session: Session) -> None:
    one = Tries((await tries(session)).goal, session, Budget(0.1))
    assert await on_the_goal(one, LONG) is None
    assert one.tried == 1 and not one.goal.failures


async def test_failures_are_shared_and_belong_to_the_goal_displayed(session: Session) -> None:
    one = await tries(session)
    await on_the_goal(one, "assumption")
    document, _ = await goal_of(session, TEXT)
    other = Tries(Goal.of(document, document.holes[0], one.goal.failures), session, Budget())
    assert await other.closes(["assumption"]) is None and other.tried == 0
    (proof,) = other.goal.proofs
    assert await other.closes_first(proof, "⊢ another", ["assumption"]) is None
    assert other.tried == 1


async def test_a_move_that_does_not_apply_is_a_failure_too(session: Session) -> None:
    one = await tries(session)
    (proof,) = one.goal.proofs
    for _ in range(2):
        assert await one.applies(proof, one.goal.text, "constructor") is None
    assert one.tried == 1


async def test_a_hole_and_its_proof_state_are_displayed_alike(session: Session) -> None:
    # Else what fails on one would be tried again on the other.
    alternatives = "  | zero => sorry\n  | succ n ih => sorry"
    text = f"theorem t (n : Nat) : n = n := by\n  induction n with\n{alternatives}"
    for number in (0, 1):
        _, goal = await goal_of(session, text, number)
        assert [one.display for one in await goal.features(session)] == [goal.text]
