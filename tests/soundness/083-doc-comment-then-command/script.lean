omega

/-- harmless -/
@[simp] theorem evil (n : Nat) : n * 1 = n := Nat.mul_one n