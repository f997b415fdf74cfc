import Lean
open Lean Elab Tactic Meta

elab "prepare" : tactic =>
  addDecl (.axiomDecl (AxiomVal.mk (ConstantVal.mk `boom [] (.const ``False [])) false)) false
elab "boom!" : term => pure (.const `boom [])

theorem target (a b : Nat) (h : a < b) : b < a := by
  sorry
