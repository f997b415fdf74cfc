"""Which of many remembered goals resemble a goal, by an inverted index over their marks.

It knows numbers only: rows, and the marks of each. What a row stands for is `step_index`'s to know.
"""

import heapq
import itertools
import math
from collections.abc import Collection

from search.learning.marks import Marks
from search.learning.row_lists import RowLists

CONTEXT = 0.35
"""What a mark of the context counts for beside one of the target."""
READ = 12_000
"""Entries of the lists of rows that one query reads: some milliseconds."""
READ_EACH = 2_000
"""Entries read of one list, the newest; a mark that more goals have tells them apart badly."""
COMPARED = 96
"""Rows that are compared with the goal in full, those with the most in common in the lists read."""
_ZEROS = itertools.repeat(0.0)


class InvertedIndex:
    """Rows with their marks. Rows are numbered by whoever adds them, rising."""

    def __init__(self) -> None:
        self._marks: dict[int, Marks] = {}
        self._having = RowLists()
        self._totals: dict[int, tuple[int, float]] = {}
        """By row: the weight of its marks, as it was when there were so many rows."""

    def __len__(self) -> int:
        return len(self._marks)

    def add(self, row: int, marks: Marks) -> None:
        """Remember a row."""
        self._marks[row] = marks
        for mark in _all(marks):
            self._having.add(mark, row)

    def remove(self, row: int) -> None:
        """Forget a row, if it is there."""
        marks = self._marks.pop(row, None)
        self._totals.pop(row, None)
        for mark in _all(marks) if marks else ():
            self._having.remove(mark, self._marks)

    def nearest(self, marks: Marks, among: Collection[int] = ()) -> list[tuple[float, int]]:
        """Rows with their likeness to a goal, between 0 and 1, the most alike first.

        The likeness is that of Jaccard, with marks weighted by how rare they are. The rows `among`
        are compared in any case, if they are there.
        """
        weights = {mark: self._weight(mark) for mark in marks.target}
        weights |= {mark: CONTEXT * self._weight(mark) for mark in marks.context}
        total = sum(weights.values())
        rows = dict.fromkeys([*self._candidates(weights), *among])
        found = [(self._likeness(row, weights, total), row) for row in rows if row in self._marks]
        return sorted(found, key=lambda pair: (-pair[0], -pair[1]))

    def _candidates(self, weights: dict[int, float]) -> list[int]:
        """The rows that have the most in common with the goal, by its rarest marks."""
        shared: dict[int, float] = {}
        read = 0
        for mark in sorted(weights, key=self._having.count):
            newest = self._having.newest(mark, READ_EACH)
            weight = weights[mark]
            for row in newest:
                shared[row] = shared.get(row, 0.0) + weight
            read += len(newest)
            if read > READ:
                break
        most = heapq.nlargest(2 * COMPARED, shared.items(), _by_weight)
        return [row for row, _ in most if row in self._marks][:COMPARED]

    def _likeness(self, row: int, weights: dict[int, float], total: float) -> float:
        marks = self._marks[row]
        shared = sum(map(weights.get, marks.target, _ZEROS))
        shared += sum(map(weights.get, marks.context, _ZEROS))
        together = total + self._total(row) - shared
        return shared / together if together > 0 else 0.0

    def _total(self, row: int) -> float:
        """The weight of a row's marks. It changes slowly with the number of rows."""
        about = len(self._marks).bit_length()
        known = self._totals.get(row)
        if known is None or known[0] != about:
            marks = self._marks[row]
            total = sum(map(self._weight, marks.target))
            known = about, total + CONTEXT * sum(map(self._weight, marks.context))
            self._totals[row] = known
        return known[1]

    def _weight(self, mark: int) -> float:
        """Inverse document frequency, smoothed; never 0."""
        return math.log1p((len(self._marks) + 1) / (self._having.count(mark) + 1))


def _by_weight(item: tuple[int, float]) -> float:
    return item[1]


def _all(marks: Marks) -> set[int]:
    return {*marks.target, *marks.context}
