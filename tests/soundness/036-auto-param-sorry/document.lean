theorem known {a b : Nat} (_h : a < b) (magic : b < a := by sorry) : b < a := magic

theorem target (a b : Nat) (h : a < b) : b < a := by
  -- HOLE
  sorry
