"""`neighbours`: goals that fall because one like them did; what it finds is judged by Lean.

What is remembered of a step, and for which goal it is offered: tests/search/learning.
"""

import asyncio
import json

import pytest

from lean.document import elaborate
from lean.protocol import GoalFeatures
from lean.session import Session
from search.budget import Budget
from search.learning.naming import naming
from search.learning.step_index import StepIndex
from search.proof_steps import steps_of
from search.strategies.neighbours import Neighbours
from tests.search.proving import goal_of, proves, run

LISTS = """\
namespace Lists
def app : List Nat → List Nat → List Nat
  | [], ys => ys
  | x :: xs, ys => x :: app xs ys
def total : List Nat → Nat
  | [] => 0
  | x :: xs => x + total xs
def weight : List Nat → Nat
  | [] => 1
  | x :: xs => x + 1 + weight xs
inductive Even : Nat → Prop where
  | zero : Even 0
  | step (n : Nat) : Even n → Even (n + 2)
"""
TOTAL = """\
theorem total_app (xs ys : List Nat) : total (app xs ys) = total xs + total ys := by
  induction xs with
  | nil => simp [app, total]
  | cons x xs ih => simp only [app, total, ih, Nat.add_assoc]
"""
WEIGHT = "theorem t (as bs : List Nat) : weight (app as bs) + 1 = weight as + weight bs := by sorry"


async def learned(session: Session, text: str, path: str = "A.lean") -> StepIndex:
    """What there is to learn from a text."""
    document = await elaborate(session, text, path=path, steps=True)
    assert document.elaborates, document.errors
    index = StepIndex()
    index.replace(path, steps_of(document))
    return index


async def test_a_proof_is_found_because_a_similar_one_was_written(session: Session) -> None:
    index = await learned(session, LISTS + TOTAL)
    nothing = await run(session, Neighbours(StepIndex()), LISTS + WEIGHT)
    assert nothing.result.error == "nothing to learn from yet"
    unlike = await learned(session, "theorem a : 1 = 1 := by rfl")
    assert not (await run(session, Neighbours(unlike), LISTS + WEIGHT)).result.success
    script = await proves(session, LISTS + TOTAL + WEIGHT, Neighbours(index))
    assert script.startswith("induction as") and "weight" in script


async def test_steps_that_chain_without_names_get_names(session: Session) -> None:
    proved = (
        "theorem a (p q r : Prop) (f : p → r) (g : q → r) : (p ∨ q) ∧ p → r ∧ True := by\n"
        "  intro h\n  constructor\n  cases h.1\n  next k => exact f k\n  next k => exact g k\n"
        "  trivial\n"
    )
    index = await learned(session, proved)
    text = "theorem t (s t u : Prop) (a : s → u) (b : t → u) : (s ∨ t) ∧ s → u ∧ True := by sorry"
    assert await proves(session, text, Neighbours(index))


async def test_a_predicate_is_taken_apart_as_before(session: Session) -> None:
    proved = "theorem a (n : Nat) (h : Even n) : n % 2 = 0 := by\n  induction h <;> omega\n"
    index = await learned(session, LISTS + proved)
    text = LISTS + "theorem t (m : Nat) (k : Even m) : (m + m) % 4 = 0 := by sorry"
    assert await proves(session, text, Neighbours(index)) == "induction k <;> omega"


async def test_own_steps_can_be_left_out(session: Session) -> None:
    index = await learned(session, LISTS + TOTAL)
    text = LISTS + TOTAL.replace(TOTAL[TOTAL.index("  induction") :], "  sorry")
    assert (await run(session, Neighbours(index), text)).result.success
    assert not (await run(session, Neighbours(index, own=False), text)).result.success


async def test_other_premises_come_from_whoever_knows_them(session: Session) -> None:
    async def known(session: Session, proof: int, goal: GoalFeatures, count: int) -> list[str]:
        return ["Nat.dvd_mul_left", "Nat.dvd_mul_right"][:count]

    index = await learned(
        session, "theorem c (a b : Nat) : a ∣ b * a := by\n  exact Nat.dvd_mul_left a b\n"
    )
    text = "theorem t (a b : Nat) : a ∣ a * b := by sorry"
    assert not (await run(session, Neighbours(index), text)).result.success
    assert "Nat.dvd_mul_right" in await proves(session, text, Neighbours(index, known))


async def test_the_budget_is_kept(session: Session) -> None:
    index = await learned(session, LISTS + TOTAL)
    none = await run(session, Neighbours(index), LISTS + WEIGHT, seconds=0)
    assert not none.result.success and none.result.scripts_tried == 0


async def test_cancelled_it_leaves_no_proof_state_behind(session: Session) -> None:
    index = await learned(session, LISTS + TOTAL)
    _, goal = await goal_of(session, LISTS + "theorem t (xs : List Nat) : total xs < 7 := by sorry")
    before = (await session.stats()).proofs
    calls, held = 0, asyncio.Event()

    async def known(session: Session, proof: int, goal: GoalFeatures, count: int) -> list[str]:
        nonlocal calls
        calls += 1
        if calls > 1:
            # The first goal was taken apart: states of what is left of it are kept now.
            held.set()
            await asyncio.sleep(3600)
        return []

    search = asyncio.create_task(Neighbours(index, known).run(goal, session, Budget(60.0)))
    await asyncio.wait_for(held.wait(), 60)
    assert (await session.stats()).proofs > before
    search.cancel()
    with pytest.raises(asyncio.CancelledError):
        await search
    await session.settled()
    assert (await session.stats()).proofs == before


async def test_several_goals_at_one_hole_are_left_to_others(session: Session) -> None:
    index = await learned(session, LISTS + TOTAL)
    text = "theorem t (p q : Prop) (hp : p) (hq : q) : p ∧ q := by\n  constructor <;> sorry"
    assert (await run(session, Neighbours(index), text)).result.error == (
        "the hole stands for several goals"
    )


async def test_its_parameters_say_how_much_there_is_to_learn_from(session: Session) -> None:
    index = await learned(session, LISTS + TOTAL)
    assert json.loads(Neighbours(index).parameters) == {"steps": index.revision}
    assert index.revision == 2 and len(index) == 3


async def test_names_for_hypotheses_without(session: Session) -> None:
    text = "theorem t (xs : List Nat) (p q : Prop) (h : p ∨ q) : xs = xs := by sorry"
    _, goal = await goal_of(session, text)
    after = await session.step(goal.proofs[0], "induction xs")
    assert after.proof is not None
    after = await session.step(after.proof, "· rfl")
    assert after.proof is not None
    assert naming((await session.features(after.proof))[0]) == "rename_i n xs ih"
    await session.drop(proofs=[after.proof])
