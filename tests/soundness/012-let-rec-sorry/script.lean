let rec answer (n : Nat) : b < a := by
  sorry
exact answer 0