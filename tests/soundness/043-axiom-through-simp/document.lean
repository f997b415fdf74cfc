@[simp] axiom collapse (a b : Nat) : (a < b) = True

theorem target (a b : Nat) (h : a < b) : b < a := by
  sorry
