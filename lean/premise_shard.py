"""A shard: some theorems with their names, modules and symbols, as arrays that live in one file.

The file is mapped into memory, so that what nobody looks at costs nothing, and is never changed.
Which shards there are, and what belongs into them, is `lean.premises`; what is relevant to a goal
is decided elsewhere.
"""

import json
import mmap
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = b"unsorry premises 1\n"
_ALIGNED = 16
_HEAD = len(MAGIC) + 8
"""Bytes before the description: the magic, its length, and the checksum of what follows it."""

Integers = NDArray[np.int32]
Keys = NDArray[np.uint64]


class BrokenShard(Exception):
    """The file is none of ours, or is damaged."""


@dataclass(frozen=True, slots=True)
class Premise:
    """A theorem: its full name, its module ("" for the document at hand), and the constants of its
    statement.
    """

    name: str
    module: str
    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """The rows of one module. `stamp` tells one content of the module from another."""

    module: str
    stamp: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Texts:
    """Strings in one array of bytes; string `i` is from `starts[i]` to `starts[i + 1]`."""

    data: NDArray[np.uint8]
    starts: Integers

    @classmethod
    def of(cls, strings: Iterable[str]) -> "Texts":
        """The strings, in their order."""
        encoded = [string.encode() for string in strings]
        lengths = np.fromiter(map(len, encoded), np.int64, len(encoded))
        return cls(np.frombuffer(b"".join(encoded), np.uint8), _starts(lengths))

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, index: int) -> str:
        return self.data[self.starts[index] : self.starts[index + 1]].tobytes().decode()


class Shard:
    """Theorems by row. Symbols have numbers that mean something in this shard alone; what they have
    in common with other shards are keys (`key_of`).

    `row_symbols` from `row_starts[i]` to `row_starts[i + 1]` are the symbols of row `i`;
    `symbol_rows` from `symbol_starts[s]` on are the rows in which symbol `s` occurs.
    """

    def __init__(self, spans: Sequence[Span], arrays: Mapping[str, NDArray[Any]]) -> None:
        self.spans = tuple(spans)
        self.names = Texts(arrays["name_text"], arrays["name_starts"])
        self.symbols = Texts(arrays["symbol_text"], arrays["symbol_texts"])
        self.symbol_keys: Keys = arrays["symbol_keys"]
        """Of each symbol, ascending."""
        self.row_starts: Integers = arrays["row_starts"]
        self.row_symbols: Integers = arrays["row_symbols"]
        self.symbol_starts: Integers = arrays["symbol_starts"]
        self.symbol_rows: Integers = arrays["symbol_rows"]
        self._name_keys: Keys = arrays["name_keys"]
        self._name_rows: Integers = arrays["name_rows"]
        self._arrays = dict(arrays)

    @classmethod
    def of(cls, premises: Mapping[tuple[str, str], Sequence[Premise]]) -> "Shard":
        """The premises of some modules, each with its stamp, as they come."""
        spans, rows = [], list[Premise]()
        for (module, stamp), some in premises.items():
            spans.append(Span(module, stamp, len(rows), len(rows) + len(some)))
            rows += some
        return cls(spans, _arrays(rows))

    @classmethod
    def read(cls, file: Path) -> "Shard":
        """The shard in a file, mapped into memory. Raises BrokenShard, and OSError."""
        with file.open("rb") as stream:
            if file.stat().st_size < _HEAD:
                raise BrokenShard(f"{file} is too short")
            content = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        try:
            return cls(*_unpacked(content))
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise BrokenShard(f"{file} is damaged: {error}") from error

    def packed(self) -> bytes:
        """The content of its file."""
        spans = [[span.module, span.stamp, span.start, span.end] for span in self.spans]
        places, parts, offset = {}, list[bytes](), 0
        for name, array in self._arrays.items():
            content = array.tobytes()
            places[name] = [array.dtype.str, offset, len(array)]
            padding = -len(content) % _ALIGNED
            parts += [content, bytes(padding)]
            offset += len(content) + padding
        described = json.dumps({"spans": spans, "arrays": places}).encode()
        described += b" " * (-(_HEAD + len(described)) % _ALIGNED)
        body = described + b"".join(parts)
        head = len(described).to_bytes(4, "little") + zlib.crc32(body).to_bytes(4, "little")
        return MAGIC + head + body

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def row_modules(self) -> Integers:
        """For each row the number of its span."""
        lengths = [span.end - span.start for span in self.spans]
        return np.repeat(np.arange(len(self.spans), dtype=np.int32), lengths)

    @cached_property
    def row_lengths(self) -> Integers:
        """How many symbols each row has."""
        return np.diff(self.row_starts)

    @cached_property
    def row_keys(self) -> Keys:
        """The key of each row's name."""
        keys = np.empty_like(self._name_keys)
        keys[self._name_rows] = self._name_keys
        return keys

    def module(self, row: int) -> str:
        """The module of a row."""
        return self.spans[int(self.row_modules[row])].module

    def premise(self, row: int) -> Premise:
        """A row as people read it."""
        return Premise(self.names[row], self.module(row), tuple(self._symbols(row)))

    def premises(self) -> Iterator[tuple[tuple[str, str], list[Premise]]]:
        """All of it by module and stamp, as `of` takes it."""
        for span in self.spans:
            rows = range(span.start, span.end)
            yield (span.module, span.stamp), [self.premise(row) for row in rows]

    def rows_named(self, names: Sequence[str]) -> Integers:
        """The row of each name, -1 where there is none."""
        found = _found(self._name_keys, keys_of(names))
        rows = np.full(len(names), -1, np.int32)
        rows[found >= 0] = self._name_rows[found[found >= 0]]
        return rows

    def symbols_with(self, keys: Keys) -> Integers:
        """The number of the symbol with each key, -1 where it does not occur here."""
        return _found(self.symbol_keys, keys)

    def _symbols(self, row: int) -> Iterator[str]:
        for symbol in self.row_symbols[self.row_starts[row] : self.row_starts[row + 1]]:
            yield self.symbols[symbol]


