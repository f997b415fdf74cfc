axiom oops : False

example (a b : Nat) (h : a < b) : b < a := by
  sorry
