constructor
· exact hp
  exact hq