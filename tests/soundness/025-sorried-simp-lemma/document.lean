@[simp] theorem known (a b : Nat) : (b < a) = True := by
  sorry

theorem target (a b : Nat) (h : a < b) : b < a := by
  -- HOLE
  sorry
