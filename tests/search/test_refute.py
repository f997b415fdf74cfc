"""What `refute` says about false statements, and that it says nothing about true ones."""

import asyncio
import time

import pytest

from lean.session import Limits, Session
from lean.workspace import Workspace
from search.budget import Budget
from search.strategies.refute import Refute
from search.strategies.strategy import Available, Counterexample
from tests.search.proving import AMPLE, goal_of, run

COLOURS = """\
inductive Colour where
  | red | green | blue
def next : Colour → Colour
  | .red => .green
  | .green => .blue
  | .blue => .red
"""
TREE = """\
inductive Tree where
  | leaf
  | node (l : Tree) (x : Nat) (r : Tree)
def Tree.mirror : Tree → Tree
  | leaf => leaf
  | node l x r => node r.mirror x l.mirror
"""
PAIR = """\
inductive Pair (α : Type) where
  | both (a b : α)
def Pair.swap {α : Type} : Pair α → Pair α
  | .both a b => .both b a
"""
EVEN = """\
inductive Even : Nat → Prop where
  | zero : Even 0
  | step (n : Nat) (h : Even n) : Even (n + 2)
"""

FALSE = {
    "theorem f (n : Nat) : n < 5": "n = 5",
    "theorem f (a b : Nat) : a - b + b = a": "a = 0, b = 1",
    "theorem f (a : Int) : 0 ≤ a": "a = -1",
    "theorem f (b : Bool) : b = true": "b = false",
    "theorem f (xs : List Nat) : xs.reverse = xs": "xs = [0, 1]",
    "theorem f (x : Option Nat) : x.isSome = true": "x = none",
    "theorem f (x : Fin 4) : x.val < 3": "x = 3",
    "theorem f (x : BitVec 4) : x + 1#4 ≠ 0#4": "x = 15#4",
    'theorem f (s : String) : s = ""': 's = "a"',
    "theorem f (p : Nat × Bool) : p.1 = 0 ∨ p.2 = true": "p = (1, false)",
    "theorem f (p q : Prop) (h : p → q) : q → p": "p = False, q = True",
    "theorem f (g : Nat → Nat) (a b : Nat) (h : g a = g b) : a = b": "g = fun _ => 0, a = 0, b = 1",
    "theorem f (p : Nat → Prop) (h : ∃ n, p n) : ∀ n, p n": "p = fun x => x = 0, n = 1",
    "theorem f : ∀ n m : Nat, n ≤ m": "n = 1, m = 0",
    "theorem f {α : Type} (xs ys : List α) : xs ++ ys = ys ++ xs": "α = Nat, xs = [0], ys = [1]",
    "theorem f {α : Type} [DecidableEq α] (x y : α) : x = y": "α = Nat, x = 0, y = 1",
    "theorem f (n : Nat) (x : Fin n) : x.val = 0": "n = 2, x = 1",
    "theorem f (n : Nat) (h : ∃ k, n = 2 * k) : n % 4 = 0": "n = 2",
    COLOURS + "theorem f (c : Colour) : next (next c) = c": "c = Colour.red",
    TREE + "theorem f (t : Tree) : t.mirror = t": (
        "t = Tree.node Tree.leaf 0 (Tree.node Tree.leaf 0 Tree.leaf)"
    ),
    PAIR + "theorem f {α : Type} (p : Pair α) : p.swap = p": "α = Nat, p = Pair.both 0 1",
    EVEN + "theorem f (n : Nat) (h : Even n) : n < 2": "n = 2",
    "structure Point where\n  x : Nat\n  y : Nat\n"
    "theorem f (p : Point) : p.x ≤ p.y": "p = Point.mk 1 0",
    "theorem f : ∃ n : Nat, n < 0": "false outright",
    "theorem f : 2 + 2 = 5": "false outright",
    "theorem f (h : 1 = 1) : 1 = 2": "false outright",
}


async def proves_the_negation(session: Session, proof: int, found: Counterexample) -> None:
    """The script, run anew on the negation, makes a theorem that the kernel takes."""
    negation = await session.negate(proof)
    outcome = await session.step(negation.proof, found.proof, Limits(0, AMPLE))
    assert outcome.result == "proved" and outcome.proof is not None, outcome
    sealed = await session.seal(outcome.proof)
    session.discard(proofs=[negation.proof, negation.opened, outcome.proof])
    assert sealed.ok, sealed.message
    assert {axiom.kind for axiom in sealed.axioms} <= {"standard", "library"}
    assert not sealed.unproved


@pytest.mark.parametrize("statement", FALSE, ids=lambda text: text.split("theorem f ")[-1])
async def test_false_statements_and_their_values(session: Session, statement: str) -> None:
    found = await run(session, Refute(), f"{statement} := by sorry")
    counterexample = found.result.refutation
    assert found.result.success and counterexample is not None, found.result.error
    assert str(counterexample) == FALSE[statement]
    assert found.result.tactics == () and found.result.error == ""
    (proof,) = found.goal.proofs
    await proves_the_negation(session, proof, counterexample)


