import Lean
open Lean Elab Tactic Meta

elab "evidently!" : term <= expected => mkSorry expected true

theorem target (a b : Nat) (h : a < b) : b < a := by
  sorry
