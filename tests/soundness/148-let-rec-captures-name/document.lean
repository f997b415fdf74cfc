def extra : Nat := 0

theorem target (a : Nat) : a = a := by
  sorry

theorem target.probe : extra + 0 = extra := rfl
