"""What `micro` finds, and in what form.

Moves by themselves: test_micro_moves.py; time and what is left behind: test_micro_budget.py.
"""

import pytest
from proving import features_of, proves, run

from lean.session import Session
from lean.workspace import Workspace
from search.strategies.micro import Micro
from search.strategies.micro_closers import PROBED, closers, is_search
from search.strategies.strategy import Available

STRUCTURE = Micro(("structure",))
"""Makes a move first, even where a closer would do."""

CLOSED = {
    "(a : Nat) : a = a": "rfl",
    ": True": "trivial",
    "(p q : Prop) (h : p) (g : q) : q": "assumption",
    "(p : Prop) (h : False) : p": "contradiction",
    "(p : Prop) (h : p) (g : ¬p) : 1 = 2": "contradiction",
    ": ¬ 7 ∣ 15": "decide",
    ": ∀ b : Bool, (b || !b) = true": "decide",
    "(a b : Bool) : (a && b) = (b && a)": "revert a b; decide",
    "(x : Fin 5) : x + x = 2 * x": "revert x; decide",
    "(a b c : Nat) (h : a < b) : a + c < b + c": "omega",
    "(a b : Int) (h : 2 * a = 2 * b) : b = a": "omega",
    "(α : Type) (xs : List α) : xs ++ [] = xs": "simp",
    "(f : Nat → Nat) (a b : Nat) (h : f a = b) (g : a = 0) : f 0 = b": "simp_all",
    "(x y : BitVec 8) : x &&& y = y &&& x": "ac_rfl",
    "(x y : BitVec 32) (h : x < y) : x ≠ y": "bv_omega",
    "(p q : Nat → Prop) (h : ∀ n, p n → q n) (a : Nat) (g : p a) : ∃ n, q n": "grind",
    "(a b c : Nat) (h : a ∣ b) (k : a ∣ c) : a ∣ b + c": "exact Nat.dvd_add h k",
    ": ∃ n : Nat, n * n = 49": "exact ⟨7, by decide⟩",
    "(a b : Nat) : ∃ c, a < c ∧ b < c": "exact ⟨a + b + 1, by omega⟩",
}


@pytest.mark.parametrize("statement", CLOSED)
async def test_a_closer_that_fits_the_goal(session: Session, statement: str) -> None:
    assert await proves(session, f"theorem t {statement} := by sorry") == CLOSED[statement]


async def test_a_warm_search_is_replaced_by_what_it_found(session: Session) -> None:
    script = await proves(session, "theorem t (a b : Nat) (h : a ∣ b) : a ∣ b * 2 := by sorry")
    assert not is_search(script)


async def test_the_documents_definitions_are_unfolded(session: Session) -> None:
    text = (
        "def twice (n : Nat) : Nat := n + n\n"
        "theorem t (xs : List Nat) : (xs.map twice).length = xs.length + twice 0 := by sorry"
    )
    assert await proves(session, text) == "simp [twice]"


async def test_definitions_that_definitions_are_made_of_too(session: Session) -> None:
    text = (
        "def inner (n : Nat) : Nat := n + 1\n"
        "def outer (n : Nat) : Nat := inner (inner n)\n"
        "theorem t (n : Nat) (h : n < 5) : outer n < 8 := by sorry"
    )
    assert "[outer, inner]" in await proves(session, text)


async def test_remainders(session: Session) -> None:
    script = await proves(session, "theorem t (n : Nat) : n * n % 3 ≠ 2 := by sorry")
    assert script.split("\n") == [
        "have key : n % 3 = 0 ∨ n % 3 = 1 ∨ n % 3 = 2 := by omega",
        "rcases key with key | key | key <;> simp [Nat.mul_mod, key]",
    ]


async def test_remainders_where_the_name_is_taken(session: Session) -> None:
    text = "theorem t (key : Nat) : (key * key + key) % 2 = 0 := by sorry"
    assert "have key' : key % 2 = 0 ∨ key % 2 = 1" in await proves(session, text)


