class Broken (n : Nat) : Prop where
  broken : n < 0

instance target (n : Nat) : Broken n := by
  sorry
