def yes : Bool := true
@[implemented_by yes] def liar : Bool := false

theorem target : liar = true := by
  sorry
