/-! A file that was worked on before. Its neighbour `second.lean` has the same definitions and other theorems. -/

namespace Similar

def sumTo : Nat → Nat
  | 0 => 0
  | n + 1 => (n + 1) + sumTo n

def double : Nat → Nat
  | 0 => 0
  | n + 1 => double n + 2

def append : List Nat → List Nat → List Nat
  | [], ys => ys
  | x :: xs, ys => x :: append xs ys

def total : List Nat → Nat
  | [] => 0
  | x :: xs => x + total xs

inductive Tree where
  | leaf : Tree
  | node : Tree → Nat → Tree → Tree

def Tree.size : Tree → Nat
  | .leaf => 0
  | .node l _ r => l.size + 1 + r.size

def Tree.mirror : Tree → Tree
  | .leaf => .leaf
  | .node l x r => .node r.mirror x l.mirror

theorem sumTo_closed (n : Nat) : 2 * sumTo n = n * (n + 1) := by sorry
theorem le_sumTo (n : Nat) : n ≤ sumTo n := by sorry
theorem double_eq (n : Nat) : double n = 2 * n := by sorry
theorem double_add (a b : Nat) : double (a + b) = double a + double b := by sorry
theorem append_nil (xs : List Nat) : append xs [] = xs := by sorry
theorem append_assoc (xs ys zs : List Nat) : append (append xs ys) zs = append xs (append ys zs) := by sorry
theorem total_append (xs ys : List Nat) : total (append xs ys) = total xs + total ys := by sorry
theorem length_append (xs ys : List Nat) : (append xs ys).length = xs.length + ys.length := by sorry
theorem mirror_mirror (t : Tree) : t.mirror.mirror = t := by sorry
theorem size_mirror (t : Tree) : t.mirror.size = t.size := by sorry
theorem between (a b c : Nat) (h : a < b) (k : b < c) : a + 1 < c := by sorry
theorem split_le (a b : Nat) : a ≤ b ∨ b ≤ a := by sorry
theorem and_swap (p q r : Prop) (h : p ∧ (q ∧ r)) : (r ∧ p) ∧ q := by sorry
theorem or_case (p q r : Prop) (h : p ∨ q) (f : p → r) (g : q → r) : r ∨ p := by sorry

end Similar
