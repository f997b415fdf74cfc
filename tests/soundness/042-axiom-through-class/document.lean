class Magic : Prop where
  magic : False
axiom fountain : Magic
attribute [instance] fountain

theorem target (a b : Nat) (h : a < b) : b < a := by
  sorry
