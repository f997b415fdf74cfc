/-!
# Sums, divisors and parity
-/

namespace Arithmetic

def sumTo : Nat → Nat
  | 0 => 0
  | n + 1 => (n + 1) + sumTo n

def sumSquares : Nat → Nat
  | 0 => 0
  | n + 1 => (n + 1) * (n + 1) + sumSquares n

def gcd (a b : Nat) : Nat :=
  if h : b = 0 then a else gcd b (a % b)
termination_by b
decreasing_by
  sorry

def Even (n : Nat) : Prop := ∃ k, n = 2 * k

def Odd (n : Nat) : Prop := ∃ k, n = 2 * k + 1

theorem gauss (n : Nat) : 2 * sumTo n = n * (n + 1) := by
  induction n with
  | zero => rfl
  | succ n ih =>
    calc 2 * sumTo (n + 1) = 2 * (n + 1) + 2 * sumTo n := by sorry
      _ = 2 * (n + 1) + n * (n + 1) := by rw [ih]
      _ = (n + 1) * (n + 1 + 1) := by sorry

theorem sum_of_squares (n : Nat) : 6 * sumSquares n = n * (n + 1) * (2 * n + 1) := by
  sorry

theorem gcd_zero (a : Nat) : gcd a 0 = a := by
  rw [gcd]
  sorry

section Parity

variable {m n : Nat}

theorem Even.add (hm : Even m) (hn : Even n) : Even (m + n) := by
  obtain ⟨a, ha⟩ := hm
  obtain ⟨b, hb⟩ := hn
  exact ⟨a + b, by sorry⟩

theorem Odd.add (hm : Odd m) (hn : Odd n) : Even (m + n) := by
  obtain ⟨a, ha⟩ := hm
  obtain ⟨b, hb⟩ := hn
  exact ⟨a + b + 1, by omega⟩

theorem even_or_odd (n : Nat) : Even n ∨ Odd n := by
  induction n with
  | zero => exact Or.inl ⟨0, rfl⟩
  | succ n ih =>
    cases ih with
    | inl even => sorry
    | inr odd =>
      obtain ⟨k, hk⟩ := odd
      exact Or.inl ⟨k + 1, by omega⟩

theorem not_even_and_odd (h : Even n) : ¬ Odd n := by
  sorry

theorem pred_odd_of_even (h : Even n) : Odd (n - 1) := by
  sorry

end Parity

theorem no_square_ends_in_two (n : Nat) : n * n % 10 ≠ 2 := by
  sorry

end Arithmetic
