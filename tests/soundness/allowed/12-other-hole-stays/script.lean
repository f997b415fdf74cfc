intro n
exact Nat.lt_succ_self n