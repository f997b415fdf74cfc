theorem target (a b : Nat) (h : a < b) : a ≤ b ∧ 1 = 1 := ⟨by sorry, rfl⟩