EVEN = """\
inductive Even : Nat → Prop where
  | zero : Even 0
  | step (n : Nat) (h : Even n) : Even (n + 2)
"""
TREE = """\
inductive Tree where
  | leaf
  | node (left : Tree) (value : Nat) (right : Tree)
namespace Tree
def mirror : Tree → Tree
  | leaf => leaf
  | node l x r => node r.mirror x l.mirror
def size : Tree → Nat
  | leaf => 0
  | node l _ r => l.size + 1 + r.size
"""
SUM = """\
def sumTo (n : Nat) (accumulator : Nat) : Nat :=
  match n with
  | 0 => accumulator
  | n + 1 => sumTo n (accumulator + n + 1)
"""


class TestStructure:
    """Scripts of more than one line; `proves` has each elaborated in its place."""

    async def test_induction_names_its_alternatives(self, session: Session) -> None:
        text = EVEN + "theorem t (n : Nat) (h : Even n) : ∃ k, n = k + k := by sorry"
        assert (await proves(session, text)).split("\n") == [
            "induction h with",
            "| zero => exact ⟨0, by decide⟩",
            "| step n h ih =>",
            "  obtain ⟨k, ih⟩ := ih",
            "  exact ⟨k + 1, by omega⟩",
        ]

    async def test_one_tactic_for_all_goals_is_written_once(self, session: Session) -> None:
        text = EVEN + "theorem t (m n : Nat) (h : Even m) (g : Even n) : Even (m + n) := by sorry"
        assert await proves(session, text) == "induction h <;> grind [Even]"

    async def test_functional_induction_in_dot_notation(self, session: Session) -> None:
        text = TREE + "theorem t (a : Tree) : a.mirror.size = a.size := by sorry"
        assert (await proves(session, text)).startswith("fun_induction mirror a <;> ")

    async def test_induction_generalizes_what_it_must(self, session: Session) -> None:
        text = SUM + "theorem t (n a : Nat) : sumTo n a = sumTo n 0 + a := by sorry"
        assert await proves(session, text) == "induction n generalizing a <;> grind [sumTo]"

    async def test_bullets_for_goals_without_names(self, session: Session) -> None:
        text = "theorem t (p : Prop) (n : Nat) (h : p) (k : 0 < n) : p ∧ n ≠ 0 := by sorry"
        script = await proves(session, text, STRUCTURE)
        assert script.split("\n") == ["constructor", "· assumption", "· omega"]

    async def test_introductions_and_what_is_taken_apart(self, session: Session) -> None:
        text = (
            "theorem t (a b c : Nat) :\n"
            "    (∃ k, b = k * a) ∧ (∃ k, c = k * b) → ∃ k, c = k * a := by sorry"
        )
        assert (await proves(session, text)).split("\n")[:4] == [
            "intro h",
            "obtain ⟨h, h'⟩ := h",
            "obtain ⟨k, h⟩ := h",
            "obtain ⟨k', h'⟩ := h'",
        ]

    async def test_a_disjunction_in_the_context(self, session: Session) -> None:
        text = "theorem t (p q : Prop) (h : p ∨ q) : q ∨ p := by sorry"
        script = await proves(session, text, STRUCTURE)
        assert script.startswith("rcases h with h | h\n· ")

    async def test_cases_on_a_universal(self, session: Session) -> None:
        text = "theorem t (α : Type) (p : α → Prop) (a : α) : ∃ x, p x → ∀ y, p y := by sorry"
        lines = (await proves(session, text)).split("\n")
        assert lines[0] == "by_cases key : ∀ (y : α), p y"
        assert [line[:2] for line in lines[1:]] == ["· ", "· "]

    async def test_splitting_on_a_condition(self, session: Session) -> None:
        text = (
            "def clamp (n limit : Nat) : Nat := if n ≤ limit then n else limit\n"
            "theorem t (n limit : Nat) : clamp n limit ≤ limit := by sorry"
        )
        lines = (await proves(session, text, STRUCTURE)).split("\n")
        assert lines[0].startswith("unfold clamp")

    async def test_alternatives_inside_alternatives(self, session: Session) -> None:
        text = "theorem t (f : Bool → Bool) (b : Bool) : f (f (f b)) = f b := by sorry"
        assert await proves(session, text) == (
            "cases b <;> (cases ht : f true <;> cases hf : f false <;> simp_all)"
        )


