theorem target (n m : Nat) : n + m = m + n := by
  induction n with
  | zero => sorry
  | succ k ih => omega
