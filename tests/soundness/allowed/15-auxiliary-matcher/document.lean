theorem target (o : Option Nat) (h : o ≠ none) : ∃ n, o = some n := by
  sorry
