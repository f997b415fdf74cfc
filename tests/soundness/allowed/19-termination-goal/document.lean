def halve (n : Nat) : Nat :=
  if n = 0 then 0 else halve (n / 2) + 1
termination_by n
decreasing_by
  sorry
