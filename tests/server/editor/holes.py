"""Theorems with a hole, for editors to open."""

EASY = "theorem easy (a b : Nat) : a + b = b + a := by\n  sorry\n"
FALSE = "theorem wrong (n : Nat) : n < 5 := by\n  sorry\n"


def hard(number: int) -> str:
    """A goal that nothing proves; with another number another one, so that no test spoils it for
    the next.
    """
    return (
        f"theorem hard (a b c n : Nat) (h : n > {number}) (ha : a > 0) (hb : b > 0)\n"
        "    (hc : c > 0) : a ^ n + b ^ n ≠ c ^ n := by\n  sorry\n"
    )