def key_of(text: str) -> int:
    """A number of 64 bits for a name: the same everywhere, and hardly ever that of another."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def keys_of(texts: Iterable[str]) -> Keys:
    """The key of each text."""
    return np.fromiter(map(key_of, texts), np.uint64)


def _found(ascending: Keys, keys: Keys) -> Integers:
    """Where each of `keys` stands among those in ascending order, or -1."""
    if not len(ascending):
        return np.full(len(keys), -1, np.int32)
    places = np.minimum(np.searchsorted(ascending, keys), len(ascending) - 1)
    return np.where(ascending[places] == keys, places, -1).astype(np.int32)


def _starts(lengths: NDArray[Any]) -> Integers:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)


def _arrays(rows: Sequence[Premise]) -> dict[str, NDArray[Any]]:
    names = Texts.of(row.name for row in rows)
    name_keys = keys_of(row.name for row in rows)
    by_name = np.argsort(name_keys, kind="stable").astype(np.int32)
    texts = sorted(set(chain.from_iterable(row.symbols for row in rows)), key=key_of)
    symbols = Texts.of(texts)
    number = {text: index for index, text in enumerate(texts)}
    listed = [sorted({number[text] for text in row.symbols}) for row in rows]
    row_starts = _starts(np.fromiter(map(len, listed), np.int64, len(listed)))
    row_symbols = np.fromiter(chain.from_iterable(listed), np.int32, int(row_starts[-1]))
    row_of_each = np.repeat(np.arange(len(rows), dtype=np.int32), np.diff(row_starts))
    by_symbol = np.argsort(row_symbols, kind="stable")
    return {
        "name_text": names.data,
        "name_starts": names.starts,
        "name_keys": name_keys[by_name],
        "name_rows": by_name,
        "symbol_text": symbols.data,
        "symbol_texts": symbols.starts,
        "symbol_keys": keys_of(texts),
        "row_starts": row_starts,
        "row_symbols": row_symbols,
        "symbol_starts": _starts(np.bincount(row_symbols, minlength=len(texts))),
        "symbol_rows": row_of_each[by_symbol],
    }


def _unpacked(content: mmap.mmap) -> tuple[list[Span], dict[str, NDArray[Any]]]:
    if content[: len(MAGIC)] != MAGIC:
        raise ValueError("it begins otherwise")
    length = int.from_bytes(content[len(MAGIC) : len(MAGIC) + 4], "little")
    checksum = int.from_bytes(content[len(MAGIC) + 4 : _HEAD], "little")
    if zlib.crc32(memoryview(content)[_HEAD:]) != checksum:
        raise ValueError("its checksum is another")
    described = json.loads(content[_HEAD : _HEAD + length])
    arrays = {
        name: np.frombuffer(content, np.dtype(kind), count, _HEAD + length + offset)
        for name, (kind, offset, count) in described["arrays"].items()
    }
    return [Span(*span) for span in described["spans"]], arrays
