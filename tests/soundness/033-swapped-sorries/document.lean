theorem first_half : 1 = 2 ∧ 2 = 1 := by
  constructor
  · sorry
  · sorry

theorem target : 2 = 1 := by
  -- HOLE
  sorry
