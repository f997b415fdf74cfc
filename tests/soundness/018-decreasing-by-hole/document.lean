def countdown (n : Nat) : Nat := countdown (n + 1)
termination_by n
decreasing_by
  sorry
