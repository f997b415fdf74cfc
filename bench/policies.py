"""Replays the recorded attempts under every policy: which one solves most, and soonest.

A recording (`bench.record_attempts`) says what each strategy does on each goal. Here the goals come
in a shuffled order, once for each seed, and each policy orders the strategies of each goal, which
then run one after the other as the scheduler runs them on one session: each for its share of the
goal's budget, all together for no more than the budget, until one succeeds. A recorded time beyond
the share or beyond what is left of the budget is a run that was stopped. The policy hears of every
attempt that it would have caused, and of no other.

The first goals of each order (`--past`) are past: there the learning policies learn from their own
attempts, while the static schedule is tuned on everything that was recorded of them, also what
nobody would have run. All figures are of the goals behind them, which nothing was tuned on. Goals
that no strategy solves take part (they cost time, and teach), and count in no figure.

Columns: `solved`, and that as a share of the virtual best solver's, which always knows the quickest
strategy; mean `time` to the solutions found; `PAR-2`, the mean time where an unsolved goal counts
twice the budget; `regret`, PAR-2 beyond the virtual best's. All are means over the seeds.
"""

import argparse
import random
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean, stdev
from typing import get_args

from bench.measurement import Measurement, Target, run
from bench.places import bench_file
from bench.recording import Recorded, RecordedGoal, Recording, read_recording
from bench.report import table
from lean.errors import WorkspaceError
from search.bandit import Observation, Past, Policy, make_policy
from search.settings import EFFORTS, PolicyName, Settings

SEEDS = 10
PAST = 200
BEST = "virtual best"
ALONE = "only "


@dataclass(frozen=True, slots=True)
class Course:
    """What a replay keeps to: seconds for a goal, and each strategy's seconds of it."""

    budget: float
    shares: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Score:
    """A policy's figures on some goals. Times in seconds; `time` is 0 when nothing was solved."""

    solved: int
    time: float
    par2: float


def replay(goal: RecordedGoal, policy: Policy, course: Course) -> float | None:
    """Let the policy have the goal; the seconds to its solution, or None. The policy learns."""
    spent = 0.0
    for choice in policy.rank(goal.vector, tuple(course.shares)):
        limit = min(course.shares[choice.strategy], course.budget - spent)
        if limit <= 0:
            break
        seen = observed(choice.strategy, goal.runs[choice.strategy], limit)
        spent += seen.seconds
        policy.update(goal.vector, seen)
        if seen.solved:
            return spent
    return None


def observed(strategy: str, recorded: Recorded, limit: float) -> Observation:
    """What is seen of a run that may take `limit` seconds."""
    if recorded.seconds > limit:
        return Observation(strategy, False, limit, censored=True)
    stopped = recorded.stopped and not recorded.solved
    return Observation(strategy, recorded.solved, recorded.seconds, stopped)


def best_time(goal: RecordedGoal, course: Course) -> float | None:
    """The seconds of the quickest strategy that solves the goal: the virtual best solver."""
    seen = (observed(name, goal.runs[name], course.shares[name]) for name in course.shares)
    return min((one.seconds for one in seen if one.solved), default=None)


def score(times: Sequence[float | None], budget: float) -> Score:
    """The figures of the times to solution, None for each unsolved goal."""
    solved = [time for time in times if time is not None]
    total = sum(solved) + 2 * budget * (len(times) - len(solved))
    return Score(len(solved), fmean(solved) if solved else 0.0, total / len(times))


def static_history(goals: Iterable[RecordedGoal], course: Course) -> list[Past]:
    """Everything that was recorded of some goals, as the ledger would tell it."""
    return [
        Past(goal.identifier, goal.vector, observed(name, goal.runs[name], course.shares[name]))
        for goal in goals
        for name in course.shares
    ]


def replay_order(
    goals: Sequence[RecordedGoal], past: int, course: Course, seed: int
) -> dict[str, Score]:
    """Every policy, every single strategy, and the virtual best on one order of the goals.

    The figures are of the solvable goals behind the first `past`.
    """
    scores: dict[str, Score] = {}
    judged = [best_time(goal, course) is not None for goal in goals[past:]]

    def judge(name: str, times: Sequence[float | None]) -> None:
        counted = [time for time, counts in zip(times, judged, strict=True) if counts]
        scores[name] = score(counted, course.budget)

    for name in get_args(PolicyName):
        history = static_history(goals[:past], course) if name == "static" else []
        policy = make_policy(name, tuple(course.shares), history, seed)
        times = [replay(goal, policy, course) for goal in goals]
        judge(name, times[past:])
    for strategy, share in course.shares.items():
        alone = Course(course.budget, {strategy: share})
        judge(f"{ALONE}{strategy}", [best_time(goal, alone) for goal in goals[past:]])
    judge(BEST, [best_time(goal, course) for goal in goals[past:]])
    return scores


