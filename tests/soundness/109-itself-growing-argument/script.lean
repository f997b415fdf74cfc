have := target (n + 1)
exact Nat.lt_of_le_of_lt (Nat.mul_le_mul (Nat.le_succ n) (Nat.le_succ n)) this