theorem unrelated : 2 + 2 = 5 := by
  sorry

theorem target (a b : Nat) : a + b = b + a := by
  -- HOLE
  sorry
