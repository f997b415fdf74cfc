theorem target (a b : Nat) (h : a < b) : b < a := by
  sorry

theorem later (a b : Nat) (h : a < b) : b < a := target a b h
