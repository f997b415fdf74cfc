theorem target (a b c : Nat) (h : a = b) (g : b = c) : a + 0 = c ∧ (c = a ∨ c < a) := by
  sorry
