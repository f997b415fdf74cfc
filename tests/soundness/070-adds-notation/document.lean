theorem target : 1 = 1 := by
  sorry

theorem later : 2 + 2 = 4 := by decide
