"""Values that cross from one process to another, and what a model is told of a pair."""

from pathlib import Path

from search.training.pairs import Pair
from search.training.plan import LONGEST_GOAL, Job, Plan, Progress, Shape, told


def test_a_job_survives_json() -> None:
    plan = Plan(seconds=3.0, seed=7, shape=Shape(width=64), rate=1e-3)
    job = Job(plan, Path("a"), Path("b"), Path("c"), Path("d"))
    assert Job.from_json(job.as_json()) == job


def test_progress_survives_json_with_more_in_it() -> None:
    progress = Progress(3, 1.5, 0.25, 0.5, 0.125, 48)
    assert Progress.from_json({**progress.as_json(), "more": 1}) == progress


def test_a_long_goal_keeps_its_end() -> None:
    lines = [f"h{number} : a + {number} = b" for number in range(100)]
    goal, tactic = told(Pair("\n".join([*lines, "⊢ a = b"]), "omega", "d", "workspace"))
    assert len(goal.encode()) <= LONGEST_GOAL and goal.endswith("⊢ a = b") and "h99" in goal
    assert tactic == "omega"
