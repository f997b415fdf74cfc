theorem target : ∀ n : Fin 50, n.val < 50 := by
  sorry
