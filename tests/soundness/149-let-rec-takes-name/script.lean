let rec helper : Nat := 7
rfl