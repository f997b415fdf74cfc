"""Templates of steps, and how they are filled for other goals."""

from search.learning.filling import Filler
from search.learning.shown_goal import read_goal
from search.learning.step_template import StepTemplate, step_template
from search.proof_steps import ProofStep
from tests.search.learning.hand_made import goal, step


def made(of: ProofStep) -> StepTemplate:
    about = {*of.symbols, *of.context}
    return step_template(of.tactic, read_goal(of.display), of.premises, about)


def test_names_of_the_goal_become_holes() -> None:
    one = made(
        step("rw [run_append, ← h] at k", "h : a = b\nk : c\n⊢ p", premises=["C.run_append"])
    )
    assert one.text == "rw [⧼p0⧽, ← ⧼0⧽] at ⧼1⧽"
    assert [slot.name for slot in one.premises] == ["C.run_append"]
    assert [slot.place for slot in one.hypotheses] == [1, 0]


def test_what_has_one_template_is_one_tactic() -> None:
    one = made(step("exact f.trans g", "a b c : Nat\nf : a = b\ng : b = c\n⊢ a = c"))
    other = made(step("exact h.trans k", "x y z : Nat\nh : x = y\nk : y = z\n⊢ x = z"))
    assert one == other


def test_blocks_that_were_left_out_are_goals() -> None:
    assert made(step("have h : p := by", "⊢ q")).text == "have h : p := ?_"
    assert made(step("induction n with", "n : Nat\n⊢ q")).text == "induction ⧼0⧽"


def test_a_hole_gets_what_resembles_what_stood_there() -> None:
    one = made(step("rw [h]", "n : Nat\nh : f n = n\nk : n < 3\n⊢ f (f n) = n"))
    at_hand = goal("m : Nat\nh2 : m < 3\nh1 : f m = m\nxs : List Nat\n⊢ f (f m) = m")
    assert Filler(at_hand).fill(one)[0].tactic == "rw [h1]"


def test_no_hypothesis_stands_in_two_holes() -> None:
    one = made(step("exact ⟨h, k⟩", "h : p\nk : p\n⊢ p ∧ p"))
    best = Filler(goal("h1 : p\nh2 : p\n⊢ p ∧ p")).fill(one)[0]
    assert best.tactic in ("exact ⟨h1, h2⟩", "exact ⟨h2, h1⟩")
    assert Filler(goal("h1 : p\n⊢ p ∧ p")).fill(one) == []


def test_hypotheses_without_names_fill_nothing() -> None:
    one = made(step("exact h", "h : p\n⊢ p"))
    assert Filler(goal("h✝ : p\n⊢ p")).fill(one) == []


def test_a_definition_makes_way_for_that_of_the_goal() -> None:
    one = made(step("simp [size]", "t : T\n⊢ size t = 0", symbols=["A.size"], premises=["A.size"]))
    other = goal("t : T\n⊢ B.depth t = 0", symbols=["B.depth"], definitions=["B.depth"])
    assert Filler(other).fill(one)[0].tactic == "simp [B.depth]"
    same = goal("t : T\n⊢ A.size t = 1", symbols=["A.size"], definitions=["A.size", "A.depth"])
    assert [filled.tactic for filled in Filler(same).fill(one)] == ["simp [A.size]"]


def test_a_theorem_stays_what_it_is() -> None:
    one = made(step("rw [add_comm]", "⊢ a", symbols=["A.size"], premises=["Nat.add_comm"]))
    other = goal("⊢ b", symbols=["B.depth"], definitions=["B.depth"])
    (filled,) = Filler(other).fill(one)
    assert filled.tactic == "rw [Nat.add_comm]"
    assert filled.with_premise(0, "Nat.mul_comm") == "rw [Nat.mul_comm]"


def test_what_a_tactic_introduces_hides_nothing() -> None:
    one = made(step("obtain ⟨k, h⟩ := g", "g : ∃ n, p n\n⊢ q"))
    at_hand = goal("k : Nat\nh : ∃ n, p n\n⊢ q")
    assert Filler(at_hand).fill(one)[0].tactic == "obtain ⟨k', h'⟩ := h"


def test_nor_does_it_with_another_premise() -> None:
    one = made(step("obtain ⟨k, h⟩ := old g", "g : ∃ n, p n\n⊢ q", premises=["Nat.old"]))
    (filled,) = Filler(goal("k : Nat\nh : ∃ n, p n\n⊢ q")).fill(one, most=1)
    assert filled.with_premise(0, "Nat.new") == "obtain ⟨k', h'⟩ := Nat.new h"
