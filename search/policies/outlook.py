"""What the features of a goal say about one strategy's chance: logistic regression, learned online.

Every attempt is one step of AdaGrad (Duchi, Hazan, Singer 2011) on the tokens of its goal. It pools
all attempts, where neighbours know a few goals well; `contextual` uses both. It knows no times.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

RATE = 0.07
"""First step of a weight; steps shrink with the root of the squared slopes it has seen."""
START = 1.0
"""The constant before the first attempt, a chance of 73 %: hope makes a cheap strategy be tried."""
STEEPEST = 30.0
CONSTANT = ""
"""The name of the weight that every goal has."""


@dataclass(slots=True)
class Outlook:
    """The chance that one strategy solves a goal, by the goal's tokens."""

    weights: dict[str, float] = field(default_factory=lambda: {CONSTANT: START})
    _slopes: dict[str, float] = field(default_factory=dict)

    def chance(self, tokens: Iterable[str]) -> float:
        """The estimate for a goal with these tokens, in (0, 1)."""
        # fsum: exact, so that the order of a set, which differs between processes, can't matter.
        total = math.fsum(self.weights.get(token, 0.0) for token in (*tokens, CONSTANT))
        return 1 / (1 + math.exp(-max(-STEEPEST, min(STEEPEST, total))))

    def learn(self, tokens: Iterable[str], solved: bool, weight: float = 1.0) -> None:
        """One attempt, which counts `weight`."""
        tokens = tuple(tokens)
        error = weight * (self.chance(tokens) - float(solved))
        for token in (*tokens, CONSTANT):
            self._slopes[token] = self._slopes.get(token, 1.0) + error**2
            step = RATE * error / math.sqrt(self._slopes[token])
            self.weights[token] = self.weights.get(token, 0.0) - step
