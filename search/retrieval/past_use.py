"""`past_use`: theorems that proofs of similar goals have used, wherever those were seen.

The nearest of all past goals by their symbols; each votes for what its proof used. New ones count
at once; those of a changed file replace its old ones.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from lean.premise_names import chosen
from lean.premise_shard import Integers
from search.retrieval.ranker import Query
from search.retrieval.sight import Floats, Sight

NEIGHBOURS = 100
SHARPNESS = 5.0
"""To which power a similarity counts: two half as similar are less than one."""
ROWS_A_PART = 4_096
"""After so many past goals the index of a part is finished; only the last one is made anew."""
_NO_SYMBOLS = np.zeros(0, np.int32)


@dataclass(frozen=True, slots=True)
class PastUse:
    """The symbols of a goal, and the theorems that its proof used, by their full names.

    `name` is the theorem that was proved, or "".
    """

    symbols: tuple[str, ...]
    premises: tuple[str, ...]
    name: str = ""


class PastUses:
    """All past uses, by the source (a file, the ledger) that they came from."""

    name = "past_use"

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        """The number of each symbol."""
        self._parts = [_Part()]
        self._places: dict[str, list[tuple[_Part, int]]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._places.values()))

    def replace(self, source: str, uses: Iterable[PastUse]) -> None:
        """These instead of what came from the source before."""
        told = _telling(uses)
        places = self._places.get(source, [])
        if told == [part.uses[row] for part, row in places]:
            # A file is read far more often than its proofs change.
            return
        for part, row in places:
            part.drop(row)
        self._places.pop(source, None)
        self._parts = [part for part in self._parts if part.live] or [_Part()]
        self.add(source, told)

    def add(self, source: str, uses: Iterable[PastUse]) -> None:
        """More from a source; what tactics bring along by themselves does not count."""
        for use in _telling(uses):
            if len(self._parts[-1].uses) >= ROWS_A_PART:
                self._parts.append(_Part())
            part = self._parts[-1]
            numbers = [self._numbers.setdefault(s, len(self._numbers)) for s in use.symbols]
            self._places.setdefault(source, []).append((part, part.add(use, numbers)))

    def rank(self, query: Query, sight: Sight, count: int) -> list[tuple[int, float]]:
        """Theorems in sight by the votes of the nearest past goals."""
        votes: dict[str, float] = {}
        for use, similarity in self.nearest(query, NEIGHBOURS):
            vote = similarity**SHARPNESS / len(use.premises) ** 0.5
            for premise in use.premises:
                votes[premise] = votes.get(premise, 0.0) + vote
        names = sorted(votes, key=lambda name: (-votes[name], name))
        numbers = sight.numbers(names)
        seen = [(n, votes[name]) for n, name in zip(numbers, names, strict=True) if n is not None]
        return seen[:count]

    def nearest(self, query: Query, count: int) -> list[tuple[PastUse, float]]:
        """The past goals that are most similar, with the cosine, best first."""
        known = [(self._numbers[s], w) for s, w in query.symbols.items() if s in self._numbers]
        if not known:
            return []
        symbols = np.array([number for number, _ in known], np.int32)
        weights = np.array([weight for _, weight in known], np.float32)
        counts = sum(part.counts(len(self._numbers)) for part in self._parts)
        rarity = np.log1p((len(self) + 1) / np.maximum(counts, 1)).astype(np.float32)
        found: list[tuple[float, PastUse]] = []
        for part in self._parts:
            found += part.similar(symbols, weights, rarity, query.besides, count)
        found.sort(key=lambda entry: -entry[0])
        own = float(np.linalg.norm(weights * rarity[symbols])) or 1.0
        return [(use, similarity / own) for similarity, use in found[:count]]


def _telling(uses: Iterable[PastUse]) -> list[PastUse]:
    """What is left of them when all is left out that says nothing."""
    shorter = (replace(use, premises=chosen(use.premises)) for use in uses)
    return [use for use in shorter if use.premises and use.symbols]


@dataclass(slots=True)
class _Part:
    """Some past uses, with an index that is made when it is wanted; `live` were not dropped."""

    live: int = 0
    uses: list[PastUse | None] = field(default_factory=list)
    symbols: list[Integers] = field(default_factory=list)
    _index: "_Index | None" = None

    def add(self, use: PastUse, numbers: Sequence[int]) -> int:
        self.uses.append(use)
        self.symbols.append(np.unique(np.array(numbers, np.int32)))
        self._index = None
        self.live += 1
        return len(self.uses) - 1

    def drop(self, row: int) -> None:
        self.uses[row] = None
        self.symbols[row] = _NO_SYMBOLS
        self._index = None
        self.live -= 1

    def counts(self, size: int) -> NDArray[np.int64]:
        return np.bincount(self.index.row_symbols, minlength=size)

    @property
    def index(self) -> "_Index":
        if self._index is None:
            self._index = _Index.of(self.symbols)
        return self._index

    def similar(
        self, symbols: Integers, weights: Floats, rarity: Floats, besides: frozenset[str], most: int
    ) -> Iterator[tuple[float, PastUse]]:
        """The most similar uses, with the cosine times the length of the query."""
        if not self.uses:
            return
        scores = self.index.scores(symbols, weights * rarity[symbols] ** 2, rarity)
        wanted = min(most + len(besides), len(scores))
        for row in np.argpartition(scores, len(scores) - wanted)[len(scores) - wanted :]:
            use = self.uses[row]
            if use is not None and scores[row] > 0 and use.name not in besides:
                yield float(scores[row]), use


@dataclass(frozen=True, slots=True)
class _Index:
    row_symbols: Integers
    row_of_each: Integers
    rows: int

    @classmethod
    def of(cls, symbols: Sequence[Integers]) -> "_Index":
        lengths = [len(some) for some in symbols]
        row_of_each = np.repeat(np.arange(len(symbols), dtype=np.int32), lengths)
        row_symbols = np.concatenate([_NO_SYMBOLS, *symbols])
        return cls(row_symbols, row_of_each, len(symbols))

    def scores(self, symbols: Integers, weights: Floats, rarity: Floats) -> Floats:
        """For each row the weights of the symbols that it has, over its length."""
        by_symbol = np.zeros(len(rarity), np.float32)
        by_symbol[symbols] = weights
        size = self.rows
        shared = np.bincount(self.row_of_each, by_symbol[self.row_symbols], size)
        squares = np.bincount(self.row_of_each, rarity[self.row_symbols] ** 2, size)
        return (shared / np.sqrt(np.maximum(squares, 1e-6))).astype(np.float32)
