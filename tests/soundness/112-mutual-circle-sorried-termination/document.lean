mutual
theorem target (n : Nat) : n < 0 := by
  -- HOLE
  sorry
termination_by n
decreasing_by all_goals sorry
theorem partner (n : Nat) : n < 0 := by
  exact absurd (target (n + 1)) (by omega)
termination_by n
decreasing_by all_goals sorry
end
