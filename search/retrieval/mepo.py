"""`mepo`: theorems that have much in common with the goal and little beside it, and then those that
are relevant to them.

After Meng and Paulson, "Lightweight relevance filtering for machine-generated resolution problems"
(2009): a theorem is relevant when the weight of its relevant symbols is large against the number of
its others; the symbols of the most relevant theorems become relevant, for another round. Here a
symbol weighs less the more theorems have it, and what little there is to a theorem counts against
it: otherwise all that is said about equality alone would come first.
"""

from dataclasses import dataclass

import numpy as np

from lean.premise_shard import Keys, keys_of
from search.retrieval.ranker import Query
from search.retrieval.sight import Floats, Sight

MOST_POSTINGS = 200_000
"""Entries of the index that are looked at in a round, those of the rarest symbols first."""
LACK = 1.0
"""Added to the number of irrelevant symbols of each theorem."""
BREVITY = 0.003
"""By which part a score falls with each letter of a name (see `symbols`)."""


@dataclass(frozen=True, slots=True)
class Mepo:
    """The ranker. In each round after the first the symbols of the best `chosen` theorems become
    relevant by `share`, and what is found then counts for `decay` of what was found before.
    """

    name: str = "mepo"
    rounds: int = 2
    chosen: int = 8
    share: float = 0.5
    decay: float = 0.8

    def rank(self, query: Query, sight: Sight, count: int) -> list[tuple[int, float]]:
        """Theorems by their relevance in the round in which it was highest."""
        relevance = _Relevance(sight)
        relevance.add(keys_of(query.symbols), np.fromiter(query.symbols.values(), np.float32))
        best, factor = relevance.scores(), 1.0
        for _ in range(self.rounds - 1):
            chosen = sight.best(best, self.chosen)
            if not chosen:
                break
            keys = np.unique(np.concatenate([sight.symbol_keys(number) for number, _ in chosen]))
            relevance.add(keys, np.full(len(keys), self.share, np.float32))
            factor *= self.decay
            found = relevance.scores()
            found *= factor
            np.maximum(best, found, out=best)
        return sight.best(best, count)


class _Relevance:
    """For each theorem the weight and the number of its symbols that are relevant so far."""

    def __init__(self, sight: Sight) -> None:
        self._sight = sight
        self._weight = np.zeros(sight.size, np.float32)
        self._number = np.zeros(sight.size, np.float32)
        self._known: Keys = np.zeros(0, np.uint64)

    def add(self, keys: Keys, shares: Floats) -> None:
        """More symbols are relevant, each by its share; those that are already stay as they are."""
        new = ~np.isin(keys, self._known)
        keys, shares = keys[new], shares[new]
        self._known = np.concatenate([self._known, keys])
        counts = self._sight.counts(keys)
        order = np.argsort(counts, kind="stable")
        order = order[np.cumsum(counts[order]) <= MOST_POSTINGS]
        weights = shares * self._sight.weights(keys)
        for section in self._sight.sections:
            own = slice(section.offset, section.end)
            weight, number = self._weight[own], self._number[own]
            for symbol, place in zip(section.shard.symbols_with(keys[order]), order, strict=True):
                if symbol >= 0:
                    rows = section.rows_with(symbol)
                    weight[rows] += weights[place]
                    number[rows] += shares[place]

    def scores(self) -> Floats:
        """Between 0, where nothing is relevant, and 1."""
        scores = np.zeros(self._sight.size, np.float32)
        for section in self._sight.sections:
            own = slice(section.offset, section.end)
            # In place, because each array of 250,000 numbers costs as much as to fill it.
            score, weight = scores[own], self._weight[own]
            np.subtract(section.sizes, self._number[own], out=score)
            np.maximum(score, 0, out=score)
            score += weight
            score += LACK
            np.divide(weight, score, out=score)
            score *= section.brevity(BREVITY)
        return scores
