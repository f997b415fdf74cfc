theorem target (a b : Nat) (h : a < b) : a ≤ b := by
  sorry

theorem hidden : 2 + 2 = 4 := rfl -- see above -/

theorem later : True := trivial
