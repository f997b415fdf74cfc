"""The text under edit: positions as LSP counts them, changes, and places that move with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from server.editor.buffer import Buffer, Lines

ALPHABET = "a sorry\n\r\té😀𝔸\u0301\u2028\x0c"
texts = st.text(ALPHABET, max_size=40)
ENCODINGS = ("utf-8", "utf-16", "utf-32")


@pytest.mark.parametrize(
    ("encoding", "text", "index", "line", "character"),
    [
        ("utf-16", "a😀b", 2, 0, 3),
        ("utf-8", "a😀b", 2, 0, 5),
        ("utf-32", "a😀b", 2, 0, 2),
        ("utf-16", "e\u0301x", 2, 0, 2),
        ("utf-16", "a\r\nb", 3, 1, 0),
        ("utf-16", "a\rb", 2, 1, 0),
        ("utf-16", "a\u2028b", 2, 0, 2),
        ("utf-16", "a\x0cb\x85c", 4, 0, 4),
        ("utf-16", "", 0, 0, 0),
    ],
)
def test_positions_are_counted_as_lsp_says(
    encoding: str, text: str, index: int, line: int, character: int
) -> None:
    lines = Lines(text, encoding)
    assert lines.position(index) == types.Position(line, character)
    assert lines.index(types.Position(line, character)) == index


@given(texts, st.sampled_from(ENCODINGS), st.data())
def test_every_place_has_a_position_of_its_own(
    text: str, encoding: str, data: st.DataObject
) -> None:
    lines = Lines(text, encoding)
    index = data.draw(st.integers(0, len(text)))
    inside = text[index - 1 : index + 1] == "\r\n"
    # Between CR and LF is the end of the line.
    assert lines.index(lines.position(index)) == (index - 1 if inside else index)


@given(texts, st.sampled_from(ENCODINGS), st.integers(0, 50), st.integers(0, 50))
def test_no_position_is_outside(text: str, encoding: str, line: int, character: int) -> None:
    assert 0 <= Lines(text, encoding).index(types.Position(line, character)) <= len(text)


@given(texts, st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), texts), max_size=6))
def test_changes_are_made_where_they_are_meant(
    text: str, changes: list[tuple[float, float, str]]
) -> None:
    buffer = Buffer(text, 1)
    for version, (first, second, new) in enumerate(changes, 2):
        now = buffer.text
        start, end = sorted((round(first * len(now)), round(second * len(now))))
        where = buffer.lines.range(start, end)
        # As the client understands the range: never between CR and LF.
        start, end = buffer.lines.index(where.start), buffer.lines.index(where.end)
        buffer.change([types.TextDocumentContentChangePartial(where, new)], version)
        assert buffer.text == now[:start] + new + now[end:]
        assert buffer.version == version


@given(texts, texts, texts, texts, st.booleans())
def test_a_place_moves_with_what_stands_around_it(
    before: str, behind: str, first: str, second: str, whole: bool
) -> None:
    text = f"{before}·sorry·{behind}"
    buffer = Buffer(text, 1)
    start = len(before) + 1
    (span,) = buffer.track(text, [(start, start + 5)])
    new = f"{first}·sorry·{second}"
    if whole:
        buffer.replace(new, 2)
    else:
        end = start + 6
        buffer.change([_change(buffer, end, len(text), f"·{second}"[1:])], 2)
        buffer.change([_change(buffer, 0, start - 1, first)], 3)
    if span.whole:
        assert buffer.text[span.start : span.end] == "sorry"
    if not whole:
        assert span.whole and span.start == len(first) + 1


@pytest.mark.parametrize(
    ("start", "end", "whole"),
    [(0, 2, True), (3, 3, False), (4, 5, False), (8, 8, False), (9, 9, True)],
)
def test_a_place_that_is_touched_is_not_whole(start: int, end: int, whole: bool) -> None:
    buffer = Buffer("by sorry -- x", 1)
    (span,) = buffer.track(buffer.text, [(3, 8)])
    buffer.change([_change(buffer, start, end, "y")], 2)
    assert span.whole == whole


def test_places_of_an_earlier_text_are_found_where_nothing_has_changed() -> None:
    buffer = Buffer("sorry\nsorr changed\nsorry\n", 2)
    spans = buffer.track("sorry\nsorry\nsorry\n", [(0, 5), (6, 11), (12, 17)])
    assert [span.whole for span in spans] == [True, False, True]
    assert buffer.text[spans[2].start : spans[2].end] == "sorry"


def _change(
    buffer: Buffer, start: int, end: int, text: str
) -> types.TextDocumentContentChangePartial:
    return types.TextDocumentContentChangePartial(buffer.lines.range(start, end), text)
