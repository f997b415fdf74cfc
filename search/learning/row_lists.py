"""For each mark the rows that have it, most marks having one: what an inverted index is made of.

Rows that are gone are left in the lists until there are more of them than of the others.
"""

from array import array
from collections.abc import Container, Sequence


class RowLists:
    """Rows by marks, in the order in which they came."""

    def __init__(self) -> None:
        self._rows: dict[int, int | array[int]] = {}
        """A number alone, where a list of one would take three times the room."""
        self._gone: dict[int, int] = {}
        """By mark: how many of its list are there no more, if any."""

    def count(self, mark: int) -> int:
        """How many rows have a mark."""
        rows = self._rows.get(mark)
        if rows is None:
            return 0
        return 1 if isinstance(rows, int) else len(rows) - self._gone.get(mark, 0)

    def newest(self, mark: int, most: int) -> Sequence[int]:
        """At most so many of the rows that had a mark, the newest; some may be gone."""
        rows = self._rows.get(mark, ())
        return (rows,) if isinstance(rows, int) else rows[-most:]

    def add(self, mark: int, row: int) -> None:
        """A row has a mark."""
        rows = self._rows.get(mark)
        if rows is None:
            self._rows[mark] = row
        elif isinstance(rows, int):
            self._rows[mark] = array("I", (rows, row))
        else:
            rows.append(row)

    def remove(self, mark: int, present: Container[int]) -> None:
        """A row that had a mark is gone; those that are there are `present`."""
        rows = self._rows[mark]
        gone = self._gone.pop(mark, 0) + 1
        if isinstance(rows, int) or gone == len(rows):
            del self._rows[mark]
        elif 2 * gone > len(rows):
            self._rows[mark] = array("I", [row for row in rows if row in present])
        else:
            self._gone[mark] = gone
