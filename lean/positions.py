"""One text, and every way to name a place in it.

Lean gets the text as `SourceText.normalized`: LF line ends and no byte order mark, addressed by
UTF-8 byte offsets. People and editors have the original: lines and columns in code points, UTF-16
or UTF-8 units, or an index into the string. Nothing here reads files or knows what the text says.
"""

import bisect
from dataclasses import dataclass
from functools import cached_property
from typing import AnyStr

from lean.errors import WorkspaceError

BYTE_ORDER_MARK = "\ufeff"


def common_prefix(left: AnyStr, right: AnyStr) -> int:
    """How much at their start is the same, in bytes or code points."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


@dataclass(frozen=True)
class SourceText:
    """A text as its author has it (`text`: with byte order mark and CRLF, if it has them).

    Offsets called `byte` are into `normalized` as UTF-8. Places outside the text are moved to the
    nearest place inside. Raises WorkspaceError for a string that is not valid Unicode.
    """

    text: str

    def __post_init__(self) -> None:
        try:
            self.text.encode()
        except UnicodeEncodeError as error:
            raise WorkspaceError(
                f"The text is not valid Unicode: a lone surrogate at index {error.start}."
            ) from None

    @cached_property
    def normalized(self) -> str:
        """The text that Lean sees."""
        return self.text.removeprefix(BYTE_ORDER_MARK).replace("\r\n", "\n")

    @cached_property
    def data(self) -> bytes:
        """`normalized` as UTF-8."""
        return self.normalized.encode()

    @property
    def newline(self) -> str:
        """The line end to use for new lines: that of the first line."""
        first = self.text.find("\n")
        return "\r\n" if first > 0 and self.text[first - 1] == "\r" else "\n"

    def index(self, byte: int) -> int:
        """The index into `text` of a byte offset; inside a character is before it."""
        line, prefix = self._locate(byte)
        return self._line_indices[line] + len(prefix)

    def byte(self, index: int) -> int:
        """The byte offset of an index into `text`; between CR and LF is before the line end."""
        index = max(0, min(index, len(self.text)))
        line = max(0, bisect.bisect_right(self._line_indices, index) - 1)
        prefix = self.text[self._line_indices[line] : index]
        # The CR of a CRLF that ends this line is no part of what Lean sees.
        if prefix.endswith("\r") and self.text[index : index + 1] == "\n":
            prefix = prefix[:-1]
        return self._line_bytes[line] + len(prefix.encode())

    def slice(self, start: int, end: int) -> str:
        """The normalized text between two byte offsets."""
        return self.data[start:end].decode(errors="replace")

    def line_column(self, byte: int) -> tuple[int, int]:
        """Line and column as people count: from 1, in code points, without byte order mark."""
        line, prefix = self._locate(byte)
        return line + 1, len(prefix) + 1

    def from_line_column(self, line: int, column: int) -> int:
        """The byte offset of a line and column counted from 1 in code points."""
        if line < 1:
            return 0
        if line > len(self._lines):
            return len(self.data)
        before = self._lines[line - 1][: max(0, column - 1)]
        return self._line_bytes[line - 1] + len(before.encode())

    def utf16(self, byte: int) -> tuple[int, int]:
        """Line and column as LSP counts: from 0, in UTF-16 units of the original line."""
        line, prefix = self._locate(byte)
        return line, len((self._mark(line) + prefix).encode("utf-16-le")) // 2

    def from_utf16(self, line: int, column: int) -> int:
        """The byte offset of an LSP position; inside a surrogate pair is before it."""
        return self._from_units(line, column * 2, "utf-16-le")

    def utf8(self, byte: int) -> tuple[int, int]:
        """Line and column from 0, in bytes of the original line's UTF-8."""
        line, prefix = self._locate(byte)
        return line, len((self._mark(line) + prefix).encode())

    def from_utf8(self, line: int, column: int) -> int:
        """The byte offset of a line and a column in UTF-8; inside a character is before it."""
        return self._from_units(line, column, "utf-8")

    def line_start(self, byte: int) -> int:
        """The byte offset at which the line of `byte` begins."""
        return self._line_bytes[self._locate(byte)[0]]

    def line_of(self, byte: int) -> str:
        """The line that holds `byte`, without its end."""
        return self._lines[self._locate(byte)[0]]

    @cached_property
    def _lines(self) -> list[str]:
        return self.normalized.split("\n")

    @cached_property
    def _line_bytes(self) -> list[int]:
        starts, offset = [], 0
        for line in self._lines:
            starts.append(offset)
            offset += len(line.encode()) + 1
        return starts

    @cached_property
    def _line_indices(self) -> list[int]:
        starts = [1 if self.text.startswith(BYTE_ORDER_MARK) else 0]
        while (end := self.text.find("\n", starts[-1])) >= 0:
            starts.append(end + 1)
        return starts

    def _mark(self, line: int) -> str:
        """The byte order mark: an editor that keeps it counts it as a character of line 0."""
        return BYTE_ORDER_MARK if line == 0 and self.text.startswith(BYTE_ORDER_MARK) else ""

    def _locate(self, byte: int) -> tuple[int, str]:
        """The number of the line that holds `byte`, from 0, and the part of the line before it."""
        byte = max(0, min(byte, len(self.data)))
        line = bisect.bisect_right(self._line_bytes, byte) - 1
        prefix = self.data[self._line_bytes[line] : byte].decode(errors="ignore")
        return line, prefix

    def _from_units(self, line: int, width: int, encoding: str) -> int:
        """The byte offset `width` bytes of `encoding` into an original line."""
        if line < 0:
            return 0
        if line >= len(self._lines):
            return len(self.data)
        mark = self._mark(line)
        units = (mark + self._lines[line]).encode(encoding)[: max(0, width)]
        before = units.decode(encoding, errors="ignore").removeprefix(mark)
        return self._line_bytes[line] + len(before.encode())
