"""Finds macros, their arguments and their exact places in TeX, without expanding anything.

No TeX: what counts here are places in a text that must stay as it is, byte for byte. Comments,
verbatim text, what `\\iffalse` hides and the bodies of definitions are passed over, because nothing
in them is said about the mathematics.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(r"%[^\n]*|\\(?P<name>[A-Za-z@]+)|\\.", re.DOTALL)
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*\n?")
_SPACE = re.compile(r"(?:\s|%[^\n]*(?:\n|\Z))*")
_BRANCH = re.compile(r"%[^\n]*|\\(?P<name>if[A-Za-z@]*|else|fi)(?![A-Za-z@])|\\.", re.DOTALL)
_VERBATIM = frozenset(
    {"verbatim", "verbatim*", "Verbatim", "lstlisting", "minted", "comment", "filecontents"}
)
_INLINE_VERBATIM = frozenset({"verb", "lstinline"})
_BODIES = {
    "newcommand": 1,
    "renewcommand": 1,
    "providecommand": 1,
    "DeclareRobustCommand": 1,
    "DeclareMathOperator": 1,
    "newenvironment": 2,
    "renewenvironment": 2,
    "NewDocumentCommand": 2,
    "RenewDocumentCommand": 2,
    "ProvideDocumentCommand": 2,
    "DeclareDocumentCommand": 2,
    "NewDocumentEnvironment": 3,
}
"""How many groups each of these has behind the name that it defines."""
_NO_BRANCH = frozenset({"iff", "ifthenelse"})
"""What is called like a branch and ends with no `\\fi`."""
_PRIMITIVE = frozenset({"def", "gdef", "edef", "xdef"})


@dataclass(frozen=True, slots=True)
class Macro:
    """A control word without its backslash; [`start`, `end`) are indices of the text. `\\begin`
    and `\\end` are macros like others.
    """

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Argument:
    """What stands between the brackets, and the index behind the closing one."""

    text: str
    end: int


def macros(text: str) -> Iterator[Macro]:
    """Every macro that TeX would carry out, in order."""
    position = 0
    while found := _TOKEN.search(text, position):
        position = found.end()
        name = found["name"]
        if name is None:
            continue
        hidden = _hidden(text, name, position)
        if hidden is not None:
            position = hidden
        else:
            yield Macro(name, found.start(), found.end())


def argument(text: str, position: int) -> Argument | None:
    """The group in braces that follows, past white space and comments; None when there is none."""
    return _group(text, _past_space(text, position), "{", "}")


def option(text: str, position: int) -> Argument | None:
    """The same in square brackets."""
    return _group(text, _past_space(text, position), "[", "]")


def listed(content: str) -> tuple[str, ...]:
    """The entries of an argument that is a list, without comments and white space."""
    content = _COMMENT.sub(r"\1", content).replace("\\_", "_")
    entries = ("".join(entry.split()) for entry in content.split(","))
    return tuple(entry for entry in entries if entry)


def _hidden(text: str, name: str, position: int) -> int | None:
    """Where to go on behind what this macro hides, or None when it hides nothing."""
    if name in _BODIES:
        return _behind_definition(text, position, _BODIES[name])
    if name in _PRIMITIVE:
        return _behind_group(text, text.find("{", position), position)
    if name == "let":
        words = re.compile(r"\s*\\[A-Za-z@]+\s*=?\s*(?:\\[A-Za-z@]+|.)?").match(text, position)
        return words.end() if words else position
    if name in _INLINE_VERBATIM and text[position : position + 1] not in ("", "{"):
        start = position + 1 if text[position] == "*" else position
        end = text.find(text[start : start + 1], start + 1)
        return end + 1 if end >= 0 else position
    if name == "iffalse":
        return _behind_branch(text, position)
    if name == "begin" and (environment := argument(text, position)):
        kind = environment.text.strip()
        if kind in _VERBATIM:
            end = text.find(f"\\end{{{kind}}}", environment.end)
            return len(text) if end < 0 else end + len(f"\\end{{{kind}}}")
    return None


def _behind_definition(text: str, position: int, bodies: int) -> int:
    position = _past_space(text, position)
    if text[position : position + 1] == "*":
        position = _past_space(text, position + 1)
    word = _TOKEN.match(text, position)
    named = word is not None and word["name"]
    position = word.end() if word and named else _behind_group(text, position, position)
    for _ in range(bodies):
        while optional := option(text, position):
            position = optional.end
        body = argument(text, position)
        if body is None:
            return position
        position = body.end
    return position


def _behind_branch(text: str, position: int) -> int:
    """Behind the `\\fi` or `\\else` that ends what is hidden."""
    depth = 0
    while found := _BRANCH.search(text, position):
        position = found.end()
        name = found["name"]
        if name == "fi" or (name == "else" and depth == 0):
            if depth == 0:
                return position
            depth -= 1
        elif name and name.startswith("if") and name not in _NO_BRANCH:
            depth += 1
    return len(text)


def _behind_group(text: str, start: int, otherwise: int) -> int:
    group = _group(text, start, "{", "}") if start >= 0 else None
    return group.end if group else otherwise


def _past_space(text: str, position: int) -> int:
    space = _SPACE.match(text, position)
    return space.end() if space else position


def _group(text: str, start: int, opening: str, closing: str) -> Argument | None:
    """The group that begins at `start`; braces inside it are balanced."""
    if text[start : start + 1] != opening:
        return None
    depth, position = 0, start + 1
    while position < len(text):
        character = text[position]
        if character == "\\":
            position += 1
        elif character == "%":
            position = _past_space(text, position) - 1
        elif depth == 0 and character == closing:
            return Argument(text[start + 1 : position], position + 1)
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
        position += 1
    return None
