theorem target (a b : Nat) (h : a < b) : a ≤ b ∧ ¬ b ≤ a := by
  sorry