@dataclass(frozen=True, slots=True)
class Summary:
    """One row of the table: means over the seeds, and how much PAR-2 varies between them."""

    name: str
    solved: float
    share: float
    time: float
    par2: float
    spread: float
    regret: float

    @classmethod
    def of(cls, name: str, orders: Sequence[Mapping[str, Score]]) -> "Summary":
        """A policy's row from its scores on every order."""
        own, best = [order[name] for order in orders], [order[BEST] for order in orders]
        par2 = [score.par2 for score in own]
        return cls(
            name,
            fmean(score.solved for score in own),
            sum(score.solved for score in own) / sum(score.solved for score in best),
            fmean(score.time for score in own),
            fmean(par2),
            stdev(par2) if len(par2) > 1 else 0.0,
            fmean(par2) - fmean(score.par2 for score in best),
        )


def summaries(recording: Recording, past: int, seeds: Iterable[int]) -> list[Summary]:
    """Every policy on the same shuffled orders; those of the table, in its order.

    Raises WorkspaceError when there are too few goals.
    """
    if len(recording.goals) <= past:
        raise WorkspaceError(
            f"There are {len(recording.goals)} recorded goals, and {past} of them are past.",
            "Record more, or give a smaller --past.",
        )
    course = Course(EFFORTS[0].seconds, recording.circumstances.strategies)
    orders = []
    for seed in seeds:
        goals = list(recording.goals)
        random.Random(seed).shuffle(goals)
        orders.append(replay_order(goals, past, course, seed))
    return [Summary.of(name, orders) for name in orders[0]]


def best_single(rows: Iterable[Summary]) -> Summary:
    """The strategy that does best alone, by PAR-2."""
    return min((row for row in rows if row.name.startswith(ALONE)), key=lambda row: row.par2)


def targets(rows: Mapping[str, Summary], default: str) -> list[Target]:
    """What issue 3 asks of the default policy."""
    own, single = rows[default], best_single(rows.values())
    return [
        Target(f"{default}: solved, share of the virtual best's", own.share, ">=", 0.95),
        Target(f"{default}: PAR-2 over that of {single.name}", own.par2 / single.par2, "<=", 0.55),
        Target(f"{default}: PAR-2 over static's", own.par2 / rows["static"].par2, "<=", 0.9),
    ]


async def measure(chosen: argparse.Namespace) -> Measurement:
    """Replay, and compare with the targets."""
    recording = read_recording(chosen.recording)
    found = summaries(recording, chosen.past, range(chosen.seeds))
    rows = {row.name: row for row in found}
    goals = len(recording.goals)
    solvable = sum(goal.solvable for goal in recording.goals)
    shown = [row for row in found if not row.name.startswith(ALONE)]
    lines = [
        *_table([*shown, best_single(found)]),
        "",
        f"{goals} goals, {solvable} solvable; {chosen.seeds} orders, the first {chosen.past} goals "
        f"of each past; {EFFORTS[0].seconds:g} s a goal.",
    ]
    if chosen.alone:
        alone = sorted((row for row in found if row not in shown), key=lambda row: row.par2)
        lines += ["", *_table(alone)]
    return Measurement(
        lines=lines,
        figures={
            "goals": goals,
            "solvable": solvable,
            "seeds": chosen.seeds,
            "past": chosen.past,
            "rows": [asdict(row) for row in found],
        },
        targets=targets(rows, Settings().policy_name),
    )


def _table(rows: Iterable[Summary]) -> list[str]:
    return table(
        ["policy", "solved", "of best", "time", "PAR-2", "±", "regret"],
        [
            [
                row.name,
                f"{row.solved:.1f}",
                f"{row.share:.1%}",
                f"{row.time:.3f} s",
                f"{row.par2:.3f} s",
                f"{row.spread:.3f}",
                f"{row.regret:.3f} s",
            ]
            for row in rows
        ],
    )


def _options(parser: argparse.ArgumentParser) -> None:
    usual = bench_file("recorded.jsonl")
    parser.add_argument("--recording", type=Path, metavar="FILE", default=usual)
    parser.add_argument("--seeds", type=int, metavar="N", default=SEEDS, help="shuffled orders")
    parser.add_argument("--past", type=int, metavar="N", default=PAST, help="goals to learn from")
    parser.add_argument("--alone", action="store_true", help="every strategy alone as well")


def main() -> int:
    """The command line."""
    return run("policies", "Replay recorded attempts under every policy.", measure, _options)


if __name__ == "__main__":
    sys.exit(main())
