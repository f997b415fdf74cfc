unsafe def target : False := by
  sorry
