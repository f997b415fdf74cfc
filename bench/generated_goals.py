"""Goals made by the number, for runs that need more of them, or other ones, than a bank has.

No two are the same goal: each has a number in its statement.
"""

from dataclasses import dataclass

PREAMBLE = """\
def total : List Nat → Nat
  | [] => 0
  | x :: xs => x + total xs

def twice : List Nat → List Nat
  | [] => []
  | x :: xs => x :: x :: twice xs
"""
"""What the statements of `HARDER` speak of."""

EASY = (
    "(a b : Nat) : a + b + {n} = {n} + b + a",
    "(a b : Nat) (h : a < b) : a + {n} < b + {n}",
    "(xs : List Nat) : (xs ++ [{n}]).length = xs.length + 1",
    "(p q : Prop) (hp : p) (hq : q ∨ {n} = 0) : p ∧ (q ∨ {n} = 0)",
)
HARDER = (
    "(xs ys : List Nat) : total (xs ++ ys) + {n} = total xs + total ys + {n}",
    "(xs : List Nat) : total (twice xs) + {n} = 2 * total xs + {n}",
    "(xs : List Nat) : (twice xs).length + {n} = 2 * xs.length + {n}",
)
FALSE = (
    "(a b : Nat) : a - b + b + {n} = a + {n}",
    "(n : Nat) : n + {n} < 2 * n + {n}",
)
IMPOSSIBLE = (
    "(a b c n : Nat) (h : {n} + 2 < n) (ha : 0 < a) (hb : 0 < b) : a ^ n + b ^ n ≠ c ^ n",
    "(n : Nat) (h : {n} + 1 < n) : ∃ p q, p + q = 2 * n ∧ 1 < p ∧ 1 < q ∧ "
    "(∀ a b, a * b = p → a = 1 ∨ b = 1) ∧ ∀ a b, a * b = q → a = 1 ∨ b = 1",
    "(f : Nat → Nat) (h : ∀ n, f (f n) < f (n + 1)) : f {n} = {n}",
)


@dataclass(frozen=True, slots=True)
class Generated:
    """A theorem without its proof. `kind`: `easy` and `harder` ones can be proved."""

    name: str
    statement: str
    kind: str

    @property
    def provable(self) -> bool:
        """Is a proof within reach of the strategies?"""
        return self.kind in ("easy", "harder")

    @property
    def text(self) -> str:
        """The theorem with its hole."""
        return f"theorem {self.name} {self.statement} := by\n  sorry\n"


_KINDS = {"easy": EASY, "harder": HARDER, "false": FALSE, "impossible": IMPOSSIBLE}


def goal(kind: str, number: int) -> Generated:
    """The goal of a kind (`easy`, `harder`, `false`, `impossible`) with a number."""
    patterns = _KINDS[kind]
    pattern = patterns[number % len(patterns)]
    return Generated(f"{kind}_{number}", pattern.replace("{n}", str(number)), kind)


def file_text(goals: list[Generated]) -> str:
    """A file with these goals."""
    return "\n".join([PREAMBLE, *(goal.text for goal in goals)])
