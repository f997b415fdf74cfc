have h : liar = true := Lean.ofReduceBool liar true rfl
cases h