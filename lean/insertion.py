"""Where and how a script is written into a file, as a careful person would write it.

Text in, text out: what surrounds the hole decides between `omega`, `by omega`, `(by omega)` and a
block of lines. Whether the result means what it should is for `lean.verify` to say.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lean.document import Document
from lean.hole import Hole
from lean.positions import SourceText

OPENERS = ("by", "decreasing_by", "=>", "·", "|", "(", "{", "then", "else")
"""Tokens after which a sequence of tactics begins, so that its lines may align with the hole."""
ENDS_TERM = (")", "⟩", "]", "}", ",")
STARTS_TERM = (":=", "=>", "(", "⟨", "[", ",", "from")
OPEN_ENDED = re.compile(
    r"[;|\n]|<;>|=>|\bby\b|\bwith\b|^(?:first|try|repeat|all_goals|any_goals|focus|iterate|case|next|on_goal)\b"
)
"""Scripts that would swallow what follows them, or be split by what stands before them."""
CONTINUES = re.compile(r"[^\w\s@/|·#)}\]⟩«-]|\|>|\|\|")
"""How a line begins that goes on with the term before it."""
STEP = re.compile(r"·\s+|;\s*|=>\s+|\bby\s+|^\s*\.\s+")
"""What a step can stand behind on its line."""
LAST_TOKEN = re.compile(r"(?:<;>|=>|:=|[\w'?!]+|\S)\s*\Z")


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace [`start`, `end`) of the original text (indices into the string) by `replacement`."""

    start: int
    end: int
    replacement: str


def insertion(document: Document, hole: Hole, script: str) -> Edit:
    """The edit that puts `script` at `hole`; all else stays as it is, byte for byte.

    `script` is one tactic block with LF line ends, its lines aligned at column 0; comments at its
    end are left out.
    """
    source = document.source
    place = _Place.of(source, hole)
    lines = _without_last_comment(script.strip("\n")).split("\n")
    written = _tactics(place, lines) if hole.syntax_mode == "tactic" else _term(place, lines)
    start, end = source.index(hole.start), source.index(hole.end)
    if written.startswith("\n"):
        # The space between `by` and the hole would be left over at the end of its line.
        start = len(source.text[:start].rstrip(" \t"))
    return Edit(start, end, written.replace("\n", source.newline))


def helper_insertion(document: Document, hole: Hole, declarations: str) -> Edit:
    """The edit that puts `declarations` above the command of `hole`, an empty line after them.

    They go before everything that belongs to that command: doc comment, attributes, `open … in`,
    and the comment lines that stand directly above it. `declarations` has LF line ends and stands
    at column 0; it gets the command's indentation.
    """
    source = document.source
    command = document.commands[hole.command]
    before = document.commands[hole.command - 1].end if hole.command else document.header.start
    start = _with_comments_above(source, command.start, before)
    prefix = source.slice(source.line_start(start), start)
    lines = declarations.strip("\n").split("\n")
    if prefix.strip():
        # Something else stands before it on its line.
        written = "\n" + "\n".join(lines) + "\n\n"
    else:
        written = "\n".join([lines[0], *_indented(prefix, lines[1:])]) + "\n\n" + prefix
    index = source.index(start)
    return Edit(index, index, written.replace("\n", source.newline))


def _with_comments_above(source: SourceText, start: int, before: int) -> int:
    """Where the `--` lines begin that stand directly above `start`; not before `before`."""
    while True:
        line = source.line_start(start)
        above = source.line_start(line - 1) if line else line
        text = source.slice(above, line).strip()
        # A line that closes a block comment is part of something else.
        if above < before or not text.startswith("--") or "-/" in text:
            return start
        start = above + len(source.slice(above, line)) - len(source.slice(above, line).lstrip())


def apply(text: str, edits: Iterable[Edit]) -> str:
    """`text` with all the edits made; they must not overlap. Raises ValueError if they do."""
    parts, end = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start < end:
            raise ValueError(f"two edits overlap at index {edit.start}")
        parts += [text[end : edit.start], edit.replacement]
        end = edit.end
    return "".join([*parts, text[end:]])


