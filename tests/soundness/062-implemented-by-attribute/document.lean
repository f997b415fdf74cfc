def keep (n : Nat) : Nat := n

theorem target (a b : Nat) (h : a < b) : a ≤ b := by
  sorry
