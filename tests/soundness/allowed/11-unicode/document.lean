theorem target (α : Type) (ξ₁ ξ₂ : α) (η : ξ₁ = ξ₂) : ξ₂ = ξ₁ := by
  sorry
