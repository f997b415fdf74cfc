"""What can be used at one place: theorems of imported modules and those above it in the document.

Only what is there, under numbers that all rankers share, and how common its symbols are. What is
relevant to a goal is the rankers' to say.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lean.premise_shard import Integers, Keys, Premise, Shard, Span

Floats = NDArray[np.float32]
Counts = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Section:
    """A shard of which all rows but those in `hidden` can be used; row `i` has the number
    `offset + i`.

    `weights` are of its symbols (by their numbers in the shard), `norms` of its rows under those;
    `sizes` are how many symbols the rows have.
    """

    shard: Shard
    offset: int
    visible: Mask
    hidden: Integers
    weights: Floats
    norms: Floats
    sizes: Floats
    _brevity: dict[float, Floats] = field(default_factory=dict, compare=False, repr=False)

    @property
    def end(self) -> int:
        """The number after its last row."""
        return self.offset + len(self.shard)

    def rows_with(self, symbol: int) -> Integers:
        """The rows in which a symbol occurs."""
        starts = self.shard.symbol_starts
        return self.shard.symbol_rows[starts[symbol] : starts[symbol + 1]]

    def brevity(self, rate: float) -> Floats:
        """For each row a factor that falls by `rate` with each letter of its name."""
        if rate not in self._brevity:
            lengths = np.diff(self.shard.names.starts)
            self._brevity[rate] = np.exp(-rate * lengths).astype(np.float32)
        return self._brevity[rate]

    def symbols_of(self, row: int) -> Integers:
        """The symbols of a row."""
        starts = self.shard.row_starts
        return self.shard.row_symbols[starts[row] : starts[row + 1]]


class Imported:
    """The theorems of some imported modules. Made once for all files that import the same."""

    def __init__(
        self, places: Iterable[tuple[Shard, Span]], unusable: Collection[str] = ()
    ) -> None:
        """`unusable` are names that must not be used, wherever they come from."""
        spans: dict[int, tuple[Shard, list[Span]]] = {}
        for shard, span in places:
            spans.setdefault(id(shard), (shard, []))[1].append(span)
        seen = [(shard, _mask(shard, some, unusable)) for shard, some in spans.values()]
        self.visible = int(sum(mask.sum() for _, mask in seen))
        counts = [_occurrences(shard, mask) for shard, mask in seen]
        keys = np.concatenate([_NO_KEYS, *(shard.symbol_keys for shard, _ in seen)])
        self._keys, number = np.unique(keys, return_inverse=True)
        self._counts: Counts = np.bincount(
            number, np.concatenate([np.zeros(0), *counts]), minlength=len(self._keys)
        ).astype(np.float64)
        weights = self.weights(self._counts)[number]
        self.sections: list[Section] = []
        offset, first = 0, 0
        for shard, mask in seen:
            own = weights[first : first + len(shard.symbols)]
            self.sections.append(_section(shard, offset, mask, own))
            offset, first = offset + len(shard), first + len(shard.symbols)
        self.size = offset

    def weights(self, counts: Counts) -> Floats:
        """How much it says that a symbol occurs, from the number of theorems in which it does."""
        return np.log1p((self.visible + 1) / np.maximum(counts, 1)).astype(np.float32)

    def counts(self, keys: Keys) -> Counts:
        """In how many visible theorems the symbol with each key occurs."""
        if not len(self._keys):
            return np.zeros(len(keys))
        places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.where(self._keys[places] == keys, self._counts[places], 0.0)


class Sight:
    """The theorems that can be used at one place, by number: the imported ones, then the local."""

    def __init__(
        self,
        imported: Imported,
        local: Shard,
        complete: bool = True,
        unusable: Collection[str] = (),
    ) -> None:
        """`unusable` are names that must not be used."""
        self.complete = complete
        """Are they all there that the place sees?"""
        self.imported = imported
        mask = _mask(local, local.spans, unusable)
        self._local_counts = _occurrences(local, mask)
        self._local = local
        weights = imported.weights(self.counts(local.symbol_keys))
        section = _section(local, imported.size, mask, weights)
        self.sections: Sequence[Section] = [*imported.sections, section]
        self.size = section.end
        """Numbers are below it; not each is of something visible."""
        self.visible = imported.visible + int(mask.sum())
        """How many theorems can be used."""

    def counts(self, keys: Keys) -> Counts:
        """In how many visible theorems the symbol with each key occurs."""
        found = self.imported.counts(keys)
        local = self._local.symbols_with(keys)
        found[local >= 0] += self._local_counts[local[local >= 0]]
        return found

    def weights(self, keys: Keys) -> Floats:
        """How much it says that the symbol with each key occurs."""
        return self.imported.weights(self.counts(keys))

    def premise(self, number: int) -> Premise:
        """The theorem with a number."""
        section = self.section(number)
        return section.shard.premise(number - section.offset)

    def name(self, number: int) -> str:
        """Its full name."""
        section = self.section(number)
        return section.shard.names[number - section.offset]

    def module(self, number: int) -> str:
        """Its module, "" where it stands in the document."""
        section = self.section(number)
        return section.shard.module(number - section.offset)

    def is_local(self, number: int) -> bool:
        """Does it stand in the document?"""
        return number >= self.sections[-1].offset

    def numbers(self, names: Sequence[str]) -> list[int | None]:
        """The number of each visible theorem, None for what is not visible."""
        found: list[int | None] = [None] * len(names)
        for section in self.sections:
            for place, row in enumerate(section.shard.rows_named(names)):
                if row >= 0 and section.visible[row]:
                    found[place] = section.offset + int(row)
        return found

    def symbol_keys(self, number: int) -> Keys:
        """The keys of a theorem's symbols."""
        section = self.section(number)
        return section.shard.symbol_keys[section.symbols_of(number - section.offset)]

    def best(self, scores: Floats, count: int) -> list[tuple[int, float]]:
        """The visible theorems with the highest scores above 0, best first."""
        for section in self.sections:
            scores[section.offset : section.end][section.hidden] = 0
        chosen = _high(scores, count)
        # Of two that are as good the one that was there first: a sort that is the same everywhere.
        chosen = chosen[np.lexsort((chosen, -scores[chosen]))][:count]
        return [(int(number), float(scores[number])) for number in chosen if scores[number] > 0]

    def section(self, number: int) -> Section:
        """Where the theorem with a number is."""
        return next(section for section in self.sections if number < section.end)

    def __iter__(self) -> Iterator[int]:
        for section in self.sections:
            for row in np.flatnonzero(section.visible):
                yield section.offset + int(row)


