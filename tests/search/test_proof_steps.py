"""The steps of written proofs, as learning sees them."""

from lean.document import elaborate
from lean.session import Session
from search.proof_steps import proved_in, steps_of

TEXT = """
theorem swap (p q : Prop) (h : p ∧ q) : q ∧ p := by
  constructor
  · exact h.2
  · exact And.left h

theorem zero_add' (n : Nat) : 0 + n = n := by
  induction n with
  | zero => rfl
  | succ n ih =>
    rw [← Nat.add_assoc,
      ih]

theorem left_open (n : Nat) : n = n + 0 := by
  have h : n + 0 = n := Nat.add_zero n
  first | omega | sorry

theorem nothing (n : Nat) : n ≤ n + 1 := by sorry
"""


async def test_every_tactic_is_a_step_with_the_goal_before_it(session: Session) -> None:
    document = await elaborate(session, TEXT, steps=True)
    steps = [step for step in steps_of(document) if step.declaration == "swap"]
    assert [step.tactic for step in steps] == ["constructor", "exact h.2", "exact And.left h"]
    first, _, last = steps
    assert first.display == "p q : Prop\nh : p ∧ q\n⊢ q ∧ p" and first.hypotheses == ("p", "q", "h")
    assert (first.before, first.left, first.symbols) == (1, 2, ("And",))
    assert last.left == 0 and last.context == ("And",) and "And.left" in last.premises


async def test_alternatives_are_steps_of_their_own(session: Session) -> None:
    document = await elaborate(session, TEXT, steps=True)
    tactics = [s.tactic for s in steps_of(document) if s.declaration == "zero_add'"]
    # The continuation line of `rw` keeps its indentation relative to the tactic.
    assert tactics == ["induction n", "rfl", "rw [← Nat.add_assoc,\n  ih]"]


async def test_holes_teach_nothing(session: Session) -> None:
    document = await elaborate(session, TEXT, steps=True)
    tactics = [s.tactic for s in steps_of(document) if s.declaration == "left_open"]
    assert tactics == ["have h : n + 0 = n := Nat.add_zero n", "omega"]
    assert not [s for s in steps_of(document) if s.declaration == "nothing"]


async def test_what_a_proof_term_uses_is_told(session: Session) -> None:
    document = await elaborate(session, TEXT, steps=True)
    used = {proved.name: proved.premises for proved in proved_in(document)}
    assert "Nat.add_assoc" in used["zero_add'"]
    assert "nothing" not in used


async def test_steps_are_there_only_when_asked_for(session: Session) -> None:
    document = await elaborate(session, TEXT)
    assert not steps_of(document) and not proved_in(document)
