theorem early (a b : Nat) (h : a < b) : b < a := by
  sorry

example (a b : Nat) (h : a < b) : b < a := by
  -- HOLE
  sorry
