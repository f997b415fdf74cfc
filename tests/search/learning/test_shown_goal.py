"""Goals read off their display."""

import pytest

from search.learning.shown_goal import read_goal, relation_of, sides_of, symbols_in


def test_parts_of_a_goal() -> None:
    goal = read_goal(
        "case succ.inl\nm n : Nat\nih✝ : ∀ (k : Nat),\n    k ≤ m\nh :\n  (match n with\n"
        "    | 0 => 1)\n    = 2\n⊢ m =\n    n + 1"
    )
    assert goal.case == "succ.inl"
    assert goal.hypotheses[:3] == (("m", "Nat"), ("n", "Nat"), ("ih✝", "∀ (k : Nat), k ≤ m"))
    assert goal.hypotheses[3][0] == "h" and goal.target == "m = n + 1"


def test_a_goal_without_hypotheses() -> None:
    goal = read_goal("⊢ 1 + 1 = 2")
    assert (goal.case, goal.hypotheses, goal.target) == ("", (), "1 + 1 = 2")


def test_words_do_not_tell_names_of_variables() -> None:
    one = symbols_in("(xs ++ ys).length = xs.length + 0", {"xs", "ys"})
    assert one == ["_", "++", "_", "length", "=", "_", "length", "+", "0"]
    assert symbols_in("∀ (a b : Nat), f a b", {"f"}) == symbols_in("∀ (k m : Nat), g k m", {"g"})
    assert "Nat.succ" in symbols_in("Nat.succ n", {"n"})


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("a = b → c ∧ d", "→"),
        ("¬(p ∨ q) ↔ ¬p", "↔"),
        ("f (a = b)", ""),
        ("∀ x, x = y", "∀"),
        ("xs ++ [a, b] = ys", "="),
    ],
)
def test_the_loosest_operator(text: str, relation: str) -> None:
    assert relation_of(text) == relation


def test_sides() -> None:
    assert sides_of("f (a = b) = c + d") == ("f (a = b)", "c + d")
    assert sides_of("Even (m + n)") == ("Even (m + n)", "")
