example : 2 ^ 64 % 7 = 2 := by
  sorry