TRUE = [
    "(a b : Nat) : a + b = b + a",
    "(p q : Prop) : p ∧ q → q ∧ p",
    "(f : Nat → Nat) (h : ∀ x, f x = x) : f 3 = 3",
    "(n : Nat) (h : 10 < n) : 9 < n",
    "{α : Type} (x : α) : ∃ y, y = x",
    ": ¬ ∃ n : Nat, n < 0",
    "(n : Nat) : ∃ m, n < m",
    "(xs : List Nat) (x : Nat) (h : x ∈ xs) : xs ≠ []",
    "(p : Prop) : p ∨ ¬ p",
    "(b : Bool) : (b && !b) = false",
    # Vacuous: no values satisfy the hypotheses, or there are none.
    "(n : Nat) (h : n < 0) : n = 7",
    "(n : Nat) (h : n * n = 2) : n = 100",
    "(x : Empty) : 1 = 2",
    "(x : Fin 0) : 1 = 2",
    "(n : Nat) (x : Fin n) (h : n = 0) : 1 = 2",
    # Contradictory hypotheses: whatever follows, follows.
    "(p : Prop) (h : p) (g : ¬ p) : 1 = 2",
    "(n : Nat) (h : n = n + 1) : n < 0",
    "(h : False) : 2 + 2 = 5",
    "(b : Bool) (h : b = true) (g : b = false) : False",
    "(f : Nat → Nat) (h : ∀ n, f n < f (n + 1)) (g : f 1 = 0) : 1 = 2",
]


@pytest.mark.parametrize("statement", TRUE)
async def test_true_statements_are_not_refuted(session: Session, statement: str) -> None:
    result = (await run(session, Refute(), f"theorem t {statement} := by sorry", 4.0)).result
    assert not result.success and result.refutation is None
    assert result.error == "no counterexample among small values"
    assert result.scripts_tried > 0


class TestSeveralProofStates:
    """A `sorry` that stands for several goals is refuted by any that is false."""

    async def test_the_second(self, session: Session) -> None:
        text = "theorem f (p q : Prop) (hp : p) : p ∧ q := by\n  constructor <;> sorry"
        found = await run(session, Refute(), text)
        assert str(found.result.refutation) == "p = True, q = False"
        assert found.result.refutation is not None
        await proves_the_negation(session, found.goal.proofs[1], found.result.refutation)

    async def test_none(self, session: Session) -> None:
        text = "theorem t (p q : Prop) (hp : p) (hq : q) : p ∧ q := by\n  constructor <;> sorry"
        assert not (await run(session, Refute(), text, 4.0)).result.success


async def test_a_goal_in_the_middle_of_a_proof(session: Session) -> None:
    text = "theorem f (a b : Nat) (h : a < b) : a < 9 := by\n  have k : b < 4 := by sorry\n  omega"
    assert str((await run(session, Refute(), text)).result.refutation) == "a = 0, b = 5"


async def test_definitions_of_functions_are_evaluated(session: Session) -> None:
    text = "def double (n : Nat) : Nat := n + n\ntheorem f (n : Nat) : double n = n * n := by sorry"
    assert str((await run(session, Refute(), text)).result.refutation) == "n = 1"


async def test_the_budget_holds(session: Session) -> None:
    text = (
        "theorem t (f g : Nat → Nat) (a b c : Nat) (xs : List Nat) (h : ∀ x, f x = g x) :\n"
        "    xs.map (fun x => f x + a * b * c) = xs.map (fun x => a * (b * c) + g x) := by sorry"
    )
    _, goal = await goal_of(session, text)
    for seconds in (0.0, 0.3, 1.0):
        started = time.monotonic()
        assert not (await Refute().run(goal, session, Budget(seconds=seconds))).success
        assert time.monotonic() - started < seconds + 10.0


@pytest.mark.parametrize("statement", ["(n : Nat) : n < 5", "(a b : Nat) : a + b = b + a"])
async def test_nothing_is_left_behind(session: Session, statement: str) -> None:
    _, goal = await goal_of(session, f"theorem t {statement} := by sorry")
    before = (await session.stats()).proofs
    await Refute().run(goal, session, Budget(seconds=AMPLE))
    assert (await session.stats()).proofs == before


async def test_nothing_is_left_behind_by_a_cancelled_run(session: Session) -> None:
    _, goal = await goal_of(
        session, "theorem t (a b c d : Nat) : a + b + c + d ≥ c + d := by sorry"
    )
    before = (await session.stats()).proofs
    for delay in (0.01, 0.1, 0.3):
        task = asyncio.create_task(Refute().run(goal, session, Budget(seconds=AMPLE)))
        await asyncio.sleep(delay)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert (await session.stats()).proofs == before


def test_it_runs_everywhere(workspace: Workspace) -> None:
    assert isinstance(Refute().available(workspace), Available)


def test_a_counterexample_is_shown_as_values() -> None:
    assert str(Counterexample((("n", "5"), ("xs", "[]")), "")) == "n = 5, xs = []"
    assert str(Counterexample((), "")) == "false outright"
