"""`thompson`: Thompson sampling on censored run times, blind to the goal.

A strategy solves a goal with an unknown chance (Beta), and then after a log-normal time. Each
ranking draws both and orders by goals solved in a second. A run that was stopped is a failure only
with the probability that its success, had there been one, would have come sooner (after Tornede,
Bengs, Hüllermeier, "Machine learning for online algorithm selection under censored feedback", 2021,
arXiv:2109.06234).
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import NormalDist

from search.policies.fixed import by_default
from search.policies.policy import Choice, Observation, Vector
from search.policies.run_times import RunTimes

MEAN, SPREAD = math.log(0.3), 1.2
"""Of log seconds before there is evidence, worth WORTH successes: 0.3 s, within a factor of 10."""
WORTH = 2.0


@dataclass(slots=True)
class Arm:
    """The evidence on one strategy, as sufficient statistics of its log times."""

    times: RunTimes = field(default_factory=RunTimes)
    total: float = 0.0
    squares: float = 0.0

    def add(self, observation: Observation) -> None:
        """One more attempt."""
        self.times.add(observation)
        if observation.solved:
            logarithm = math.log(max(observation.seconds, 1e-3))
            self.total += logarithm
            self.squares += logarithm**2

    def log_times(self) -> NormalDist:
        """The estimated distribution of its log time of success."""
        count = len(self.times.succeeded)
        weight = count + WORTH
        mean = (self.total + WORTH * MEAN) / weight
        squares = self.squares + WORTH * (MEAN**2 + SPREAD**2)
        return NormalDist(mean, math.sqrt(max(squares / weight - mean**2, 0.01)))

    def draw(self, generator: random.Random) -> tuple[float, float]:
        """A chance of success and an expected cost in seconds, as they may well be."""
        solved, law = len(self.times.succeeded), self.log_times()
        chance = solved / (solved + self.times.failed + 1)
        failures, spent = float(self.times.failed), self.times.spent_failing
        for seconds in self.times.stopped:
            late = 1 - law.cdf(math.log(max(seconds, 1e-3)))
            certainty = (1 - chance) / (1 - chance + chance * late)
            failures += certainty
            spent += certainty * seconds
        drawn = generator.betavariate(1 + solved, 1 + failures)
        centre = generator.gauss(law.mean, law.stdev / math.sqrt(solved + WORTH))
        success = math.exp(centre + law.variance / 2)
        failure = (spent + success) / (failures + 1)
        return drawn, drawn * success + (1 - drawn) * failure


@dataclass(slots=True)
class Thompson:
    """Ranks by drawn successes per drawn second. The same seed and history draw the same."""

    order: Sequence[str]
    seed: int = 0
    name: str = "thompson"
    _arms: dict[str, Arm] = field(default_factory=dict)
    _generator: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._generator = random.Random(self.seed)

    def rank(self, vector: Vector, strategies: Sequence[str]) -> list[Choice]:
        """The strategies by a draw of what each is worth."""
        choices = [self._choice(name) for name in by_default(strategies, self.order)]
        return sorted(choices, key=lambda choice: -choice.score)

    def update(self, vector: Vector, observation: Observation) -> None:
        """Count the attempt."""
        self._arms.setdefault(observation.strategy, Arm()).add(observation)

    def _choice(self, strategy: str) -> Choice:
        arm = self._arms.get(strategy, Arm())
        chance, cost = arm.draw(self._generator)
        tried = len(arm.times.succeeded) + arm.times.failed + len(arm.times.stopped)
        why = (
            f"after {len(arm.times.succeeded)} successes in {tried} attempts a draw gives it a "
            f"chance of {chance:.0%} for {cost:.2f} s"
        )
        return Choice(strategy, chance / cost, arm.times.usual, why)
