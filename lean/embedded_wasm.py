"""Rewrites the package's lean.wasm: its 201,110 exports become 60, and what they named is found in
a hash table.

Every export costs each thread a JavaScript object at start. Here each exported function gets a
place in the function table (a second element segment), so that its address is known, and
`symbols.bin` maps the hash of its name to that address for dlsym. Code and data are not touched.
The JavaScript side is `embedded_javascript.py`, the reader of the table is `driver/host.cjs`.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lean.embedded_symbols import symbol_table
from lean.errors import ToolchainError

_CUSTOM, _IMPORT, _TABLE, _GLOBAL, _EXPORT, _ELEMENT = 0, 2, 4, 6, 7, 9
_FUNCTION_KIND, _TABLE_KIND, _MEMORY_KIND, _GLOBAL_KIND = 0, 1, 2, 3
_I32_CONST, _I64_CONST, _F64_CONST, _GLOBAL_GET, _END = 0x41, 0x42, 0x44, 0x23, 0x0B
_FUNCREF = 0x70
_EXPORT_INFO, _THREAD_LOCAL = 3, 0x100
_MAIN = "__main_argc_argv"
# Exports that the JavaScript reaches by other ways than `wasmExports["name"]`.
_ALWAYS_EXPORTED = {
    "memory",
    "__indirect_function_table",
    "__wasm_call_ctors",
    "__wasm_apply_data_relocs",
    "_initialize",
    "main",
    _MAIN,
}


@dataclass(frozen=True, slots=True)
class PreparedWasm:
    """The new module, the symbol table, the addresses of imported symbols, and the table index of
    C's `main`.
    """

    module: bytes
    symbols: bytes
    addresses: dict[str, int]
    main_index: int


def prepare_wasm(module: bytes, exports_used: set[str]) -> PreparedWasm:
    """Rewrite `module`, keeping the exports that the JavaScript mentions (`exports_used`).

    Raises ToolchainError when the module has not the shape this was written for.
    """
    try:
        return _prepare(module, exports_used)
    except (AssertionError, IndexError, KeyError, struct.error, UnicodeDecodeError) as error:
        raise ToolchainError(
            "The embedded Lean's package is not the one this Unsorry knows: "
            f"lean.wasm is not as expected ({error}).",
            "Install the newest Unsorry, or use a native Lean.",
        ) from error


@dataclass(frozen=True, slots=True)
class _Export:
    name: bytes
    kind: int
    index: int


@dataclass(slots=True)
class _Reader:
    """A cursor in the module's bytes."""

    data: bytes
    at: int

    def byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def unsigned(self) -> int:
        result = shift = 0
        while True:
            byte = self.byte()
            result |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return result

    def signed(self) -> int:
        result = shift = 0
        while True:
            byte = self.byte()
            result |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return result - (1 << shift) if byte & 0x40 else result

    def name(self) -> bytes:
        length = self.unsigned()
        self.at += length
        return self.data[self.at - length : self.at]


def _prepare(data: bytes, exports_used: set[str]) -> PreparedWasm:
    assert data[:8] == b"\0asm\x01\0\0\0", "it is no wasm module"
    sections = list(_sections(data))
    place = {number: begin for number, begin, _ in sections if number != _CUSTOM}
    imported = _imported_globals(_Reader(data, place[_IMPORT]))
    constants = _constant_globals(_Reader(data, place[_GLOBAL]))
    exports = _exports(_Reader(data, place[_EXPORT]))
    table, added, table_size = _function_table(_Reader(data, place[_ELEMENT]), exports)
    values = _values(exports, table, constants, len(imported))
    kept = exports_used | _ALWAYS_EXPORTED | _thread_locals(data, sections[0])
    replaced = {
        _TABLE: _new_table(_Reader(data, place[_TABLE]), table_size, len(added)),
        _EXPORT: _new_exports([export for export in exports if export.name.decode() in kept]),
        _ELEMENT: _new_elements(data, sections, table_size, added),
    }
    pieces = [data[:8]]
    for number, begin, end in sections:
        body = replaced.get(number, data[begin:end])
        pieces += [bytes([number]), _unsigned(len(body)), body]
    return PreparedWasm(
        module=b"".join(pieces),
        symbols=symbol_table(values),
        addresses={name: values[name.encode()] for name in imported if name.encode() in values},
        main_index=values[_MAIN.encode()],
    )


