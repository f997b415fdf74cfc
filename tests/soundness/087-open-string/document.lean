theorem target (a b : Nat) (h : a < b) : a ≤ b := by
  sorry

theorem later : "quoted" = "quoted" := rfl
