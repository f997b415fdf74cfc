/-! Doubles, squares and triangular numbers. -/

namespace Gauss

/-- Twice a number. -/
def double (n : Nat) : Nat := n + n

/-- A number by itself. -/
def square (n : Nat) : Nat := n * n

/-- The sum of the numbers up to `n`. -/
def tri : Nat → Nat
  | 0 => 0
  | n + 1 => tri n + (n + 1)

theorem double_zero : double 0 = 0 := rfl

theorem double_succ (n : Nat) : double (n + 1) = double n + 2 := by
  unfold double; omega

theorem double_add (a b : Nat) : double (a + b) = double a + double b := by
  unfold double; omega

theorem double_eq (n : Nat) : double n = 2 * n := by
  unfold double; omega

theorem double_injective (a b : Nat) (h : double a = double b) : a = b := by
  unfold double at h; omega

theorem double_mono (a b : Nat) (h : a ≤ b) : double a ≤ double b := by
  sorry

theorem square_zero : square 0 = 0 := rfl

theorem square_one : square 1 = 1 := rfl

theorem square_succ (n : Nat) : square (n + 1) = square n + double n + 1 := by
  sorry

theorem square_mul (a b : Nat) : square (a * b) = square a * square b := by
  sorry

theorem tri_zero : tri 0 = 0 := rfl

theorem tri_one : tri 1 = 1 := rfl

theorem tri_succ (n : Nat) : tri (n + 1) = tri n + (n + 1) := rfl

theorem tri_pos (n : Nat) (h : 0 < n) : 0 < tri n := by
  cases n with
  | zero => omega
  | succ n => rw [tri_succ]; omega

theorem tri_mono (n : Nat) : tri n ≤ tri (n + 1) := by
  rw [tri_succ]; omega

end Gauss
