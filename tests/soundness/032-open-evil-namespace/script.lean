open Evil in
exact Evil.Nat.lt_asymm h