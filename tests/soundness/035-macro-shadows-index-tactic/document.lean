macro_rules | `(tactic| get_elem_tactic) => `(tactic| sorry)

theorem target : ∃ _x : Empty, True := by
  -- HOLE
  sorry
