import Gauss.Sums

/-! What Gauss did at school. -/

namespace Gauss

theorem gauss (n : Nat) : double (tri n) = n * (n + 1) := by
  induction n with
  | zero => rfl
  | succ n h => rw [tri_succ, double_add, h, double_eq, ← Nat.add_mul, Nat.mul_comm]

theorem gauss_downFrom (n : Nat) : double (total (downFrom n)) = n * (n + 1) := by
  rw [total_downFrom, gauss]

theorem gauss_reverse (n : Nat) : double (total (downFrom n).reverse) = n * (n + 1) := by
  rw [total_reverse, gauss_downFrom]

theorem even_mul_succ (n : Nat) : Even (n * (n + 1)) := ⟨tri n, (gauss n).symm⟩

theorem odds_square (n : Nat) : ∃ xs, total xs = square n := ⟨odds n, total_odds n⟩

theorem square_even_or_odd (n : Nat) : Even (square n) ∨ Odd (square n) := even_or_odd _

theorem tri_add_tri (n : Nat) : tri n + tri (n + 1) = square (n + 1) := by
  sorry

theorem main (n : Nat) : tri n + tri (n + 1) = total (odds (n + 1)) := by
  rw [total_odds, tri_add_tri]

end Gauss