class TestSeveralProofStates:
    """One `sorry` behind `<;>` stands for several goals: one script must do for all."""

    async def test_the_same_closer(self, session: Session) -> None:
        text = "theorem t (p q : Prop) (hp : p) (hq : q) : p ∧ q := by\n  constructor <;> sorry"
        assert await proves(session, text) == "assumption"

    async def test_not_the_first_that_does_for_one(self, session: Session) -> None:
        text = (
            "theorem t (a b : Nat) (h : a = b) : b = a ∧ a + 0 = b := by\n  constructor <;> sorry"
        )
        assert await proves(session, text) == "omega"

    async def test_introductions_before_it(self, session: Session) -> None:
        text = (
            "theorem t : (∀ a b : Nat, a % 3 < 1 → b = 2 → a * b % 3 = 0) ∧\n"
            "    (∀ a b : Nat, a % 5 < 1 → b = 2 → a * b % 5 = 0) := by\n  constructor <;> sorry"
        )
        script = await proves(session, text)
        assert script in ("grind", "omega") or script.startswith("intros; ")

    async def test_nothing_where_one_of_them_is_false(self, session: Session) -> None:
        text = "theorem t (a : Nat) : a = a ∧ a = 0 := by\n  constructor <;> sorry"
        assert not (await run(session, Micro(), text)).result.success


FALSE = [
    "(n : Nat) : n < 5",
    "(n : Nat) (h : 3 < n) : n * n < n",
    ": ∃ n : Nat, n < 0",
    "(p q : Prop) (h : p → q) : q → p",
    "(xs : List Nat) : xs.reverse = xs",
    "(α : Type) (a b : α) : a = b",
    "(f : Bool → Bool) : f (f true) = true",
]


@pytest.mark.parametrize("statement", FALSE)
async def test_nothing_is_found_for_what_is_false(session: Session, statement: str) -> None:
    found = await run(session, Micro(), f"theorem t {statement} := by sorry", seconds=4.0)
    assert not found.result.success and found.result.tactics == ()
    assert found.result.error and found.result.scripts_tried > 5


class TestProbing:
    """Tactics of Mathlib are used where they exist, and only there."""

    async def test_absent_ones_are_not_tried(self, session: Session) -> None:
        features = await features_of(session, "theorem t (a b : Int) : a * b = b * a := by sorry")
        assert not set(PROBED) & set(closers(features))
        assert {"ring", "nlinarith"} <= set(closers(features, PROBED))

    async def test_one_that_the_document_knows_is_used(self, session: Session) -> None:
        text = (
            "opaque Fact : Prop\naxiom fact : Fact\n"
            'macro "positivity" : tactic => `(tactic| exact fact)\n'
            "theorem t : Fact := by sorry"
        )
        assert (await run(session, Micro(), text)).result.script == "positivity"


async def test_stages_choose_what_is_done(session: Session) -> None:
    text = "theorem t (p q : Prop) (hp : p) (hq : q) : p ∧ q := by sorry"
    assert "\n" not in await proves(session, text, Micro(("close",)))
    assert (await proves(session, text, STRUCTURE)).startswith("constructor")
    assert not (await run(session, Micro(()), text)).result.success


async def test_a_result_tells_what_it_cost(session: Session) -> None:
    result = (
        await run(session, Micro(), "theorem t (a b : Nat) : a + b = b + a := by sorry")
    ).result
    assert (result.strategy, result.error, result.refutation) == ("micro", "", None)
    assert result.scripts_tried >= 1 and result.heartbeats > 0 and result.time_seconds > 0
    assert result.tactics == ("omega",) and result.script == "omega"


async def test_failed_attempts_tell_the_fewest_goals_left(session: Session) -> None:
    text = "theorem t (p q : Prop) (h : p) : p ∧ q := by sorry"
    result = (await run(session, Micro(), text)).result
    assert result.subgoals and any("⊢ q" in goal for goal in result.subgoals)


def test_it_runs_everywhere(workspace: Workspace) -> None:
    assert isinstance(Micro().available(workspace), Available)
