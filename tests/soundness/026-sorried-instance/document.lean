class Reversible (a b : Nat) : Prop where
  reverse : b < a

instance (a b : Nat) : Reversible a b := ⟨sorry⟩

theorem target (a b : Nat) (h : a < b) : b < a := by
  -- HOLE
  sorry
