"""Theorems taken apart: their binders, their claim, their text without the proof."""

import pytest

from search.training.statement import Binder, statement_of, without_proof


def test_binders_and_claim() -> None:
    found = statement_of(
        "theorem A.b (x y : Nat) {α : Type}[Inhabited α] (h : x = y) : y = x := h.symm"
    )
    assert found is not None
    assert found.name == "A.b" and found.claim == "y = x"
    assert found.binders == (
        Binder("(", ("x", "y"), "Nat"),
        Binder("{", ("α",), "Type"),
        Binder("[", (), "Inhabited α"),
        Binder("(", ("h",), "x = y"),
    )
    assert str(found) == "theorem A.b (x y : Nat) {α : Type} [Inhabited α] (h : x = y) : y = x"
    assert found.names == ("x", "y", "α", "h")


def test_a_claim_over_several_lines_is_one_line() -> None:
    found = statement_of(
        "/-- Says: nothing := -/\n@[simp] lemma t :\n    1 = 1 ∧\n      2 = 2 := by\n  simp"
    )
    assert found is not None and found.claim == "1 = 1 ∧ 2 = 2"


@pytest.mark.parametrize(
    "text",
    [
        "def x := 1",
        "theorem t x : p := q",
        "theorem t : p",
        "instance : A := b",
        "example : p := q",
    ],
)
def test_what_cannot_be_read_is_none(text: str) -> None:
    assert statement_of(text) is None


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("theorem t : 1 = 1 := rfl", "theorem t : 1 = 1 := by\n  sorry"),
        (
            "theorem t (h : p := by simp) : p := h",
            "theorem t (h : p := by simp) : p := by\n  sorry",
        ),
        (
            "theorem t : ∀ n, n = n\n  | 0 => rfl\n  | _ => rfl",
            "theorem t : ∀ n, n = n := by\n  sorry",
        ),
        (
            "/-- a -/\nprivate theorem t : p := by\n  q\n  r",
            "/-- a -/\nprivate theorem t : p := by\n  sorry",
        ),
    ],
)
def test_the_proof_is_taken_out(text: str, rest: str) -> None:
    assert without_proof(text) == rest


def test_words_are_replaced_whole_and_at_once() -> None:
    found = statement_of("theorem t (a b : Nat) (h : a < b) : a.succ ≤ b ∧ ab = x.a := q")
    assert found is not None
    swapped = found.with_words({"a": "b", "b": "a"})
    assert swapped.claim == "b.succ ≤ a ∧ ab = x.a" and swapped.binders[1].type == "b < a"
