theorem target (n : Nat) : n < 0 := by
  -- HOLE
  sorry
termination_by n
decreasing_by all_goals sorry
