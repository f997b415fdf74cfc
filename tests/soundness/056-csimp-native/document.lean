def slow (n : Nat) : Nat := n
def fast (n : Nat) : Nat := n + 1
@[csimp] theorem slow_eq_fast : @slow = @fast := by
  sorry

theorem target : slow 1 = 2 := by
  -- HOLE
  sorry
