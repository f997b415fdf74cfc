theorem target : (5 : Nat) = 6 := by
  sorry
