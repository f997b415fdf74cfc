"""How much rests on a declaration: other declarations that mention it, over all texts."""

from search.criticality import Criticality

BASE = """
/-- Twice. -/
def double (n : Nat) := n + n
@[simp] theorem Demo.double_eq (n : Nat) : double n = 2 * n := by unfold double; omega
theorem alone : True := trivial
"""
USER = "theorem uses (n : Nat) : double n = n + n := by rw [Demo.double_eq]; omega\n"


def test_every_other_declaration_that_mentions_it_counts_once() -> None:
    criticality = Criticality()
    criticality.see("base.lean", BASE)
    assert [criticality.of(name) for name in ("double", "Demo.double_eq", "alone")] == [1, 0, 0]
    criticality.see("user.lean", USER)
    assert [criticality.of(name) for name in ("double", "Demo.double_eq")] == [2, 1]


def test_a_text_counts_as_it_is_now() -> None:
    criticality = Criticality()
    criticality.see("base.lean", BASE)
    for _ in range(2):
        criticality.see("user.lean", USER)
    criticality.see("user.lean", USER.replace("Demo.double_eq", "double"))
    assert [criticality.of(name) for name in ("double", "Demo.double_eq")] == [2, 0]
    criticality.forget("user.lean")
    assert criticality.of("double") == 1
