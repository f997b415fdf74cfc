theorem target : ∃ n : Nat, n > 3 := by
  refine ⟨?n, ?h⟩
  case h => sorry
  all_goals exact 4
