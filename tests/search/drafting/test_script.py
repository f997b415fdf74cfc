"""The text of drafts: their holes, and what is put there."""

import pytest

from lean.document import elaborate
from lean.session import Session
from search.drafting.script import filled, places, written_out


@pytest.mark.parametrize(
    ("script", "count"),
    [
        ("sorry", 1),
        ("have h : a = b := by sorry\nexact foo sorry", 2),
        ("-- sorry\nexact h", 0),
        ('exact f "sorry" /- sorry -/ sorry', 1),
        ("exact sorry' h.sorry sorryAx", 0),
        ("admit", 1),
    ],
)
def test_holes_are_found_where_lean_sees_them(script: str, count: int) -> None:
    assert len(places(script)) == count


def test_one_hole_for_all_goals_becomes_a_bullet_each() -> None:
    assert written_out("cases n <;> sorry", 2) == "cases n\n· sorry\n· sorry"
    assert written_out("intro x <;> sorry", 1) == "intro x\nsorry"
    assert written_out("cases n\nall_goals sorry", 2) == "cases n\n· sorry\n· sorry"
    assert written_out("have h := by sorry\nexact h", 2) == "have h := by sorry\nexact h"


async def test_proofs_go_where_the_holes_were(session: Session) -> None:
    script = (
        "induction n with\n| zero => sorry\n| succ n ih =>\n  have h : 0 = 0 := by sorry\n  sorry"
    )
    text = "theorem t (n : Nat) : n + 0 = n := by\n" + "\n".join(
        f"  {line}" for line in script.split("\n")
    )
    document = await elaborate(session, text + "\n")
    assert document.elaborates, document.errors
    proofs = ["rfl", "rfl", "intro\nsimp"]
    assert filled(document, script, document.holes, proofs) == (
        "induction n with\n| zero => rfl\n| succ n ih =>\n  have h : 0 = 0 := by rfl\n"
        "  intro\n  simp"
    )
    with pytest.raises(ValueError, match="3 holes in the script, 2"):
        filled(document, script, document.holes[:2], proofs[:2])
