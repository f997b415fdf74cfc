section
variable (n : Nat)

theorem target : n ≤ n + 1 := by
  sorry

end
