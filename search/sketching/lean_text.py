"""Lean as text: comments, strings, indentation and a statement in front, without knowing more."""

import re
import textwrap
from collections.abc import Iterator
from typing import Literal

Part = Literal["code", "text", "comment"]

_TOKEN = re.compile(
    r"""(?P<raw>(?<![\w'.])r(?P<hashes>\#*)".*?"(?P=hashes))
      | (?P<string>"(?:[^"\\]|\\.)*")
      | (?P<character>(?<![\w'!?])'(?:\\[^']+|[^'\\\n])')
      | (?P<line>--[^\n]*)
      | (?P<block>/-)
      | (?P<open>")""",
    re.VERBOSE | re.DOTALL,
)
_NESTED = re.compile(r"/-|-/")
_STATES = re.compile(r"(?<![\w.'])(?:theorem|lemma|example|instance|def|abbrev)(?![\w'])")
_BEFORE_STATEMENT = re.compile(r"\A\s*(?:@\[[^\]]*\]\s*|(?:private|protected|nonrec)\s+)*")
_BY = re.compile(r"\A\s*(?::=\s*)?by(?![\w'!?])")


def parts(text: str) -> Iterator[tuple[Part, str]]:
    """A text in pieces. Raises ValueError when a comment or a string has no end."""
    at = 0
    while found := _TOKEN.search(text, at):
        yield "code", text[at : found.start()]
        if found["open"]:
            raise ValueError("a string has no end")
        end = _end_of_comment(text, found.end()) if found["block"] else found.end()
        is_comment = found["line"] is not None or found["block"] is not None
        yield ("comment" if is_comment else "text"), text[found.start() : end]
        at = end
    yield "code", text[at:]


def without_comments(text: str) -> str | None:
    """The text with a space for each comment; None when a comment or a string has no end."""
    try:
        return "".join(" " if part == "comment" else piece for part, piece in parts(text))
    except ValueError:
        return None


def bare(text: str) -> str:
    """The code of a text that has no open string, without comments and without strings."""
    return "".join(piece if part == "code" else " " for part, piece in parts(text))


def without_statement(code: str, declaration: str) -> str | None:
    """What stands after a repeated declaration, with spaces for what is left out; the code itself
    when it repeats none, None when it states something else.

    Neither has comments that matter. Spaces don't count, nor attributes.
    """
    before = _BEFORE_STATEMENT.match(code)
    stated = _STATES.match(code, before.end() if before else 0)
    if stated is None:
        return code
    ours = without_comments(declaration) or ""
    start = _STATES.search(ours)
    if start is None:
        return None
    at = stated.start()
    for character in ours[start.start() :]:
        if character.isspace():
            continue
        while at < len(code) and code[at].isspace():
            at += 1
        if at == len(code) or code[at] != character:
            return None
        at += 1
    return _blanked(code, at)


def block(code: str) -> str:
    """Tactics as lines at column 0, without a leading `by` and without empty lines."""
    code = textwrap.dedent(code)
    if found := _BY.match(code):
        code = _blanked(code, found.end())
    lines = [line.rstrip() for line in code.split("\n") if line.strip()]
    if len(lines) > 1:
        # After `by` the first line begins anywhere; the others say where the block is.
        column = min(_indent(line) for line in lines[1:])
        if _indent(lines[0]) > column:
            lines[0] = " " * column + lines[0].lstrip()
    return textwrap.dedent("\n".join(lines))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _blanked(code: str, end: int) -> str:
    """The code with spaces instead of its beginning, so that columns stay what they are."""
    return re.sub(r"[^\n]", " ", code[:end]) + code[end:]


def _end_of_comment(text: str, at: int) -> int:
    depth = 1
    while found := _NESTED.search(text, at):
        depth += 1 if found[0] == "/-" else -1
        at = found.end()
        if depth == 0:
            return at
    raise ValueError("a comment has no end")
