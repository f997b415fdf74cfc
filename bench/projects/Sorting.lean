/-!
# Insertion sort

Sorted, of the same length, with the same elements.
-/

namespace Sorting

def insertSorted (x : Nat) : List Nat → List Nat
  | [] => [x]
  | y :: ys => if x ≤ y then x :: y :: ys else y :: insertSorted x ys

def sort : List Nat → List Nat
  | [] => []
  | x :: xs => insertSorted x (sort xs)

/-- `Sorted xs`: each element is at most every later one. -/
inductive Sorted : List Nat → Prop where
  | nil : Sorted []
  | cons (x : Nat) (xs : List Nat) : (∀ y ∈ xs, x ≤ y) → Sorted xs → Sorted (x :: xs)

def count (a : Nat) : List Nat → Nat
  | [] => 0
  | x :: xs => if x = a then count a xs + 1 else count a xs

section Length

variable (x : Nat) (xs : List Nat)

theorem length_insertSorted : (insertSorted x xs).length = xs.length + 1 := by
  induction xs with
  | nil => rfl
  | cons y ys ih =>
    simp only [insertSorted]
    split
    · simp
    · sorry

theorem length_sort : (sort xs).length = xs.length := by
  induction xs with
  | nil => rfl
  | cons y ys ih => simp [sort, length_insertSorted, ih]

end Length

theorem mem_insertSorted (a x : Nat) (xs : List Nat) :
    a ∈ insertSorted x xs ↔ a = x ∨ a ∈ xs := by
  induction xs with
  | nil => simp [insertSorted]
  | cons y ys ih =>
    simp only [insertSorted]
    split <;> grind

theorem sorted_singleton (x : Nat) : Sorted [x] :=
  Sorted.cons x [] sorry Sorted.nil

theorem sorted_tail (x : Nat) (xs : List Nat) (h : Sorted (x :: xs)) : Sorted xs := by
  cases h with
  | cons _ _ _ tail => exact tail

theorem sorted_insertSorted (x : Nat) (xs : List Nat) (h : Sorted xs) :
    Sorted (insertSorted x xs) := by
  induction h with
  | nil => exact sorted_singleton x
  | cons y ys least tail ih =>
    simp only [insertSorted]
    split
    · refine Sorted.cons x (y :: ys) ?_ (Sorted.cons y ys least tail)
      intro z hz
      sorry
    · refine Sorted.cons y _ ?_ ih
      intro z hz
      have places : z = x ∨ z ∈ ys := by
        simpa [mem_insertSorted] using hz
      sorry

theorem count_insertSorted (a x : Nat) (xs : List Nat) :
    count a (insertSorted x xs) = count a (x :: xs) := by
  sorry

theorem sort_append (xs ys : List Nat) : sort (xs ++ ys) = sort ys ++ sort xs := by
  sorry

/-- Sorting is idempotent. -/
theorem sort_sort (xs : List Nat) : sort (sort xs) = sort xs := by
  sorry

end Sorting