@dataclass(frozen=True, slots=True)
class _Place:
    """What stands around a hole: its line up to it, the tokens next to it, what follows."""

    prefix: str
    before: str
    after: str
    after_on_line: bool
    aligned_below: bool

    @classmethod
    def of(cls, source: SourceText, hole: Hole) -> "_Place":
        prefix = source.slice(source.line_start(hole.start), hole.start)
        token = LAST_TOKEN.search(source.slice(max(0, hole.start - 200), hole.start))
        rest = source.slice(hole.end, len(source.data))
        after = _skip_space(rest)
        line_end = rest.find("\n")
        offset = len(rest) - len(after)
        column = offset - rest.rfind("\n", 0, offset) - 1
        return cls(
            prefix=prefix,
            before=token.group().strip() if token else "",
            after=after[:3],
            after_on_line=bool(after) and (line_end < 0 or offset < line_end),
            aligned_below=bool(after) and column == len(prefix),
        )

    @property
    def first_on_line(self) -> bool:
        return not self.prefix.strip()

    @property
    def operand(self) -> bool:
        """Does something on its line bind what stands here?"""
        follows = self.after_on_line and self.after.startswith((";", "<;>", "|"))
        return self.before == "<;>" or follows or self.after.startswith("<;>")


def _tactics(place: _Place, lines: list[str]) -> str:
    single = len(lines) == 1
    open_ended = OPEN_ENDED.search("\n".join(lines))
    if place.operand and open_ended:
        return _parenthesised(place, lines)
    if single:
        return lines[0]
    if (
        place.before in ("by", "decreasing_by", "=>")
        and not place.first_on_line
        and not place.aligned_below
    ):
        return _below(_step_indent(place) + "  ", lines)
    if (place.first_on_line and place.before != ";") or place.before in OPENERS:
        return _block(_indent(place.prefix), lines)
    return _parenthesised(place, lines)


def _term(place: _Place, lines: list[str]) -> str:
    if len(lines) == 1:
        written = f"by {lines[0]}"
    else:
        written = "by" + _below(_step_indent(place) + "  ", lines)
    return written if _stands_alone(place) else f"({written})"


def _stands_alone(place: _Place) -> bool:
    """Can `by …` stand here without parentheses?"""
    if place.before not in STARTS_TERM:
        return False
    if place.after_on_line:
        return place.after.startswith(ENDS_TERM)
    return not place.after or not CONTINUES.match(place.after)


def _parenthesised(place: _Place, lines: list[str]) -> str:
    return "(" + _block(_indent(place.prefix) + " ", lines) + ")"


def _block(indent: str, lines: list[str]) -> str:
    """The first line where the hole is, the others aligned with it."""
    return "\n".join([lines[0], *_indented(indent, lines[1:])])


def _below(indent: str, lines: list[str]) -> str:
    """All lines on lines of their own."""
    return "\n".join(["", *_indented(indent, lines)])


def _indented(indent: str, lines: list[str]) -> list[str]:
    return [indent + line if line.strip() else "" for line in lines]


def _indent(prefix: str) -> str:
    """White space as wide as `prefix`, with the tabs it begins with."""
    leading = prefix[: len(prefix) - len(prefix.lstrip())]
    return leading + " " * (len(prefix) - len(leading))


def _step_indent(place: _Place) -> str:
    """The indentation of the step that the hole belongs to, behind bullets and the like."""
    start = len(place.prefix) - len(place.prefix.lstrip())
    for opener in STEP.finditer(place.prefix):
        step = place.prefix[opener.end() :]
        # An opener right before the hole opens the hole itself, not the step it is in.
        if step.strip() not in ("", "by", "decreasing_by") and not _closes(step):
            start = opener.end()
    return _indent(place.prefix[:start])


def _closes(text: str) -> bool:
    """Does `text` go on past what was opened before it: by a closing bracket, or a comma?"""
    depth = 0
    for character in text:
        depth += (character in "([{⟨") - (character in ")]}⟩")
        if depth < 0 or (depth == 0 and character == ","):
            return True
    return False


def _without_last_comment(script: str) -> str:
    """`script` without the comments at its end, which would hide what follows on the line."""
    script = script.rstrip()
    if script.endswith("-/"):
        start = script.rfind("/-")
        # A nested comment stays: then Lean says what it thinks of the place.
        return _without_last_comment(script[:start]) if script.count("-/", start) == 1 else script
    line = script.rfind("\n") + 1
    # Behind the last quote it can't be part of a string or a name.
    quoted = max(script.rfind('"', line), script.rfind("»", line), line - 1)
    start = script.find("--", quoted + 1)
    return script if start < 0 else _without_last_comment(script[:start])


def _skip_space(text: str) -> str:
    """`text` from its first token on, past white space and comments."""
    while True:
        text = text.lstrip()
        if text.startswith("--"):
            _, _, text = text.partition("\n")
        elif text.startswith("/-") and not text.startswith(("/--", "/-!")):
            _, _, text = text.partition("-/")
        else:
            return text
