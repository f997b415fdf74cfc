theorem known {a b : Nat} (h : a < b) : b < a := by
  sorry

theorem folklore {a b : Nat} (h : a < b) : b < a := known h

theorem target (a b : Nat) (h : a < b) : b < a := by
  -- HOLE
  sorry
