/-!
# Binary search trees

A small set of natural numbers as a search tree: insertion, membership, and the usual measures.
-/

namespace Trees

inductive Tree (α : Type) where
  | leaf : Tree α
  | node (left : Tree α) (value : α) (right : Tree α) : Tree α

namespace Tree

variable {α β : Type}

def size : Tree α → Nat
  | leaf => 0
  | node l _ r => l.size + 1 + r.size

def height : Tree α → Nat
  | leaf => 0
  | node l _ r => max l.height r.height + 1

def mirror : Tree α → Tree α
  | leaf => leaf
  | node l x r => node r.mirror x l.mirror

def map (f : α → β) : Tree α → Tree β
  | leaf => leaf
  | node l x r => node (l.map f) (f x) (r.map f)

/-- The values from left to right, put before `rest`. -/
def flatten : Tree α → List α → List α
  | leaf, rest => rest
  | node l x r, rest => l.flatten (x :: r.flatten rest)

def insert (x : Nat) : Tree Nat → Tree Nat
  | leaf => node leaf x leaf
  | node l y r =>
    if x < y then node (l.insert x) y r
    else if y < x then node l y (r.insert x)
    else node l y r

def contains (x : Nat) : Tree Nat → Bool
  | leaf => false
  | node l y r =>
    if x < y then l.contains x
    else if y < x then r.contains x
    else true

/-- Every value of the tree satisfies `p`. -/
def All (p : Nat → Prop) : Tree Nat → Prop
  | leaf => True
  | node l x r => l.All p ∧ p x ∧ r.All p

/-- The search-tree invariant. -/
def Ordered : Tree Nat → Prop
  | leaf => True
  | node l x r => l.Ordered ∧ l.All (· < x) ∧ r.All (x < ·) ∧ r.Ordered

theorem mirror_mirror (t : Tree α) : t.mirror.mirror = t := by
  induction t with
  | leaf => rfl
  | node l x r ihl ihr => sorry

theorem size_mirror (t : Tree α) : t.mirror.size = t.size := by
  sorry

theorem height_le_size (t : Tree α) : t.height ≤ t.size := by
  induction t with
  | leaf => simp [height, size]
  | node l x r ihl ihr =>
    have left : l.height ≤ l.size + 1 + r.size := by omega
    simp only [height, size]
    sorry

theorem size_map (f : α → β) (t : Tree α) : (t.map f).size = t.size := by
  induction t <;> simp_all [map, size]

theorem flatten_append (t : Tree α) (xs ys : List α) :
    t.flatten (xs ++ ys) = t.flatten xs ++ ys := by
  sorry

theorem length_flatten (t : Tree α) (rest : List α) :
    (t.flatten rest).length = t.size + rest.length := by
  induction t generalizing rest with
  | leaf => simp [flatten, size]
  | node l x r ihl ihr =>
    calc ((node l x r).flatten rest).length
        = (l.flatten (x :: r.flatten rest)).length := rfl
      _ = l.size + (r.flatten rest).length.succ := by sorry
      _ = (node l x r).size + rest.length := by
        simp only [ihr, size]
        omega

theorem contains_insert (x : Nat) (t : Tree Nat) : (t.insert x).contains x = true := by
  induction t with
  | leaf => simp [insert, contains]
  | node l y r ihl ihr =>
    simp only [insert]
    split
    · sorry
    · split
      · simp_all [contains]
      · sorry

theorem All.imp {p q : Nat → Prop} (h : ∀ n, p n → q n) (t : Tree Nat) (ht : t.All p) :
    t.All q := by
  sorry

/-- Insertion keeps the invariant. -/
theorem ordered_insert (x : Nat) (t : Tree Nat) (h : t.Ordered) : (t.insert x).Ordered := by
  sorry

end Tree

end Trees
