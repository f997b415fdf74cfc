"""The text of a document as the editor has it: changes, positions, and places that move with it.

Lines end as LSP says, with LF, CRLF or CR (Python's `splitlines` knows more, and Lean less).
What the text means is `lean.document`'s business.
"""

import bisect
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from lsprotocol import types

from lean.positions import common_prefix

_LINE_END = re.compile(r"\r\n|\n|\r")
_UNITS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
"""By position encoding: Python's codec, and the bytes of one unit."""


@dataclass(slots=True)
class Span:
    """A place in the text, [`start`, `end`) in code points, which moves as the text changes.

    `whole`: nothing inside of it, nor right beside it, has changed.
    """

    start: int
    end: int
    whole: bool = True

    def move(self, start: int, end: int, length: int) -> None:
        """[`start`, `end`) of the text was replaced by `length` code points."""
        if end < self.start:
            by = length - (end - start)
            self.start, self.end = self.start + by, self.end + by
        elif start <= self.end:
            self.whole = False


class Lines:
    """A text and where its lines begin, in one position encoding of LSP."""

    def __init__(self, text: str, encoding: str = "utf-16") -> None:
        self.text = text
        self._codec, self._unit = _UNITS[encoding]

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

    def index(self, position: types.Position) -> int:
        """The index into the text; beyond a line is its end, inside a character is before it."""
        line, character = position.line, position.character
        if line >= len(self._starts):
            return len(self.text)
        start, said = self._starts[line], self._line(line)
        if said.isascii():
            return start + min(character, len(said))
        units = said.encode(self._codec)[: character * self._unit]
        return start + len(units.decode(self._codec, errors="ignore"))

    def position(self, index: int) -> types.Position:
        """The position of an index into the text."""
        index = max(0, min(index, len(self.text)))
        line = bisect.bisect_right(self._starts, index) - 1
        # Between CR and LF is the end of the line.
        before = self.text[self._starts[line] : index].rstrip("\r\n")
        return types.Position(line, len(before.encode(self._codec)) // self._unit)

    def range(self, start: int, end: int) -> types.Range:
        """The range of [`start`, `end`)."""
        return types.Range(self.position(start), self.position(end))

    def line_range(self, line: int) -> types.Range:
        """A whole line without its end."""
        line = max(0, min(line, len(self._starts) - 1))
        start = self._starts[line]
        return self.range(start, start + len(self._line(line)))

    def _line(self, line: int) -> str:
        end = self._starts[line + 1] if line + 1 < len(self._starts) else len(self.text)
        return self.text[self._starts[line] : end].rstrip("\r\n")


class Buffer:
    """One text under edit. `version` is the editor's count (None: it is not open there)."""

    def __init__(self, text: str, version: int | None = None, encoding: str = "utf-16") -> None:
        self.version = version
        self._encoding = encoding
        self._spans: list[Span] = []
        self.lines = Lines(text, encoding)

    @property
    def text(self) -> str:
        """The text now."""
        return self.lines.text

    def text_of_line(self, line: int) -> str:
        """A line without its end."""
        where = self.lines.line_range(line)
        return self.text[self.lines.index(where.start) : self.lines.index(where.end)]

    def replace(self, text: str, version: int | None) -> None:
        """Take another text as a whole; what stands before and behind the difference has moved."""
        old = self.text
        start = common_prefix(old, text)
        behind = common_prefix(old[start:][::-1], text[start:][::-1])
        self._set(start, len(old) - behind, text[start : len(text) - behind])
        self.version = version

    def change(
        self, changes: Iterable[types.TextDocumentContentChangeEvent], version: int | None
    ) -> None:
        """Apply the changes of one notification, in order."""
        for change in changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                start = self.lines.index(change.range.start)
                end = max(start, self.lines.index(change.range.end))
                self._set(start, end, change.text)
            else:
                self.replace(change.text, version)
        self.version = version

    def track(self, text: str, places: Sequence[tuple[int, int]]) -> list[Span]:
        """Follow places of `text`, an earlier state of this one, from now on, instead of others.

        A place where the two texts differ is not whole.
        """
        now = self.text
        spans = [Span(start, end) for start, end in places]
        if text != now:
            start = common_prefix(text, now)
            behind = common_prefix(text[start:][::-1], now[start:][::-1])
            for span in spans:
                span.move(start, len(text) - behind, len(now) - behind - start)
        self._spans = spans
        return spans

    def same_until(self, text: str) -> int:
        """How much at its start is as in `text`, an earlier state."""
        return common_prefix(text, self.text)

    def _set(self, start: int, end: int, replacement: str) -> None:
        for span in self._spans:
            span.move(start, end, len(replacement))
        text = self.text
        self.lines = Lines(text[:start] + replacement + text[end:], self._encoding)
