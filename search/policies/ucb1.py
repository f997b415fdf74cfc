"""`ucb1`: the documented baseline of bandits (Auer, Cesa-Bianchi, Fischer 2002), blind to the goal.

Reward is 1 for a success and 0 for a failure; the mean forgets, because the goals of a day change.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from search.policies.fixed import by_default
from search.policies.policy import Choice, Observation, Vector
from search.policies.run_times import RunTimes

ALPHA = 0.1
"""Weight of the newest reward in the moving average."""
BONUS = 1.5
"""Factor of the exploration bonus."""


@dataclass(slots=True)
class Arm:
    """One strategy: how often it was tried, the moving average of its reward, its times."""

    tried: int = 0
    mean: float = 0.0
    rated: bool = False
    times: RunTimes = field(default_factory=RunTimes)

    def add(self, observation: Observation) -> None:
        """One more attempt. One that was stopped counts as a trial, and leaves the mean alone."""
        self.tried += 1
        self.times.add(observation)
        if observation.censored and not observation.solved:
            return
        reward = float(observation.solved)
        self.mean = self.mean + ALPHA * (reward - self.mean) if self.rated else reward
        self.rated = True


@dataclass(slots=True)
class Ucb1:
    """Ranks by mean + 1.5·√(2·log₂N / n); what was never tried comes first, in default order."""

    order: Sequence[str]
    name: str = "ucb1"
    arms: dict[str, Arm] = field(default_factory=dict)

    def rank(self, vector: Vector, strategies: Sequence[str]) -> list[Choice]:
        """The strategies by their upper confidence bounds."""
        choices = [self._choice(name) for name in by_default(strategies, self.order)]
        return sorted(choices, key=lambda choice: -choice.score)

    def update(self, vector: Vector, observation: Observation) -> None:
        """Count the attempt."""
        self.arms.setdefault(observation.strategy, Arm()).add(observation)

    def bound(self, strategy: str) -> float:
        """The upper confidence bound of a strategy; infinite when it was never tried."""
        arm = self.arms.get(strategy)
        if arm is None:
            return math.inf
        total = sum(one.tried for one in self.arms.values())
        return arm.mean + BONUS * math.sqrt(2 * math.log2(total) / arm.tried)

    def _choice(self, strategy: str) -> Choice:
        arm = self.arms.get(strategy, Arm())
        if not arm.tried:
            return Choice(strategy, math.inf, arm.times.usual, "it has not been tried yet")
        bound = self.bound(strategy)
        why = (
            f"its recent success rate is {arm.mean:.0%}, and {arm.tried} trials leave "
            f"{bound - arm.mean:.2f} for what it may be worth beyond that"
        )
        return Choice(strategy, bound, arm.times.usual, why)
