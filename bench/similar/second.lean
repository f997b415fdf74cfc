/-! Other theorems about the definitions of `first.lean`: alike, and none the same. -/

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

theorem sumTo_doubled (m : Nat) : sumTo m + sumTo m = m * m + m := by sorry
theorem sumTo_lower (m : Nat) : m ≤ 2 * sumTo m := by sorry
theorem double_sum (m : Nat) : double m = m + m := by sorry
theorem double_shift (m k : Nat) : double (k + m) = double m + double k := by sorry
theorem append_both_nil (as : List Nat) : append (append as []) [] = as := by sorry
theorem append_four (as bs cs : List Nat) : append as (append bs cs) = append (append as bs) cs := by sorry
theorem total_swap (as bs : List Nat) : total (append as bs) = total bs + total as := by sorry
theorem length_swap (as bs : List Nat) : (append as bs).length = bs.length + as.length := by sorry
theorem mirror_three (s : Tree) : s.mirror.mirror.mirror = s.mirror := by sorry
theorem size_mirror_twice (s : Tree) : s.mirror.mirror.size = s.size := by sorry
theorem between_three (a b c d : Nat) (h : a < b) (k : b < c) (l : c < d) : a + 2 < d := by sorry
theorem split_lt (a b : Nat) : a < b ∨ b ≤ a := by sorry
theorem and_turn (p q r : Prop) (h : (p ∧ q) ∧ r) : q ∧ (r ∧ p) := by sorry
theorem or_case_left (p q r : Prop) (h : p ∨ q) (f : p → r) (g : q → r) : p ∨ r := by sorry

end Similar
