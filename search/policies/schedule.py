"""The greedy schedule: from what happened on some goals, which strategy first, which next.

Each next strategy is the one that solves most per second among the goals that those before it left
open (greedy min-sum set cover; Streeter, Golovin, Smith 2007, "Combining multiple heuristics
online"). `search.policies.static` uses it on the whole ledger, `contextual` on similar goals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LEAST = 0.005
"""Seconds that any attempt costs: the way to Lean and back."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a strategy did on a goal. `weight`: how sure a failure is (1: it ended by itself)."""

    solved: bool
    seconds: float
    weight: float = 1.0


@dataclass(slots=True)
class Case:
    """A goal as evidence: the runs on it by strategy, and how much it counts."""

    runs: Mapping[str, Run]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Belief:
    """What is supposed of a strategy before there is evidence, worth `weight` goals."""

    weight: float
    chance: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Pick:
    """A strategy in its place of a schedule, with what the choice rests on.

    `chance` is the estimated probability that it solves a goal that those before it did not,
    `seconds` what it is expected to cost there; `solved` of `tried` counts the goals.
    """

    strategy: str
    chance: float
    seconds: float
    solved: int
    tried: int

    @property
    def rate(self) -> float:
        """Goals solved in a second."""
        return self.chance / self.seconds


@dataclass(slots=True)
class _Tally:
    """Sums of one strategy over the goals that are still open, and what was supposed of it."""

    weight: float
    gained: float
    spent: float
    solved: int = 0
    tried: int = 0

    def count(self, run: Run, weight: float, times: int = 1) -> None:
        """A run joins (1) or leaves (-1)."""
        counts = times * weight * run.weight
        self.weight += counts
        self.spent += counts * run.seconds
        self.tried += times
        if run.solved:
            self.gained += counts
            self.solved += times

    def pick(self, strategy: str) -> Pick:
        """The strategy, if it is chosen now."""
        seconds = max(self.spent / self.weight, LEAST)
        return Pick(strategy, self.gained / self.weight, seconds, self.solved, self.tried)


def schedule(
    cases: Sequence[Case], strategies: Sequence[str], beliefs: Mapping[str, Belief]
) -> list[Pick]:
    """All of `strategies` in greedy order. Ties go to the one that comes first in `strategies`.

    The weight of each belief must be above 0.
    """
    tallies = {name: _tally(beliefs[name]) for name in strategies}
    _count(tallies, cases, 1)
    left, picks = list(cases), []
    while tallies:
        best = max((tally.pick(name) for name, tally in tallies.items()), key=_rate)
        picks.append(best)
        del tallies[best.strategy]
        solved = [case for case in left if _solves(case, best.strategy)]
        _count(tallies, solved, -1)
        left = [case for case in left if not _solves(case, best.strategy)]
    return picks


def _tally(belief: Belief) -> _Tally:
    weight = belief.weight
    return _Tally(weight, weight * belief.chance, weight * belief.seconds)


def _count(tallies: Mapping[str, _Tally], cases: Sequence[Case], times: int) -> None:
    for case in cases:
        for strategy, run in case.runs.items():
            if strategy in tallies:
                tallies[strategy].count(run, case.weight, times)


def _rate(pick: Pick) -> float:
    return pick.rate


def _solves(case: Case, strategy: str) -> bool:
    run = case.runs.get(strategy)
    return run is not None and run.solved
