theorem target : ∀ n : Fin 50, n.val < 49 := by
  sorry
