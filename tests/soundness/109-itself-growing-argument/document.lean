theorem target (n : Nat) : n * n < 100 := by
  sorry
