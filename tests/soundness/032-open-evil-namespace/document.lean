namespace Evil
theorem Nat.lt_asymm {a b : Nat} (h : a < b) : b < a := by
  sorry
end Evil

theorem target (a b : Nat) (h : a < b) : b < a := by
  -- HOLE
  sorry
