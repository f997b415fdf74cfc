/-! Every kind of hole. A sorry in a comment is none, nor is one in "a string: sorry". -/

/-- Neither is the sorry of a docstring. -/
theorem tactic_hole (a b : Nat) : a + b = b + a := by
  sorry

theorem term_hole (p q : Prop) (h : p ∧ q) : q ∧ p := sorry

def data_hole : Nat := sorry

def said : String := "sorry" -- sorry

theorem admitted (p : Prop) (h : p) : p := by
  admit

theorem nested (a b c : Nat) (h : a < b) : a + c < b + c := by
  have step : a + 1 ≤ b := by
    sorry
  omega

theorem by_calc (a b c : Nat) (h : a = b) (k : b = c) : a + 0 = c := by
  calc
    a + 0 = a := by sorry
    _ = b := h
    _ = c := sorry

theorem by_cases' (n : Nat) : n = 0 ∨ 0 < n := by
  cases n with
  | zero => sorry
  | succ m =>
    case succ => sorry

theorem split_up (p q : Prop) (hp : p) (hq : q) : p ∧ q ∧ p := by
  constructor <;> sorry

theorem pair (p q : Prop) (hp : p) (hq : q) : p ∧ q :=
  ⟨sorry, by sorry⟩

def halve (n : Nat) : Nat :=
  if h : n < 2 then 0 else 1 + halve (n / 2)
termination_by n
decreasing_by sorry

structure Point where
  x : Nat
  y : Nat
  ordered : x ≤ y

def origin : Point := { x := 0, y := 0, ordered := sorry }

instance : Inhabited Point := ⟨sorry⟩

example : 2 + 2 = 4 := by sorry

mutual
theorem even_part : 1 + 1 = 2 := by sorry
theorem odd_part : 1 + 2 = 3 := by sorry
end

namespace Inner
section
variable (n : Nat)

theorem with_variable : n + 0 = n := by sorry
end
end Inner

section
local notation "two" => 2

theorem with_notation : two + two = 4 := by sorry
end

open Nat in
theorem after_open (n : Nat) : succ n ≠ 0 := by sorry

macro "magic" : tactic => `(tactic| sorry)

theorem behind_a_macro : 3 = 3 := by magic

theorem «sorry in its name» (α : Type) (x : α) : x = x := by sorry -- 🦆

theorem after_a_duck (s : String) (h : s = "🦆") : "🦆" = s := by sorry
