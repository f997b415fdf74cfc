"""Known scripts, tried on a goal that they may fit."""

from lean.session import Session
from search.budget import Budget
from search.strategies.recall import Recall
from tests.search.proving import goal_of, proves, run

TEXT = "theorem t (p q : Prop) (hp : p) (hq : q) : p ∧ q := by sorry"


async def test_the_first_that_fits(session: Session) -> None:
    known = ("omega", "constructor\n· exact hp\n· exact hq", "simp_all")
    assert await proves(session, TEXT, Recall(known)) == known[1]


async def test_it_is_made_shorter(session: Session) -> None:
    text = "def double (n : Nat) := n + n\ntheorem t (n : Nat) : n + 0 = n := by sorry"
    assert await proves(session, text, Recall(("simp [double]",))) == "simp"


async def test_nothing_to_recall(session: Session) -> None:
    result = (await run(session, Recall(()), TEXT)).result
    assert not result.success and result.scripts_tried == 0


async def test_what_failed_is_not_tried_again(session: Session) -> None:
    failures: dict[str, dict[str, int]] = {}
    _, goal = await goal_of(session, TEXT, failures=failures)
    assert not (await Recall(("omega",)).run(goal, session, Budget())).success
    assert failures[goal.text].keys() == {"omega"}
    _, same = await goal_of(session, TEXT, failures=failures)
    assert (await Recall(("omega",)).run(same, session, Budget())).scripts_tried == 0


def test_other_candidates_are_another_attempt() -> None:
    assert Recall(("rfl",)).parameters == Recall(("rfl",)).parameters
    assert Recall(("rfl",)).parameters != Recall(("rfl", "simp")).parameters
