mutual
theorem target (n : Nat) : n < 0 := by
  -- HOLE
  sorry
theorem partner (n : Nat) : n < 0 := by
  sorry
end
