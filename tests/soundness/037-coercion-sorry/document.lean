instance (a b : Nat) : CoeFun (a < b) (fun _ => Unit → b < a) := ⟨fun _ _ => sorry⟩

theorem target (a b : Nat) (h : a < b) : b < a := by
  -- HOLE
  sorry
