"""Scripts land in a file as a careful person would write them, and the file elaborates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lean.document import elaborate
from lean.insertion import Edit, apply, insertion
from lean.session import Session

OMEGA = "omega"
SPLIT = "constructor\n· omega\n· omega"
FIRST = "first\n| assumption\n| omega"

CASES = {
    "by, one line": (
        "theorem a (x : Nat) : x < x + 1 := by sorry",
        OMEGA,
        "theorem a (x : Nat) : x < x + 1 := by omega",
    ),
    "by, lines": (
        "theorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 := by sorry\n",
        SPLIT,
        "theorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 := by\n  constructor\n  · omega\n  · omega\n",
    ),
    "on its own line": (
        "theorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 := by\n    skip\n    sorry",
        SPLIT,
        "theorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 := by\n    skip\n"
        "    constructor\n    · omega\n    · omega",
    ),
    "bullet": (
        "theorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 := by\n  refine ⟨?_, ?_⟩\n  · sorry\n  · omega",
        "skip\nomega",
        "theorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 := by\n  refine ⟨?_, ?_⟩\n"
        "  · skip\n    omega\n  · omega",
    ),
    "bullet with more below": (
        "theorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 := by\n  refine ⟨?_, ?_⟩\n"
        "  · have h : 0 ≤ x := by sorry\n    exact h\n  · omega",
        "skip\nomega",
        "theorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 := by\n  refine ⟨?_, ?_⟩\n"
        "  · have h : 0 ≤ x := by\n      skip\n      omega\n    exact h\n  · omega",
    ),
    "term of a have behind a bullet": (
        "theorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 := by\n  refine ⟨?_, ?_⟩\n"
        "  · have h : 0 ≤ x := sorry\n    exact h\n  · omega",
        "skip\nomega",
        "theorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 := by\n  refine ⟨?_, ?_⟩\n"
        "  · have h : 0 ≤ x := by\n      skip\n      omega\n    exact h\n  · omega",
    ),
    "operand, a simple script": (
        "theorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 := by constructor <;> sorry",
        OMEGA,
        "theorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 := by constructor <;> omega",
    ),
    "operand, an open script": (
        "theorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 := by constructor <;> sorry",
        "skip; omega",
        "theorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 := by constructor <;> (skip; omega)",
    ),
    "operand, lines": (
        "theorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 := by\n  constructor <;> sorry",
        "skip\nomega",
        "theorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 := by\n  constructor <;> (skip\n"
        "                   omega)",
    ),
    "left operand": (
        "theorem a (p q : Prop) (h : p ∧ q) : q ∧ p := by\n  sorry <;> simp [h]",
        "first | constructor | skip",
        "theorem a (p q : Prop) (h : p ∧ q) : q ∧ p := by\n"
        "  (first | constructor | skip) <;> simp [h]",
    ),
    "after a semicolon": (
        "theorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 := by skip; sorry",
        SPLIT,
        "theorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 := by skip; (constructor\n"
        + " " * 53
        + "· omega\n"
        + " " * 53
        + "· omega)",
    ),
    "alternative": (
        "theorem a (x : Nat) : x < x + 1 := by\n  first | sorry | omega",
        "first | omega | simp",
        "theorem a (x : Nat) : x < x + 1 := by\n  first | (first | omega | simp) | omega",
    ),
    "arm of an induction": (
        "theorem a (x : Nat) : x < x + 1 := by\n  induction x with\n  | zero => sorry\n"
        "  | succ n _ => omega",
        FIRST,
        "theorem a (x : Nat) : x < x + 1 := by\n  induction x with\n  | zero =>\n"
        "    first\n    | assumption\n    | omega\n  | succ n _ => omega",
    ),
    "arm with more below": (
        "theorem a (x : Nat) : x < x + 1 := by\n  cases x with\n  | zero => skip; sorry\n"
        "  | succ n => sorry\n              ",
        OMEGA,
        "theorem a (x : Nat) : x < x + 1 := by\n  cases x with\n  | zero => skip; omega\n"
        "  | succ n => omega\n              ",
    ),
    "case": (
        "theorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 := by\n  constructor\n  case left => sorry\n"
        "  case right => omega",
        "skip\nomega",
        "theorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 := by\n  constructor\n  case left =>\n"
        "    skip\n    omega\n  case right => omega",
    ),
    "term": (
        "theorem a (x : Nat) : x < x + 1 := sorry",
        OMEGA,
        "theorem a (x : Nat) : x < x + 1 := by omega",
    ),
    "term, lines": (
        "theorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 := sorry",
        SPLIT,
        "theorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 := by\n  constructor\n  · omega\n  · omega",
    ),
    "term on its own line": (
        "theorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 :=\n  sorry",
        SPLIT,
        "theorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 :=\n  by\n    constructor\n    · omega\n"
        "    · omega",
    ),
    "argument": (
        "theorem a (x : Nat) : 0 < x + 1 := Nat.lt_of_le_of_lt (Nat.le_refl 0) sorry",
        OMEGA,
        "theorem a (x : Nat) : 0 < x + 1 := Nat.lt_of_le_of_lt (Nat.le_refl 0) (by omega)",
    ),
    "argument, lines": (
        "theorem a (x : Nat) (h : (by exact True)) : 0 < x + 1 :=\n"
        "  Nat.lt_of_le_of_lt sorry (Nat.lt_succ_self x)",
        "skip\nomega",
        "theorem a (x : Nat) (h : (by exact True)) : 0 < x + 1 :=\n"
        "  Nat.lt_of_le_of_lt (by\n    skip\n    omega) (Nat.lt_succ_self x)",
    ),
    "statement with a closed by": (
        "theorem a (x : Fin (by exact 3)) : x.1 < 3 ∧ 0 ≤ x.1 := sorry",
        SPLIT,
        "theorem a (x : Fin (by exact 3)) : x.1 < 3 ∧ 0 ≤ x.1 := by\n  constructor\n"
        "  · omega\n  · omega",
    ),
    "anonymous constructor": (
        "theorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 := ⟨sorry, by omega⟩",
        OMEGA,
        "theorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 := ⟨by omega, by omega⟩",
    ),
    "then and else": (
        "theorem a (x : Nat) : x < x + 1 := if _h : x = 0 then sorry else (by omega)",
        OMEGA,
        "theorem a (x : Nat) : x < x + 1 := if _h : x = 0 then (by omega) else (by omega)",
    ),
    "projection": (
        "theorem a (x : Nat) (h : 0 ≤ x ∧ x < x + 1) : x < x + 1 := (show _ ∧ _ from sorry).2",
        "exact h",
        "theorem a (x : Nat) (h : 0 ≤ x ∧ x < x + 1) : x < x + 1 := (show _ ∧ _ from by exact h).2",
    ),
    "arm of a match": (
        "theorem a : (x : Nat) → x < x + 1\n  | 0 => sorry\n  | _ + 1 => by omega",
        "first | omega | simp",
        "theorem a : (x : Nat) → x < x + 1\n  | 0 => by first | omega | simp\n"
        "  | _ + 1 => by omega",
    ),
    "calc step": (
        "theorem a (x : Nat) : x + 1 = 1 + x :=\n  calc x + 1 = 1 + x := sorry\n"
        "    _ = 1 + x := rfl",
        OMEGA,
        "theorem a (x : Nat) : x + 1 = 1 + x :=\n  calc x + 1 = 1 + x := by omega\n"
        "    _ = 1 + x := rfl",
    ),
    "calc step, lines": (
        "theorem a (x : Nat) : x + 1 = 1 + x :=\n  calc\n    x + 1 = 1 + x := sorry\n"
        "    _ = 1 + x := rfl",
        "skip\nomega",
        "theorem a (x : Nat) : x + 1 = 1 + x :=\n  calc\n    x + 1 = 1 + x := by\n"
        "      skip\n      omega\n    _ = 1 + x := rfl",
    ),
    "decreasing_by": (
        "def f (n : Nat) : Nat := if n = 0 then 0 else f (n / 2)\ndecreasing_by sorry",
        "skip\nomega",
        "def f (n : Nat) : Nat := if n = 0 then 0 else f (n / 2)\ndecreasing_by\n  skip\n  omega",
    ),
    "comment behind it": (
        "theorem a (x : Nat) : x < x + 1 := sorry -- later\n",
        OMEGA,
        "theorem a (x : Nat) : x < x + 1 := by omega -- later\n",
    ),
    "script that ends in a comment": (
        "theorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 := ⟨by sorry, by omega⟩",
        "-- by arithmetic\nomega -- easy\n/- done -/",
        "theorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 := ⟨by\n  -- by arithmetic\n  omega, by omega⟩",
    ),
    "admit": (
        "theorem a (x : Nat) : x < x + 1 := by\n  admit",
        OMEGA,
        "theorem a (x : Nat) : x < x + 1 := by\n  omega",
    ),
    "CRLF and byte order mark": (
        "\ufefftheorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 := by sorry\r\n\r\n-- ∎\r\n",
        SPLIT,
        "\ufefftheorem a (x : Nat) : 0 ≤ x ∧ x < x + 1 := by\r\n  constructor\r\n  · omega\r\n"
        "  · omega\r\n\r\n-- ∎\r\n",
    ),
    "wide characters before it": (
        "theorem «𝒢👩‍👧» (α : Nat) : 0 ≤ α ∧ α < α + 1 := ⟨by omega, sorry⟩",
        "skip\nomega",
        "theorem «𝒢👩‍👧» (α : Nat) : 0 ≤ α ∧ α < α + 1 := ⟨by omega, by\n  skip\n  omega⟩",
    ),
}


@pytest.mark.parametrize("name", CASES)
async def test_a_script_is_written_as_expected_and_elaborates(session: Session, name: str) -> None:
    text, script, expected = CASES[name]
    document = await elaborate(session, text)
    for hole in reversed(document.holes):
        document_text = apply(document.source.text, [insertion(document, hole, script)])
        document = await elaborate(session, document_text)
    assert document.source.text == expected
    assert [message.text for message in document.errors] == []
    assert not document.holes


EDITS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 5), st.text("xy", max_size=3)), max_size=6
)


@given(st.text("abc\n", min_size=45, max_size=60), EDITS)
def test_edits_touch_nothing_else(text: str, wanted: list[tuple[int, int, str]]) -> None:
    edits: list[Edit] = []
    for start, length, replacement in sorted(wanted):
        if not edits or (start > edits[-1].start and start >= edits[-1].end):
            edits.append(Edit(start, start + length, replacement))
    expected = text
    for edit in reversed(edits):
        expected = expected[: edit.start] + edit.replacement + expected[edit.end :]
    assert apply(text, reversed(edits)) == expected


def test_overlapping_edits_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        apply("abcdef", [Edit(0, 3, "x"), Edit(2, 4, "y")])
