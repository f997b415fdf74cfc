"""What is left of a goal after the best move, and that scripts put there make a proof."""

import pytest

from lean.session import Session
from lean.verify import verify
from search.budget import Budget
from search.partial_proof import PartialProof, partial_proof
from tests.search.proving import goal_of

LOADS = """\
inductive Load where
  | empty
  | put (n : Nat) (rest : Load)
theorem heavy : ∃ f : Nat → Nat, ∀ n, 7 ≤ f n := ⟨fun n => n + 7, Nat.le_add_left 7⟩
noncomputable def weight : Nat → Nat := Classical.choose heavy
noncomputable def total : Load → Nat
  | .empty => 0
  | .put n rest => weight n + total rest
def count : Load → Nat
  | .empty => 0
  | .put _ rest => 1 + count rest
theorem t (s : Load) : 7 * count s ≤ total s := by sorry
"""
"""The step needs to know of `Classical.choose_spec`, which no closer does."""
SPEC = "have := Classical.choose_spec heavy n\nsimp only [count, total, weight]\nomega"
SIDES = "theorem t (p q : Prop) (h : p) : p ∧ q := by sorry"
NEITHER = "theorem t (p q r : Prop) : p ∧ q ∧ r := by sorry"


async def found(session: Session, text: str) -> PartialProof:
    _, goal = await goal_of(session, text)
    partial = await partial_proof(goal, session, Budget(30.0))
    assert partial is not None
    return partial


async def test_what_closers_close_is_written_and_one_goal_left(session: Session) -> None:
    partial = await found(session, SIDES)
    assert partial.script_with_holes == "constructor\n· assumption\n· ⟪1⟫"
    (left,) = partial.remaining
    assert left.endswith("⊢ q")


async def test_the_proof_state_has_the_goals_that_are_left(session: Session) -> None:
    partial = await found(session, LOADS)
    goals = await session.features(partial.proof)
    assert tuple(goal.display for goal in goals) == partial.remaining
    assert len(goals) == 1 and "ih" in goals[0].display


async def test_filled_it_is_a_proof(session: Session) -> None:
    document, goal = await goal_of(session, LOADS)
    partial = await partial_proof(goal, session, Budget(30.0))
    assert partial is not None
    assert partial.script_with_holes.startswith("induction s with\n| empty => ")
    script = partial.fill([SPEC])
    verdict = await verify(session, document, goal.hole, script)
    assert verdict.accepted, f"{verdict}\n{script}"


async def test_nothing_else_is_kept(session: Session) -> None:
    _, goal = await goal_of(session, LOADS)
    before = (await session.stats()).proofs
    partial = await partial_proof(goal, session, Budget(30.0))
    assert partial is not None
    assert (await session.stats()).proofs == before + 1
    session.discard(proofs=[partial.proof])
    assert (await session.stats()).proofs == before


async def test_a_move_that_closes_nothing_is_no_progress(session: Session) -> None:
    _, goal = await goal_of(session, NEITHER)
    assert await partial_proof(goal, session, Budget(3.0)) is None


PLACES = {
    "in a line of its own": ("intro h\n⟪1⟫", "intro h\nsimp\nomega"),
    "behind a bullet": ("constructor\n· rfl\n· ⟪1⟫", "constructor\n· rfl\n· simp\n  omega"),
    "behind an alternative": (
        "cases n with\n| zero => rfl\n| succ n => ⟪1⟫",
        "cases n with\n| zero => rfl\n| succ n =>\n  simp\n  omega",
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_script_of_two_lines(place: str) -> None:
    with_holes, filled = PLACES[place]
    assert PartialProof(with_holes, ("⊢ False",), 1).fill(["simp\nomega"]) == filled


def test_as_many_scripts_as_places() -> None:
    with pytest.raises(ValueError, match="1 scripts are wanted"):
        PartialProof("⟪1⟫", ("⊢ False",), 1).fill([])
    with pytest.raises(ValueError, match="no place ⟪1⟫"):
        PartialProof("omega", ("⊢ False",), 1).fill(["simp"])
