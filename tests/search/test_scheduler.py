"""What is tried next: the rank of goals, the order and slices of strategies, escalation."""

import pytest

from lean.goal_key import GoalKey
from lean.hole import Hole
from search.arms import Arm
from search.bandit import make_policy
from search.events import Attempt, GoalHandle
from search.scheduler import Scheduler, next_turn
from search.settings import Effort, Settings
from tests.search.few_tactics import FewTactics

EASY, HARD = 0.1, 0.9
EFFORT = Effort(seconds=10.0, heartbeats=1000, heavy_seconds=30.0)
LIGHT = Arm(FewTactics(name="light", family="one"), 0.5, 0.25)
SIDE = Arm(FewTactics(name="side", family="one"))
OTHER = Arm(FewTactics(name="other", family="two"))
HEAVY = Arm(FewTactics(name="heavy", family="three", weight="heavy", timeout=20.0))


def goal(path: str = "a.lean", difficulty: float = EASY, declaration: str = "t") -> GoalHandle:
    hole = Hole(
        identity=path,
        command=0,
        start=0,
        end=5,
        proofs=(),
        goals=("⊢ True",),
        mode="tactic",
        syntax_mode="tactic",
        syntax="sorry",
        declaration=declaration,
        editable=True,
        parents=(),
        line=1,
        column=1,
        end_line=1,
        end_column=6,
    )
    return GoalHandle(path, 1, hole, GoalKey("k", "k", "⊢ True", (), ""), {}, difficulty)


@pytest.fixture
def scheduler() -> Scheduler:
    arms = (LIGHT, SIDE, OTHER, HEAVY)
    return Scheduler(arms, make_policy("fixed", [arm.name for arm in arms]), Settings())


def test_the_open_file_comes_first_then_the_latest_edit_then_the_easier_goal(
    scheduler: Scheduler,
) -> None:
    scheduler.edited("older.lean")
    scheduler.edited("newer.lean")
    scheduler.focused = frozenset({"open.lean"})
    wanted = [
        goal("open.lean", HARD),
        goal("newer.lean", HARD),
        goal("older.lean", EASY),
        goal("older.lean", HARD),
        goal("untouched.lean", EASY),
    ]
    assert sorted([*wanted[3:], *wanted[:3]], key=scheduler.rank) == wanted


def test_strategies_come_in_the_policys_order_with_their_slices(scheduler: Scheduler) -> None:
    turns = scheduler.order(goal(), "light", EFFORT, {}, ())
    assert [turn.name for turn in turns] == ["light", "side", "other"]
    assert [(turn.seconds, turn.heartbeats) for turn in turns[:2]] == [(5.0, 250), (10.0, 1000)]
    (heavy,) = scheduler.order(goal(), "heavy", EFFORT, {}, ())
    assert heavy.seconds == 20.0


def test_what_failed_with_as_much_is_not_tried_again(scheduler: Scheduler) -> None:
    tried = {
        ("light", "{}"): [(5.0, 250)],
        ("side", "{}"): [(10.0, 999), (9.0, 2000)],
        ("other", "{}"): [(9.9, 1000)],
    }
    turns = scheduler.order(goal(), "light", EFFORT, tried, ())
    assert [turn.name for turn in turns] == ["side", "other"]


def test_families_alternate_while_one_of_another_waits(scheduler: Scheduler) -> None:
    light, side, other = scheduler.order(goal(), "light", EFFORT, {}, ())
    assert next_turn([side, other], {"one"}) == 1
    assert next_turn([side], {"one"}) == 0
    assert next_turn([light, side, other], set()) == 0


@pytest.mark.parametrize(
    ("failed", "difficulty", "heavy"), [(2, 0.6, True), (1, 0.9, False), (2, 0.5, False)]
)
def test_heavy_strategies_wait_for_two_failures_on_a_hard_goal(
    scheduler: Scheduler, failed: int, difficulty: float, heavy: bool
) -> None:
    assert scheduler.escalates(goal(difficulty=difficulty), failed) is heavy


def test_a_stopped_attempt_teaches_that_it_was_stopped() -> None:
    learned = []

    class Listens:
        name = "listens"

        def rank(self, vector: object, strategies: object) -> list[object]:
            return []

        def update(self, vector: object, observation: object) -> None:
            learned.append(observation)

    scheduler = Scheduler((LIGHT,), Listens(), Settings())  # type: ignore[arg-type]
    for outcome in ("proved", "failed", "cancelled", "timeout", "error"):
        scheduler.learn(goal(), Attempt("light", outcome, seconds=1.0))
    said = [(one.solved, one.censored) for one in learned]  # type: ignore[attr-defined]
    assert said == [(True, False), (False, False), (False, True), (False, True)]
