theorem target (p : Prop) (hp : p) : p := by
  sorry
