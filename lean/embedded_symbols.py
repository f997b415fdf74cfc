"""The table by which the embedded Lean finds a symbol's address from its name: `symbols.bin`.

`embedded_wasm.py` fills it, `driver/host.cjs` reads it.
"""

import struct

_SLOTS = 1 << 19


def symbol_table(values: dict[bytes, int]) -> bytes:
    """Open addressing: slots of (first hash, second hash, value + 1), little-endian u32; 0 in the
    last: empty.
    """
    slots: list[tuple[int, int, int] | None] = [None] * _SLOTS
    seen = set()
    for name, value in values.items():
        hashes = symbol_hash(name)
        assert hashes not in seen, "two symbols with one hash"
        seen.add(hashes)
        slot = hashes[0] % _SLOTS
        while slots[slot] is not None:
            slot = (slot + 1) % _SLOTS
        slots[slot] = (*hashes, (value & 0xFFFFFFFF) + 1)
    return b"".join(struct.pack("<III", *(entry or (0, 0, 0))) for entry in slots)


def symbol_hash(name: bytes) -> tuple[int, int]:
    """Return the two 32-bit hashes of a symbol's name; together they tell all of the package's
    names apart.
    """
    first, second = 0x811C9DC5, 0x1B873593
    for byte in name:
        first = ((first ^ byte) * 0x01000193) & 0xFFFFFFFF
        second = ((second ^ byte) * 0x85EBCA6B) & 0xFFFFFFFF
        second = ((second << 13) | (second >> 19)) & 0xFFFFFFFF
    return first, second
