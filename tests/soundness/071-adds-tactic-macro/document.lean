theorem target : 1 = 1 := by
  sorry

theorem later (n : Nat) : n + 0 = n := by rfl
