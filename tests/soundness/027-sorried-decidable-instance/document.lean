instance : Decidable (∀ n : Nat, n = 0) := .isTrue sorry

theorem target : ∀ n : Nat, n = 0 := by
  -- HOLE
  sorry
