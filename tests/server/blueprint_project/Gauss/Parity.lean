import Gauss.Basic

/-! Even and odd. -/

namespace Gauss

/-- A double. -/
def Even (n : Nat) : Prop := ∃ k, n = double k

/-- One more than a double. -/
def Odd (n : Nat) : Prop := ∃ k, n = double k + 1

/-- A number whose like nobody has found yet. -/
def Odd.half (n : Nat) : Nat := sorry

theorem even_zero : Even 0 := ⟨0, rfl⟩

theorem even_double (n : Nat) : Even (double n) := ⟨n, rfl⟩

theorem odd_one : Odd 1 := ⟨0, rfl⟩

theorem odd_double_succ (n : Nat) : Odd (double n + 1) := ⟨n, rfl⟩

theorem even_add (a b : Nat) : Even a → Even b → Even (a + b) := by
  rintro ⟨k, rfl⟩ ⟨l, rfl⟩
  exact ⟨k + l, (double_add k l).symm⟩

theorem even_succ (n : Nat) : Even n → Odd (n + 1) := by
  rintro ⟨k, rfl⟩
  exact ⟨k, rfl⟩

theorem odd_succ (n : Nat) : Odd n → Even (n + 1) := by
  rintro ⟨k, rfl⟩
  exact ⟨k + 1, by rw [double_succ]⟩

theorem even_or_odd (n : Nat) : Even n ∨ Odd n := by
  induction n with
  | zero => exact Or.inl even_zero
  | succ n h => exact h.elim (fun h => Or.inr (even_succ n h)) (fun h => Or.inl (odd_succ n h))

theorem not_even_and_odd (n : Nat) : ¬(Even n ∧ Odd n) := by
  sorry

/-- Rests on the theorem above, without a `sorry` of its own. -/
theorem even_iff_not_odd (n : Nat) : Even n ↔ ¬Odd n := by
  constructor
  · intro h g
    exact not_even_and_odd n ⟨h, g⟩
  · intro h
    exact (even_or_odd n).resolve_right h

theorem half_eq (n : Nat) : Odd.half n = Odd.half n := rfl

theorem even_square (n : Nat) (h : Even n) : Even (square n) := by
  sorry

end Gauss
