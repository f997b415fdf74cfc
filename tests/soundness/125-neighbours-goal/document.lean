theorem target : 1 = 1 ∧ 2 = 2 := by
  constructor
  -- HOLE
  sorry
  sorry
