"""How long a strategy's attempts took: its usual time of success, and what a stopped run says.

Counts of one strategy over all goals; which goals they were is the contextual policy's business.
"""

import math
from bisect import bisect_right, insort
from collections import deque
from dataclasses import dataclass, field

from search.policies.policy import Observation

USUAL = 0.8
"""The share of successes after which the next strategy may start beside this one."""
SUPPOSED_SECONDS = 1.0
"""A strategy without successes is taken to need this long; it counts as much as
SUPPOSED_SUCCESSES real ones."""
SUPPOSED_SUCCESSES = 3
SUPPOSED_MEAN = 0.5
"""Seconds that an attempt of any kind is taken to cost before there was one; half an attempt's
worth.
"""
LEAST_SECONDS = 0.1
"""Below this a head start is not worth having: cancelling costs about as much."""
STOPPED_KEPT = 300


@dataclass(slots=True)
class RunTimes:
    """The attempts of one strategy so far. `spent` and `spent_failing` are seconds."""

    succeeded: list[float] = field(default_factory=list)
    """Seconds of each success, in order of size."""
    failed: int = 0
    spent_failing: float = 0.0
    attempts: int = 0
    spent: float = 0.0
    stopped: deque[float] = field(default_factory=lambda: deque(maxlen=STOPPED_KEPT))
    """Seconds after which it was stopped without result, the latest ones."""

    def add(self, observation: Observation) -> None:
        """One more attempt."""
        self.attempts += 1
        self.spent += observation.seconds
        if observation.solved:
            insort(self.succeeded, observation.seconds)
        elif observation.censored:
            self.stopped.append(observation.seconds)
        else:
            self.failed += 1
            self.spent_failing += observation.seconds

    @property
    def mean(self) -> float:
        """Seconds that an attempt costs, however it ends."""
        return (self.spent + 0.5 * SUPPOSED_MEAN) / (self.attempts + 0.5)

    @property
    def usual(self) -> float:
        """Seconds by which 80 % of its successes have come."""
        supposed = [SUPPOSED_SECONDS] * SUPPOSED_SUCCESSES
        return max(LEAST_SECONDS, quantile(sorted([*self.succeeded, *supposed]), USUAL))

    def come_by(self, seconds: float) -> float:
        """The share of its successes that come within `seconds`: what a run that was stopped then
        counts for as a failure. 1 without successes of any kind to go by.
        """
        if len(self.succeeded) < SUPPOSED_SUCCESSES:
            return min(1.0, seconds / (2 * SUPPOSED_SECONDS))
        return bisect_right(self.succeeded, seconds) / len(self.succeeded)


def quantile(ordered: list[float], share: float) -> float:
    """The smallest of `ordered` with at least `share` of them at or below it."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
