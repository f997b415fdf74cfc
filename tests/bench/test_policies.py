"""The replay, on a recording small enough to work out by hand; and the recording that ships."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.places import bench_file
from bench.policies import (
    ALONE,
    BEST,
    Course,
    Score,
    Summary,
    best_single,
    best_time,
    observed,
    replay,
    replay_order,
    score,
    summaries,
    targets,
)
from bench.recording import (
    Circumstances,
    Recorded,
    RecordedGoal,
    Recording,
    read_recording,
)
from lean.errors import WorkspaceError
from search.bandit import Choice, Observation, Vector, make_policy

COURSE = Course(4.0, {"quick": 1.0, "slow": 4.0})


def goal(name: str, quick: Recorded, slow: Recorded) -> RecordedGoal:
    return RecordedGoal(name, "hand", f"⊢ {name}", {"size": 3.0}, {"quick": quick, "slow": slow})


def took(seconds: float, solved: bool = True) -> Recorded:
    return Recorded(solved, seconds, round(1000 * seconds), stopped=False)


EASY = goal("easy", took(0.5), took(2.0))
NEEDS_SLOW = goal("needs slow", took(0.25, solved=False), took(3.0))
TOO_LATE = goal("too late", Recorded(False, 1.0, 900, stopped=True), took(3.5))
HOPELESS = goal("hopeless", took(0.5, solved=False), Recorded(False, 4.0, 900, stopped=True))


class Spy:
    """The default order, and everything that it is told."""

    name = "spy"

    def __init__(self) -> None:
        self.told: list[Observation] = []

    def rank(self, vector: Vector, strategies: Sequence[str]) -> list[Choice]:
        return [Choice(name, 0.0, 1.0, "") for name in strategies]

    def update(self, vector: Vector, observation: Observation) -> None:
        self.told.append(observation)


@pytest.mark.parametrize(
    ("goal", "seconds", "told"),
    [
        (EASY, 0.5, [Observation("quick", True, 0.5)]),
        (NEEDS_SLOW, 3.25, [Observation("quick", False, 0.25), Observation("slow", True, 3.0)]),
        (
            TOO_LATE,
            None,
            [Observation("quick", False, 1.0, True), Observation("slow", False, 3.0, True)],
        ),
        (
            HOPELESS,
            None,
            [Observation("quick", False, 0.5), Observation("slow", False, 3.5, True)],
        ),
    ],
    ids=lambda value: value.identifier if isinstance(value, RecordedGoal) else "",
)
def test_strategies_run_one_after_the_other_within_share_and_budget(
    goal: RecordedGoal, seconds: float | None, told: list[Observation]
) -> None:
    spy = Spy()
    assert replay(goal, make_policy("fixed", ("quick", "slow")), COURSE) == seconds
    assert replay(goal, spy, COURSE) == seconds
    assert spy.told == told


def test_the_virtual_best_takes_the_quickest_that_solves() -> None:
    every = [best_time(one, COURSE) for one in (EASY, NEEDS_SLOW, TOO_LATE, HOPELESS)]
    assert every == [0.5, 3.0, 3.5, None]


def test_a_success_beyond_the_share_is_a_stopped_run() -> None:
    assert observed("quick", took(1.5), 1.0) == Observation("quick", False, 1.0, censored=True)
    assert observed("quick", took(1.0), 1.0) == Observation("quick", True, 1.0)


def test_an_unsolved_goal_counts_twice_the_budget() -> None:
    assert score([0.5, 3.25, None], 4.0) == Score(2, 1.875, (0.5 + 3.25 + 8) / 3)
    assert score([None], 4.0) == Score(0, 0.0, 8.0)


def test_figures_are_of_solvable_goals_behind_the_past() -> None:
    scores = replay_order([EASY, EASY, NEEDS_SLOW, TOO_LATE, HOPELESS], 1, COURSE, seed=0)
    assert scores["fixed"] == Score(2, 1.875, (0.5 + 3.25 + 8) / 3)
    assert scores[BEST] == Score(3, 7 / 3, 7 / 3)
    assert scores[f"{ALONE}quick"] == Score(1, 0.5, 16.5 / 3)
    assert scores[f"{ALONE}slow"] == Score(3, 8.5 / 3, 8.5 / 3)


def test_a_row_is_the_mean_over_the_orders() -> None:
    orders = [
        {"fixed": Score(1, 2.0, 3.0), BEST: Score(2, 1.0, 1.0)},
        {"fixed": Score(2, 4.0, 5.0), BEST: Score(2, 1.0, 2.0)},
    ]
    row = Summary.of("fixed", orders)
    assert (row.solved, row.share, row.time, row.par2, row.regret) == (1.5, 0.75, 3.0, 4.0, 2.5)
    assert row.spread == pytest.approx(2**0.5)


def test_targets_compare_with_the_best_single_and_with_static() -> None:
    def row(name: str, share: float, par2: float) -> Summary:
        return Summary(name, 10.0, share, 1.0, par2, 0.0, 0.0)

    rows = [row("contextual", 0.96, 2.0), row("static", 0.9, 2.5)]
    rows += [row(f"{ALONE}quick", 0.5, 8.0), row(f"{ALONE}slow", 0.6, 5.0)]
    assert best_single(rows).name == f"{ALONE}slow"
    figures = targets({one.name: one for one in rows}, "contextual")
    assert [target.value for target in figures] == [0.96, 2.0 / 5.0, 2.0 / 2.5]
    assert all(target.met for target in figures)


def test_a_replay_is_the_same_every_time(tmp_path: Path) -> None:
    goals = tuple(
        goal(f"{one.identifier} {number}", one.runs["quick"], one.runs["slow"])
        for number in range(3)
        for one in (EASY, NEEDS_SLOW, HOPELESS)
    )
    recording = Recording(Circumstances("4.28.0", "", COURSE.shares, 200_000), goals)
    assert summaries(recording, 3, range(2)) == summaries(recording, 3, range(2))
    with pytest.raises(WorkspaceError, match="9 recorded goals, and 9 of them are past"):
        summaries(recording, 9, range(2))

    file = tmp_path / "recorded.jsonl"
    lines = [recording.circumstances.as_line(), *(one.as_line() for one in goals)]
    file.write_text("".join(lines), "utf-8")
    assert read_recording(file) == recording


@pytest.mark.parametrize("content", ["", "[]\n", '{"format": 0}\n', "no JSON\n"])
def test_a_damaged_recording_is_named(content: str, tmp_path: Path) -> None:
    file = tmp_path / "recorded.jsonl"
    file.write_text(content, "utf-8")
    with pytest.raises(WorkspaceError, match=r"recorded\.jsonl is no recording"):
        read_recording(file)


def test_the_recording_that_ships_is_whole() -> None:
    file = bench_file("recorded.jsonl")
    recording = read_recording(file)
    strategies = set(recording.circumstances.strategies)
    assert len(recording.goals) >= 350 and file.stat().st_size < 1_500_000
    assert len({goal.identifier for goal in recording.goals}) == len(recording.goals)
    for one in recording.goals:
        assert set(one.runs) == strategies and one.vector, one.identifier
