refine ⟨by omega, ?_⟩
show b ≤ a → False
intro h'
exact absurd h (by
  show ¬ a < b
  omega)