"""Gathering with real Lean: what is learned from, what is held out, what practice adds."""

from collections.abc import AsyncIterator

import pytest

from lean.workspace import Workspace
from search.arms import Arm
from search.engine import Engine
from search.ledger import Ledger
from search.proof_steps import ProofStep
from search.records import Fingerprint, GoalRecord, ProofRecord
from search.settings import Settings
from search.training.gathering import Gathered, Gathering
from search.training.ledger_pairs import KnownProofs
from search.training.pairs import side_of, split
from tests.search.few_tactics import FewTactics

HELD_OUT = {"le_twice", "and_swap'"}
"""The declarations below whose names say that they are held out."""
FILE = """\
def twice : Nat → Nat
  | 0 => 0
  | n + 1 => twice n + 2

theorem twice_eq (n : Nat) : twice n = 2 * n := by
  induction n with
  | zero => rfl
  | succ n ih => simp [twice, ih]; omega

theorem total_append (p q : Prop) (h : p ∧ q) : q ∧ p := by
  sorry

theorem le_twice (n : Nat) : 0 ≤ n := by
  sorry

theorem and_swap' (p q : Prop) (h : p ∧ q) : q ∧ p ∧ q := by
  exact ⟨h.2, h.1, h.2⟩

example (a : Nat) (h : a = 2) : a < 3 := by
  sorry

theorem twice_le (m : Nat) : 0 ≤ m := by
  sorry
"""
TRACED = ProofStep(
    "example",
    "cases h",
    "dojo",
    "p q : Prop\nh : p ∨ q\n⊢ q ∨ p",
    ("p", "q", "h"),
    (),
    (),
    (),
    1,
    2,
)
BROKEN = "import Not.There\ntheorem t : True := trivial\n"


@pytest.fixture(scope="module")
async def found(workspace: Workspace) -> AsyncIterator[Gathered]:
    """One gathering, at which several tests look; the last theorem repeats a held-out goal."""
    settings = Settings(sessions=1, spare=False, remember=False, tickets=False, automatic=False)
    files = {"Small.lean": FILE, "Broken.lean": BROKEN}
    arms = [Arm(FewTactics(("exact ⟨h.2, h.1⟩", "grind")))]
    async with Engine.open(workspace, settings, arms, drafters=[]) as engine:
        known, traced = KnownProofs(), {"Traced.lean": [TRACED], "Small.lean": [TRACED]}
        yield await Gathering(engine, files, known, 12.0, 0, lambda _: None, traced).run()


def test_the_names_are_on_the_sides_that_these_tests_want() -> None:
    names = ("twice_eq", "total_append", "twice_le", "le_twice", "and_swap'")
    assert {name for name in names if side_of(name) == "held_out"} == HELD_OUT


def test_steps_of_proofs_are_pairs(found: Gathered) -> None:
    steps = [pair.tactic for pair in found.pairs if pair.source == "workspace"]
    assert steps[:1] == ["induction n"]
    assert "exact ⟨h.2, h.1, h.2⟩" in steps


def test_traced_steps_are_pairs_of_files_that_were_not_read(found: Gathered) -> None:
    (traced,) = [pair for pair in found.pairs if pair.source == "dojo"]
    assert (traced.declaration, traced.tactic) == ("examples of Traced.lean", "cases h")


def test_what_was_open_is_proved(found: Gathered) -> None:
    proved = {(p.declaration, p.display): p.tactic for p in found.pairs if p.key}
    swapped = proved["total_append", "p q : Prop\nh : p ∧ q\n⊢ q ∧ p"]
    assert swapped == "exact ⟨h.2, h.1⟩"
    assert proved["examples of Small.lean", "a : Nat\nh : a = 2\n⊢ a < 3"] == "grind"


def test_variations_count_as_what_they_were_made_of(found: Gathered) -> None:
    assert found.tried > 0
    files = {"examples of Small.lean", "examples of Traced.lean"}
    known = {"twice_eq", "total_append", "twice_le", *files, *HELD_OUT}
    assert {pair.declaration for pair in found.pairs} <= known
    goals = {pair.goal for pair in found.pairs if pair.declaration == "total_append"}
    assert len(goals) > 1


def test_held_out_goals_are_holes_or_proofs_taken_out(found: Gathered) -> None:
    assert {goal.declaration for goal in found.held_out} == HELD_OUT
    texts = {goal.declaration: goal.text for goal in found.held_out}
    assert texts["le_twice"] == FILE
    assert "exact ⟨h.2, h.1, h.2⟩" not in texts["and_swap'"] and "sorry" in texts["and_swap'"]


def test_nothing_that_is_held_out_is_learned_from(found: Gathered) -> None:
    sides = split(found.pairs, found.goals)
    learned = {pair.declaration for pair in (*sides.train, *sides.validation)}
    assert not learned & HELD_OUT
    same = "⧼0⧽ : Nat ⊢ 0 ≤ ⧼0⧽"
    assert same in {pair.goal for pair in found.pairs if pair.declaration == "twice_le"}
    assert same not in {pair.goal for pair in (*sides.train, *sides.validation)}


def test_a_file_that_cannot_be_read_is_named(found: Gathered) -> None:
    (problem,) = found.problems
    assert problem.startswith("Broken.lean: ") and "Not.There" in problem


PRINT = Fingerprint("lean", "project")


def ledger_with(script: str, display: str, verified_at: float = 1.0) -> Ledger:
    ledger = Ledger.in_memory()
    goal = GoalRecord("key", "key", "", display, "A.lean", "example", 1, 1, ("h",))
    ledger.see([goal], 1.0)
    proof = ProofRecord("key", script, "omega", PRINT, hypotheses=("k",), verified_at=verified_at)
    ledger.record_proof(proof)
    return ledger


def test_the_ledger_knows_pairs_and_scripts() -> None:
    known = KnownProofs.of(ledger_with("exact k", "h : p\n⊢ p"))
    (pair,) = known.pairs()
    assert (pair.display, pair.tactic, pair.key) == ("h : p\n⊢ p", "exact h", "key")
    assert pair.declaration == "examples of A.lean" and pair.source == "ledger"
    assert known.scripts("key", ["x"]) == ["exact x"] and known.scripts("other", []) == []


def test_goals_that_cannot_be_told_and_imported_proofs_are_no_pairs() -> None:
    assert KnownProofs.of(ledger_with("exact k", "⊢ p\n\n⊢ q")).pairs() == []
    assert KnownProofs.of(ledger_with("exact k", "⊢ p", verified_at=0.0)).pairs() == []
