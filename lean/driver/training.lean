-- What the embedded Lean is trained on (lean/embedded_training.py): a little of everything that users write.
inductive Tree (α : Type) where
  | leaf : Tree α
  | node : Tree α → α → Tree α → Tree α
deriving Repr, DecidableEq

namespace Tree

def size : Tree α → Nat
  | leaf => 0
  | node l _ r => l.size + 1 + r.size

def mirror : Tree α → Tree α
  | leaf => leaf
  | node l x r => node r.mirror x l.mirror

theorem mirror_mirror (t : Tree α) : t.mirror.mirror = t := by
  induction t with
  | leaf => rfl
  | node l x r ihl ihr => simp [mirror, ihl, ihr]

theorem size_mirror (t : Tree α) : t.mirror.size = t.size := by
  induction t with
  | leaf => sorry
  | node l x r ihl ihr => simp only [mirror, size]; sorry

end Tree

structure Point where
  x : Int
  y : Int
deriving BEq

def Point.add (p q : Point) : Point := { x := p.x + q.x, y := p.y + q.y }

theorem Point.add_comm (p q : Point) : p.add q = q.add p := by
  simp [Point.add]; constructor <;> omega

def double (n : Nat) : Nat := n + n

theorem double_even (n : Nat) : double n % 2 = 0 := by sorry
theorem sum_square (a b : Nat) : (a + b) * (a + b) = a * a + 2 * (a * b) + b * b := by sorry
theorem append_length (xs ys : List Nat) : (xs ++ ys).length = ys.length + xs.length := by sorry
theorem reverse_twice (xs : List Nat) : xs.reverse.reverse = xs := by sorry
theorem and_swap (p q r : Prop) (h : p ∧ q ∨ r) : (q ∧ p) ∨ r := by sorry
theorem le_step (a b c : Nat) (h : a ≤ b) (g : b < c) : a + 1 ≤ c := by sorry
theorem some_get (o : Option Nat) (h : o.isSome) : ∃ x, o = some x := by sorry
theorem bool_and (a b : Bool) : (a && b) = (b && a) := by sorry
theorem map_map' (f : Nat → Nat) (xs : List Nat) : (xs.map f).length = xs.length := by sorry

theorem calculation (a b c : Nat) (h : a = b) (g : b = c + 1) : a > c := by
  calc a = b := h
    _ = c + 1 := g
    _ > c := by omega

theorem cases_or (n : Nat) : n = 0 ∨ n > 0 := by
  cases n with
  | zero => exact .inl rfl
  | succ m => right; exact Nat.succ_pos m

example (xs : List Nat) (h : 3 ∈ xs) : xs ≠ [] := by
  intro contra
  subst contra
  simp at h

example : ∃ n : Nat, n * n = 49 := ⟨7, by decide⟩
example (f : Nat → Nat) (h : ∀ x, f x = x) : f (f 2) = 2 := by rw [h, h]