def _sections(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield (number, begin, end) of each section's body."""
    reader = _Reader(data, 8)
    while reader.at < len(data):
        number, size = reader.byte(), reader.unsigned()
        yield number, reader.at, reader.at + size
        reader.at += size


def _imported_globals(reader: _Reader) -> list[str]:
    names = []
    for _ in range(reader.unsigned()):
        reader.name()
        name, kind = reader.name(), reader.byte()
        if kind == _FUNCTION_KIND:
            reader.unsigned()
        elif kind == _MEMORY_KIND:
            has_maximum = reader.byte() & 1
            reader.unsigned()
            if has_maximum:
                reader.unsigned()
        else:
            assert kind == _GLOBAL_KIND, "an unknown kind of import"
            reader.at += 2
            names.append(name.decode())
    return names


def _constant_globals(reader: _Reader) -> list[int | None]:
    """Return the value of each own global, None where it is mutable or not a plain integer."""
    values: list[int | None] = []
    for _ in range(reader.unsigned()):
        reader.byte()
        mutable, operation = reader.byte(), reader.byte()
        value: int | None = None
        if operation in (_I32_CONST, _I64_CONST):
            value = reader.signed()
        elif operation == _F64_CONST:
            reader.at += 8
        else:
            assert operation == _GLOBAL_GET, "an unknown initial value"
            reader.unsigned()
        assert reader.byte() == _END, "a long initial value"
        values.append(None if mutable else value)
    return values


def _exports(reader: _Reader) -> list[_Export]:
    return [
        _Export(reader.name(), reader.byte(), reader.unsigned()) for _ in range(reader.unsigned())
    ]


def _function_table(
    reader: _Reader, exports: Iterable[_Export]
) -> tuple[dict[int, int], list[int], int]:
    """Return function → table index, the functions to add to the table, and its size before."""
    assert reader.unsigned() == 1 and reader.unsigned() == 0, "not one plain element segment"
    assert reader.byte() == _I32_CONST
    start = reader.signed()
    assert reader.byte() == _END
    table: dict[int, int] = {}
    count = reader.unsigned()
    for position in range(count):
        table.setdefault(reader.unsigned(), start + position)
    size = start + count
    added: list[int] = []
    for export in exports:
        if export.kind == _FUNCTION_KIND and export.index not in table:
            table[export.index] = size + len(added)
            added.append(export.index)
    return table, added, size


def _values(
    exports: Iterable[_Export],
    table: dict[int, int],
    constants: list[int | None],
    imported_globals: int,
) -> dict[bytes, int]:
    """Return what dlsym answers for each export: a function's table index or an address of data."""
    values: dict[bytes, int] = {}
    for export in exports:
        if export.kind == _FUNCTION_KIND:
            values[export.name] = table[export.index]
        elif export.kind == _GLOBAL_KIND:
            constant = constants[export.index - imported_globals]
            if constant is not None:
                values[export.name] = constant
    return values


def _thread_locals(data: bytes, section: tuple[int, int, int]) -> set[str]:
    """Names that the dylink.0 section marks as thread-local: the JavaScript looks them up as
    exports.
    """
    number, begin, end = section
    reader = _Reader(data, begin)
    assert number == _CUSTOM and reader.name() == b"dylink.0", "no dylink.0 section"
    names = set()
    while reader.at < end:
        kind, size = reader.byte(), reader.unsigned()
        after = reader.at + size
        if kind == _EXPORT_INFO:
            for _ in range(reader.unsigned()):
                name, flags = reader.name(), reader.unsigned()
                if flags & _THREAD_LOCAL:
                    names.add(name.decode())
        reader.at = after
    return names


def _new_table(reader: _Reader, size: int, added: int) -> bytes:
    assert reader.unsigned() == 1 and reader.byte() == _FUNCREF and reader.byte() == 0
    assert reader.unsigned() == size, "an unexpected table size"
    return bytes([1, _FUNCREF, 0]) + _unsigned(size + added)


def _new_exports(exports: list[_Export]) -> bytes:
    pieces = [_unsigned(len(exports))]
    for export in exports:
        pieces += [_unsigned(len(export.name)), export.name, bytes([export.kind])]
        pieces.append(_unsigned(export.index))
    return b"".join(pieces)


def _new_elements(
    data: bytes, sections: list[tuple[int, int, int]], start: int, added: list[int]
) -> bytes:
    (old,) = [data[begin + 1 : end] for number, begin, end in sections if number == _ELEMENT]
    offset = bytes([_I32_CONST]) + _signed(start) + bytes([_END])
    return b"".join(
        [_unsigned(2), old, _unsigned(0), offset, _unsigned(len(added)), *map(_unsigned, added)]
    )


def _unsigned(number: int) -> bytes:
    result = bytearray()
    while number > 0x7F:
        result.append(number & 0x7F | 0x80)
        number >>= 7
    result.append(number)
    return bytes(result)


def _signed(number: int) -> bytes:
    result = bytearray()
    while not -0x40 <= number < 0x40:
        result.append(number & 0x7F | 0x80)
        number >>= 7
    result.append(number & 0x7F)
    return bytes(result)
