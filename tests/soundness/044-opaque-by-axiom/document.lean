axiom oracle : ∀ p : Prop, p

theorem wrapped (p : Prop) : p := oracle p

theorem target (a b : Nat) (h : a < b) : b < a := by
  sorry