_NO_KEYS = np.zeros(0, np.uint64)
_STEP = 16
_LEAST = np.float32(1e-9)
"""A score that is as good as none."""


def _high(scores: Floats, count: int) -> NDArray[np.int64]:
    """Places that have the `count` highest scores among them: of equal ones the first."""
    sample = scores[::_STEP]
    for share in (1, 4, 16):
        # Comparing all scores with one of them takes a tenth of the time of sorting them, which is
        # slowest where most are equal.
        wanted = share * (2 * count // _STEP + 8)
        if wanted >= len(sample):
            break
        bound = max(np.partition(sample, len(sample) - wanted)[len(sample) - wanted], _LEAST)
        above = np.flatnonzero(scores > bound)
        equal = np.flatnonzero(scores == bound)
        if len(above) + len(equal) >= count or bound == _LEAST:
            return np.concatenate([above, equal[: max(0, count - len(above))]])
    return np.flatnonzero(scores)


def _mask(shard: Shard, spans: Iterable[Span], unusable: Collection[str]) -> Mask:
    mask = np.zeros(len(shard), np.bool_)
    for span in spans:
        mask[span.start : span.end] = True
    if unusable:
        rows = shard.rows_named(list(unusable))
        mask[rows[rows >= 0]] = False
    return mask


def _occurrences(shard: Shard, mask: Mask) -> Counts:
    """For each symbol the number of visible rows in which it occurs."""
    if mask.all():
        return np.diff(shard.symbol_starts).astype(np.float64)
    shown = shard.row_symbols[np.repeat(mask, shard.row_lengths)]
    return np.bincount(shown, minlength=len(shard.symbols)).astype(np.float64)


def _section(shard: Shard, offset: int, mask: Mask, weights: Floats) -> Section:
    hidden = np.flatnonzero(~mask).astype(np.int32)
    sizes = shard.row_lengths.astype(np.float32)
    return Section(shard, offset, mask, hidden, weights, _norms(shard, weights), sizes)


def _norms(shard: Shard, weights: Floats) -> Floats:
    """The length of each row as a vector of weights; 1 for a row without symbols."""
    squares = np.concatenate([[0.0], np.cumsum(weights[shard.row_symbols] ** 2, dtype=np.float64)])
    sums = squares[shard.row_starts[1:]] - squares[shard.row_starts[:-1]]
    return np.sqrt(np.where(shard.row_lengths > 0, sums, 1.0)).astype(np.float32)
