constructor
· calc a + 0
      _ = b := by rw [Nat.add_zero, h]
      _ = c := g
case right =>
  have back : c = a := by
    rw [h, g]
  exact Or.inl back