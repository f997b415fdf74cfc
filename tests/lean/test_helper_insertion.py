"""Where a helper lemma goes: above everything that belongs to the declaration with the hole."""

import pytest

from lean.document import elaborate
from lean.insertion import apply, helper_insertion, insertion
from lean.session import Session

HELPER = "theorem helper : 1 = 1 := by\n  rfl"
HOLE = "theorem t : 1 = 1 := by sorry\n"

PLACES = {
    "alone": (HOLE, f"{HELPER}\n\n{HOLE}"),
    "behind a command": (f"def x := 1\n\n{HOLE}", f"def x := 1\n\n{HELPER}\n\n{HOLE}"),
    "doc comment and attribute": (
        f"def x := 1\n/-- One. -/\n@[simp]\n{HOLE}",
        f"def x := 1\n{HELPER}\n\n/-- One. -/\n@[simp]\n{HOLE}",
    ),
    "open in": (f"open Nat in\n{HOLE}", f"{HELPER}\n\nopen Nat in\n{HOLE}"),
    "comment lines": (
        f"def x := 1 -- one\n\n-- two\n-- three\n{HOLE}",
        f"def x := 1 -- one\n\n{HELPER}\n\n-- two\n-- three\n{HOLE}",
    ),
    "end of a block comment": (
        f"def x := 1\n/- two\n-- three -/\n{HOLE}",
        f"def x := 1\n/- two\n-- three -/\n{HELPER}\n\n{HOLE}",
    ),
    "a section heading stays": (
        f"def x := 1\n\n/-! ## Next -/\n\n{HOLE}",
        f"def x := 1\n\n/-! ## Next -/\n\n{HELPER}\n\n{HOLE}",
    ),
    "indented": (
        f"namespace N\n  -- one\n  {HOLE}end N\n",
        f"namespace N\n  theorem helper : 1 = 1 := by\n    rfl\n\n  -- one\n  {HOLE}end N\n",
    ),
    "behind another on its line": (
        f"def x := 1 {HOLE}",
        f"def x := 1 \n{HELPER}\n\n{HOLE}",
    ),
    "where": (
        "theorem t : 1 = 1 := by\n  exact u\nwhere\n  u : 1 = 1 := by sorry\n",
        f"{HELPER}\n\ntheorem t : 1 = 1 := by\n  exact u\nwhere\n  u : 1 = 1 := by sorry\n",
    ),
    "mutual": (f"mutual\n{HOLE}end\n", f"{HELPER}\n\nmutual\n{HOLE}end\n"),
    "CRLF": (
        "\ufeffdef x := 1\r\n-- one\r\ntheorem t : 1 = 1 := by sorry\r\n",
        "\ufeffdef x := 1\r\ntheorem helper : 1 = 1 := by\r\n  rfl\r\n\r\n-- one\r\n"
        "theorem t : 1 = 1 := by sorry\r\n",
    ),
}


@pytest.mark.parametrize("place", PLACES)
async def test_the_helper_goes_above(session: Session, place: str) -> None:
    before, after = PLACES[place]
    document = await elaborate(session, before)
    (hole,) = document.holes
    edit = helper_insertion(document, hole, HELPER + "\n")
    assert apply(before, [edit]) == after
    proved = apply(before, [edit, insertion(document, hole, "exact helper")])
    assert (await elaborate(session, proved)).elaborates
