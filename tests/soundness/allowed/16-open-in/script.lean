open Nat in
exact le_succ a