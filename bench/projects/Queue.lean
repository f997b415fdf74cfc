/-!
# A queue from two lists
-/

structure Queue (α : Type) where
  front : List α
  back : List α

namespace Queue

variable {α : Type}

def empty : Queue α := ⟨[], []⟩

def push (q : Queue α) (x : α) : Queue α := { q with back := x :: q.back }

/-- The oldest element and the rest. -/
noncomputable def pop? (q : Queue α) : Option (α × Queue α) :=
  match q.front with
  | x :: xs => some (x, ⟨xs, q.back⟩)
  | [] =>
    match q.back.reverse with
    | x :: xs => some (x, ⟨xs, []⟩)
    | [] => none

/-- The elements, oldest first: what the queue means. -/
noncomputable def toList (q : Queue α) : List α := q.front ++ q.back.reverse

noncomputable def size (q : Queue α) : Nat := q.front.length + q.back.length

@[simp] theorem toList_empty : (empty : Queue α).toList = [] := by
  rfl

@[simp] theorem toList_push (q : Queue α) (x : α) : (q.push x).toList = q.toList ++ [x] := by
  sorry

theorem size_push (q : Queue α) (x : α) : (q.push x).size = q.size + 1 := by
  unfold size push
  sorry

theorem size_eq_length (q : Queue α) : q.size = q.toList.length := by
  sorry

theorem pop?_empty : (empty : Queue α).pop? = none :=
  rfl

theorem pop?_of_front (q : Queue α) (x : α) (xs : List α) (h : q.front = x :: xs) :
    q.pop? = some (x, ⟨xs, q.back⟩) := by
  sorry

theorem toList_pop? (q rest : Queue α) (x : α) (h : q.pop? = some (x, rest)) :
    q.toList = x :: rest.toList := by
  unfold pop? at h
  split at h
  · sorry
  · split at h
    · sorry
    · simp at h

end Queue
