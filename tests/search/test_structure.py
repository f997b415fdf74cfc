"""Proofs of several steps: what the search over proof states finds, and how it is written.

The moves by themselves: test_moves.py; closers: test_closing.py.
"""

from lean.session import Session
from search.arms import default_arms
from search.strategies.structure import Structure
from tests.search.proving import proves, run

STRUCTURE = Structure()
"""Makes a move first, even where a closer would do."""
INDUCTION = Structure("induction", inductive=True)

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


DVD = "(a b c : Nat) (p : Prop) (g : p) (h : a ∣ b) (k : a ∣ c) : p ∧ a ∣ b + c"


async def test_deep_looks_leaves_up_in_the_library(session: Session) -> None:
    text = f"theorem t {DVD} := by sorry"
    (deep,) = [arm.strategy for arm in default_arms() if arm.name == "deep"]
    assert deep.weight == "heavy"
    script = await proves(session, text, deep)
    assert script.split("\n") == ["constructor", "· assumption", "· exact Nat.dvd_add h k"]


async def test_induction_comes_first_where_it_is_asked_for(session: Session) -> None:
    text = SUM + "theorem t (n a : Nat) : sumTo n a = sumTo n 0 + a := by sorry"
    plain = (await run(session, STRUCTURE, text)).result
    inductive = (await run(session, INDUCTION, text)).result
    assert plain.success and inductive.success
    assert inductive.scripts_tried < plain.scripts_tried


async def test_a_goal_that_recurs_below_itself_is_cut(session: Session) -> None:
    text = "theorem t (p q : Prop) (h : p ↔ p) : q := by sorry"
    assert not (await run(session, STRUCTURE, text)).result.success


async def test_failed_attempts_tell_the_fewest_goals_left(session: Session) -> None:
    text = "theorem t (p q : Prop) (h : p) : p ∧ q := by sorry"
    result = (await run(session, STRUCTURE, text)).result
    assert result.subgoals and any("⊢ q" in goal for goal in result.subgoals)


async def test_several_goals_at_one_hole_are_left_to_closers(session: Session) -> None:
    text = "theorem t (p q : Prop) (hp : p) (hq : q) : p ∧ q := by\n  constructor <;> sorry"
    result = (await run(session, STRUCTURE, text)).result
    assert result.error == "the hole stands for several goals" and result.scripts_tried == 0
