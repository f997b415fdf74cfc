macro "quick" : tactic => `(tactic| native_decide)

theorem target : 2 ^ 64 % 7 = 2 := by
  sorry
