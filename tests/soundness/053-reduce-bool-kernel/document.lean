def yes : Bool := true
@[implemented_by yes] def liar : Bool := false

theorem target : Lean.reduceBool liar = true := by
  sorry
