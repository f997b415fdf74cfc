macro_rules | `(tactic| decreasing_tactic) => `(tactic| sorry)

theorem target (n : Nat) : n < 0 := by
  -- HOLE
  sorry
