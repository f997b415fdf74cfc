let rec extra : Nat := 7
rfl