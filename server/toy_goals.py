"""Ten goals that a search should find easy, on which `unsorry doctor` tries whether it works."""

TOY_GOALS = (
    "theorem toy_order (a b c : Nat) : a + b + c = c + b + a := by\n  sorry\n",
    "theorem toy_between (a b : Nat) (h : a < b) : a + 1 ≤ b := by\n  sorry\n",
    "theorem toy_swap (p q : Prop) (h : p ∧ q) : q ∧ p := by\n  sorry\n",
    "theorem toy_either (p q : Prop) (h : p ∨ q) : q ∨ p := by\n  sorry\n",
    "theorem toy_chain (p q r : Prop) (f : p → q) (g : q → r) : p → r := by\n  sorry\n",
    "theorem toy_append (xs : List Nat) : xs ++ [] = xs := by\n  sorry\n",
    "theorem toy_length (xs ys : List Nat) : (xs ++ ys).length = ys.length + xs.length := by\n"
    "  sorry\n",
    "theorem toy_not_not (b : Bool) : (!!b) = b := by\n  sorry\n",
    "theorem toy_square (n : Int) (h : n = 3) : n * n = 9 := by\n  sorry\n",
    "theorem toy_parity (n : Nat) : n % 2 = 0 ∨ n % 2 = 1 := by\n  sorry\n",
)
"""A text each: a theorem whose proof is missing."""
