"""Every way to name a place in a text leads to the same place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lean.errors import WorkspaceError
from lean.positions import SourceText

PIECES = ["a", "αβ", "𝒢", "👩‍👩‍👧", "\t", " ", "\r\n", "\n", "sorry", "e\u0301", "\ufeff", "\r"]
TEXTS = st.builds(
    lambda mark, pieces: mark + "".join(pieces),
    st.sampled_from(["", "\ufeff"]),
    st.lists(st.sampled_from(PIECES), max_size=30),
)


def boundaries(source: SourceText) -> list[int]:
    """The byte offsets between characters of the normalized text."""
    offsets = [0]
    for character in source.normalized:
        offsets.append(offsets[-1] + len(character.encode()))
    return offsets


@given(TEXTS)
def test_every_byte_offset_survives_every_round_trip(text: str) -> None:
    source = SourceText(text)
    for byte in boundaries(source):
        assert source.byte(source.index(byte)) == byte
        assert source.from_line_column(*source.line_column(byte)) == byte
        assert source.from_utf16(*source.utf16(byte)) == byte
        assert source.from_utf8(*source.utf8(byte)) == byte


@given(TEXTS)
def test_an_index_names_the_same_character_on_both_sides(text: str) -> None:
    source = SourceText(text)
    for byte in boundaries(source)[:-1]:
        there = source.data[byte:].decode()[0]
        here = source.text[source.index(byte)]
        assert here == there or (here, there) == ("\r", "\n")


@given(TEXTS, st.integers(-5, 200), st.integers(-5, 200))
def test_places_outside_the_text_are_moved_inside(text: str, line: int, column: int) -> None:
    source = SourceText(text)
    for byte in (
        source.from_line_column(line, column),
        source.from_utf16(line, column),
        source.from_utf8(line, column),
        source.byte(column),
    ):
        assert 0 <= byte <= len(source.data)
        assert byte in boundaries(source)


@given(TEXTS, st.data())
def test_replacing_at_an_index_replaces_the_same_bytes(text: str, data: st.DataObject) -> None:
    source = SourceText(text)
    places = boundaries(source)
    start = data.draw(st.sampled_from(places))
    end = data.draw(st.sampled_from([place for place in places if place >= start]))
    edited = text[: source.index(start)] + "x" + text[source.index(end) :]
    assert SourceText(edited).data == source.data[:start] + b"x" + source.data[end:]


@pytest.mark.parametrize(
    ("text", "needle", "people", "utf16", "utf8"),
    [
        ("ab\ncd", "d", (2, 2), (1, 1), (1, 1)),
        ("ab\r\ncd", "d", (2, 2), (1, 1), (1, 1)),
        ("\ufeffab", "b", (1, 2), (0, 2), (0, 4)),
        ("\ufeff\r\nab", "b", (2, 2), (1, 1), (1, 1)),
        ("αβ∀x", "x", (1, 4), (0, 3), (0, 7)),
        ("𝒢x", "x", (1, 2), (0, 2), (0, 4)),
        ("\tx", "x", (1, 2), (0, 1), (0, 1)),
    ],
)
def test_columns(
    text: str,
    needle: str,
    people: tuple[int, int],
    utf16: tuple[int, int],
    utf8: tuple[int, int],
) -> None:
    source = SourceText(text)
    byte = source.byte(text.index(needle))
    assert source.line_column(byte) == people
    assert source.utf16(byte) == utf16
    assert source.utf8(byte) == utf8


def test_lean_sees_neither_byte_order_mark_nor_crlf() -> None:
    assert SourceText("\ufeffa\r\nb\rc\n").normalized == "a\nb\rc\n"


def test_new_lines_end_as_the_first_line_does() -> None:
    assert SourceText("a\r\nb\n").newline == "\r\n"
    assert SourceText("a\nb\r\n").newline == "\n"
    assert SourceText("a").newline == "\n"


def test_lines() -> None:
    source = SourceText("one\r\ntwo\r\n")
    assert source.line_of(5) == "two"
    assert source.line_start(5) == 4
    assert source.line_of(8) == ""


def test_a_lone_surrogate_is_refused_with_its_place() -> None:
    with pytest.raises(WorkspaceError, match="index 1"):
        SourceText("a\ud800")
