"""What minimising leaves out, and what it keeps."""

from lean.session import Session
from search.budget import Budget
from search.strategies.minimise import minimised
from search.strategies.tries import Tries
from tests.search.proving import goal_of

DOUBLE = "def double (n : Nat) : Nat := n + n\ndef half (n : Nat) : Nat := n / 2\n"


async def _minimised(session: Session, text: str, *lines: str) -> list[str]:
    _, goal = await goal_of(session, text)
    return await minimised(Tries(goal, session, Budget()), lines)


async def test_names_that_are_not_needed_go(session: Session) -> None:
    text = DOUBLE + "theorem t (n : Nat) : double n = n + n := by sorry"
    assert await _minimised(session, text, "simp [half, double]") == ["simp [double]"]


async def test_brackets_that_are_not_needed_go(session: Session) -> None:
    text = DOUBLE + "theorem t (n : Nat) : n + 0 = n := by sorry"
    assert await _minimised(session, text, "simp [double, half]") == ["simp"]


async def test_names_are_written_as_in_their_namespace(session: Session) -> None:
    text = f"namespace A.B\n{DOUBLE}theorem t (n : Nat) : double n = n + n := by sorry\nend A.B"
    assert await _minimised(session, text, "simp [A.B.double]") == ["simp [double]"]


async def test_a_name_that_would_mean_another_stays_qualified(session: Session) -> None:
    text = (
        "namespace A\ndef double (n : Nat) : Nat := n + n\nend A\nnamespace A.B\n"
        "def double (n : Nat) : Nat := n\n"
        "theorem t (n : Nat) : A.double n = n + n := by sorry\nend A.B"
    )
    assert await _minimised(session, text, "simp [A.double]") == ["simp [A.double]"]


async def test_what_can_not_be_shorter_stays(session: Session) -> None:
    text = DOUBLE + "theorem t (a b : Nat) (h : a < b) : a ≤ b := by sorry"
    assert await _minimised(session, text, "omega") == ["omega"]


async def test_without_time_nothing_changes(session: Session) -> None:
    _, goal = await goal_of(session, DOUBLE + "theorem t : double 1 = 2 := by sorry")
    lines = ["simp [half, double]"]
    assert await minimised(Tries(goal, session, Budget(seconds=0.0)), lines) == lines
