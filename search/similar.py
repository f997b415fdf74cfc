"""Solved goals by likeness: which scripts worked on goals that look like this one.

Nearest neighbours over the tokens of goal vectors, weighted by how rare a token is. It remembers
and compares; trying the scripts is the strategy `recall`, and what becomes of them is Lean's word.
"""

import functools
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lean.goal_key import GoalKey
from lean.renaming import rename
from search.features import tokens

LIKE = 0.35
"""The least likeness, between 0 and 1, at which a script is worth trying."""
MOST_GOALS = 5_000
"""Goals kept; the oldest go first."""


@dataclass(frozen=True, slots=True)
class _Solved:
    key: str
    hypotheses: tuple[str, ...]
    tokens: frozenset[str]
    script: str


class SolvedGoals:
    """The solved goals of this workspace, the newest last."""

    def __init__(self) -> None:
        self._goals: dict[int, _Solved] = {}
        self._having: defaultdict[str, set[int]] = defaultdict(set)
        self._count = 0

    def add(self, key: GoalKey, vector: Mapping[str, float], script: str) -> None:
        """Remember that `script` proved a goal."""
        self.add_row(key.key, key.hypotheses, vector, script)

    def add_row(
        self, key: str, hypotheses: Sequence[str], vector: Mapping[str, float], script: str
    ) -> None:
        """The same, from a row of the ledger."""
        solved = _Solved(key, tuple(hypotheses), tokens(vector), script)
        self._goals[self._count] = solved
        for token in solved.tokens:
            self._having[token].add(self._count)
        self._count += 1
        if len(self._goals) > MOST_GOALS:
            oldest = next(iter(self._goals))
            for token in self._goals.pop(oldest).tokens:
                self._having[token].discard(oldest)

    def scripts_for(self, key: GoalKey, vector: Mapping[str, float], limit: int) -> list[str]:
        """Scripts of other goals that resemble this one, the most alike first, each once."""
        found: dict[str, None] = {}
        for solved in self._nearest(tokens(vector)):
            if solved.key == key.key:
                continue
            if len(solved.hypotheses) == len(key.hypotheses):
                found[rename(solved.script, solved.hypotheses, key.hypotheses)] = None
            found[solved.script] = None
            if len(found) >= limit:
                break
        return list(found)[:limit]

    def _nearest(self, wanted: frozenset[str]) -> Iterator[_Solved]:
        """Solved goals by falling likeness (weighted Jaccard), down to LIKE."""
        # Most tokens are those of many goals: each is weighed once.
        weight = functools.cache(self._weight)
        shared: defaultdict[int, float] = defaultdict(float)
        for token in wanted:
            for index in self._having.get(token, ()):
                shared[index] += weight(token)
        total = sum(map(weight, wanted))
        likeness = {
            index: amount / (total + sum(map(weight, self._goals[index].tokens)) - amount)
            for index, amount in shared.items()
        }
        # Of two that are as alike, the one found later: what is being worked on now counts more.
        for index in sorted(likeness, key=lambda index: (-likeness[index], -index)):
            if likeness[index] < LIKE:
                return
            yield self._goals[index]

    def _weight(self, token: str) -> float:
        """Inverse document frequency, smoothed; never 0."""
        return math.log1p((len(self._goals) + 1) / (len(self._having.get(token, ())) + 1))
