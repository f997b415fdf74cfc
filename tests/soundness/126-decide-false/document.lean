theorem target : 10 < 7 := by
  sorry
