"""The goals seen so far that resemble a goal most: an inverted index over feature tokens.

Similarity is Jaccard's over the tokens of `search.features`, each weighted by how rare it is
(inverse document frequency). Exact for few goals; with many, only the latest goals behind a
frequent token are looked at, so that a look-up stays within milliseconds.
"""

import heapq
import math
from collections import defaultdict
from dataclasses import dataclass, field

from search.features import tokens
from search.policies.policy import Vector

LATEST = 300
"""Goals looked at behind one token, the latest ones: 30 tokens cost about a millisecond."""

COMMON = 1.0
"""Weight of a token that every goal has; a rarer one has the logarithm of its rarity more."""


@dataclass(slots=True)
class Neighbours:
    """The index. A goal is a number; goals with the same tokens are one."""

    goals: list[frozenset[str]] = field(default_factory=list)
    _numbers: dict[frozenset[str], int] = field(default_factory=dict)
    _with: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def number(self, vector: Vector) -> int:
        """The number of the goal with this vector, which joins the index if it is new."""
        own = tokens(vector)
        if own not in self._numbers:
            self._numbers[own] = len(self.goals)
            for token in own:
                self._with[token].append(len(self.goals))
            self.goals.append(own)
        return self._numbers[own]

    def nearest(self, vector: Vector, count: int) -> list[tuple[int, float]]:
        """The `count` most similar goals with their similarity in (0, 1], the most similar first.

        Ties go to the latest.
        """
        own = tokens(vector)
        rarity = {token: self._rarity(token) for token in own}
        shared: defaultdict[int, float] = defaultdict(float)
        # In a fixed order: the order of a set differs between processes, and so would the sums.
        for token in sorted(own):
            weight = rarity[token]
            for number in self._with.get(token, ())[-LATEST:]:
                shared[number] += weight
        total = math.fsum(rarity.values())
        likely = heapq.nlargest(2 * count, shared, key=lambda number: (shared[number], number))
        exact = [(number, self._similarity(own, total, number)) for number in likely]
        exact.sort(key=lambda pair: (-pair[1], -pair[0]))
        return exact[:count]

    def _rarity(self, token: str) -> float:
        return math.log((1 + len(self.goals)) / (1 + len(self._with.get(token, ())))) + COMMON

    def _similarity(self, own: frozenset[str], total: float, number: int) -> float:
        other = self.goals[number]
        shared = math.fsum(self._rarity(token) for token in own & other)
        return shared / (total + math.fsum(self._rarity(token) for token in other - own))
