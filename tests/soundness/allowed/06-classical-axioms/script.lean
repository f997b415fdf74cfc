constructor
· exact propext h
· cases Classical.em p with
  | inl hp => exact Or.inl hp
  | inr np => exact Or.inr (fun hq => np (h.mpr hq))