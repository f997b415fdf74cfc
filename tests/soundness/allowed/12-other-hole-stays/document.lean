theorem target : (1 = 1) ∧ (∀ n : Nat, n < n + 1) := by
  constructor
  · sorry
  · -- HOLE
    sorry
