"""`symbols`: theorems whose statements have symbols in common with the goal, rare ones above all.

The cosine of two vectors of TF-IDF weights, by an inverted index.
"""

from dataclasses import dataclass

import numpy as np

from lean.premise_shard import keys_of
from search.retrieval.ranker import Query
from search.retrieval.sight import Floats, Sight

MOST_POSTINGS = 150_000
"""Entries of the index that are looked at, those of the rarest symbols first: what nearly every
theorem has tells them not apart, and takes the most time."""


BREVITY = 0.015
"""By which part a score falls with each letter of a name. Of theorems about the same symbols, and
there are often dozens, the one with the shortest name says the most general thing."""


@dataclass(frozen=True, slots=True)
class Symbols:
    """The ranker."""

    name: str = "symbols"

    def rank(self, query: Query, sight: Sight, count: int) -> list[tuple[int, float]]:
        """Theorems by the cosine with the goal."""
        return sight.best(cosines(query, sight), count)


def cosines(query: Query, sight: Sight) -> Floats:
    """For each theorem the cosine with the goal, up to a factor that is the same for all, and a
    little less for a long name.
    """
    keys = keys_of(query.symbols)
    wanted = np.fromiter(query.symbols.values(), np.float32, len(keys)) * sight.weights(keys)
    counts = sight.counts(keys)
    order = np.argsort(counts, kind="stable")
    within = np.cumsum(counts[order]) <= MOST_POSTINGS
    within[:1] = True
    chosen = order[within]
    scores = np.zeros(sight.size, np.float32)
    for section in sight.sections:
        own = scores[section.offset : section.end]
        numbers = section.shard.symbols_with(keys[chosen])
        for symbol, weight in zip(numbers, wanted[chosen], strict=True):
            if symbol >= 0:
                own[section.rows_with(symbol)] += weight * section.weights[symbol]
        own *= section.brevity(BREVITY)
        own /= section.norms
    return scores
