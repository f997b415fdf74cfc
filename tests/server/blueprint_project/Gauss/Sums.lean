import Gauss.Parity

/-! Sums of lists. -/

namespace Gauss

/-- The sum of a list. -/
def total : List Nat → Nat
  | [] => 0
  | x :: xs => x + total xs

/-- The numbers from `n` down to 1. -/
def downFrom : Nat → List Nat
  | 0 => []
  | n + 1 => (n + 1) :: downFrom n

/-- The first odd numbers, the greatest first. -/
def odds : Nat → List Nat
  | 0 => []
  | n + 1 => (double n + 1) :: odds n

theorem total_nil : total [] = 0 := rfl

theorem total_cons (x : Nat) (xs : List Nat) : total (x :: xs) = x + total xs := rfl

theorem total_append (xs ys : List Nat) : total (xs ++ ys) = total xs + total ys := by
  induction xs with
  | nil => simp [total]
  | cons x xs h => simp [total, h, Nat.add_assoc]

theorem total_reverse (xs : List Nat) : total xs.reverse = total xs := by
  sorry

theorem total_singleton (x : Nat) : total [x] = x := rfl

theorem total_map_double (xs : List Nat) : total (xs.map double) = double (total xs) := by
  induction xs with
  | nil => rfl
  | cons x xs h => simp [total, h, double_add]

theorem downFrom_zero : downFrom 0 = [] := rfl

theorem length_downFrom (n : Nat) : (downFrom n).length = n := by
  induction n with
  | zero => rfl
  | succ n h => simp [downFrom, h]

theorem total_downFrom (n : Nat) : total (downFrom n) = tri n := by
  induction n with
  | zero => rfl
  | succ n h => rw [downFrom, total, tri, h, Nat.add_comm]

theorem odds_zero : odds 0 = [] := rfl

theorem length_odds (n : Nat) : (odds n).length = n := by
  sorry

theorem odd_of_mem_odds (n x : Nat) (h : x ∈ odds n) : Odd x := by
  induction n with
  | zero => simp [odds] at h
  | succ n ih =>
    rcases List.mem_cons.mp h with rfl | h
    · exact ⟨n, rfl⟩
    · exact ih h

theorem total_odds (n : Nat) : total (odds n) = square n := by
  induction n with
  | zero => rfl
  | succ n h => rw [odds, total, h, square_succ]; omega

end Gauss
