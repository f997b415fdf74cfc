"""A goal read off the text that people see, so that goals of written proofs and goals at hand are
compared by one measure.

Reads words, not Lean: two goals that look alike are alike. What is exact about a goal (its
constants) comes from Lean, and is put beside this by `marks`.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

LOCAL = "_"
"""Instead of the name of a hypothesis or of a bound variable."""
INACCESSIBLE = "✝"
"""Part of the names of hypotheses that a script can't name."""

_HYPOTHESIS = re.compile(r"(?P<names>\S.*?) :(?: (?P<type>.*))?$")
_WORD = re.compile(
    r"(?P<name>(?:«[^»\n]*»|[^\W\d])(?:[\w'!?✝]|[\u2070-\u209c\u1d62-\u1d6a])*(?:\.[^\s()\[\]{},;:]+)*)"
    r"|(?P<number>\d+)|(?P<bracket>[()\[\]{}⟨⟩⦃⦄,;])|(?P<operator>[^\s\w()\[\]{}⟨⟩⦃⦄,;]+)"
)
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|⟨[^⟨⟩]*⟩|⦃[^⦃⦄]*⦄")
_BINDS = frozenset({"∀", "∃", "∃!", "λ", "fun", "Σ", "Π"})
_ENDS_BINDING = frozenset({",", "=>", "↦", ":", "∈", "<", ">", "≤", "≥"})
_OPERATORS = ("↔", "→", "∨", "∧", "=", "≠", "≤", "<", "≥", ">", "∣", "∈", "⊆", "::", "++", "+")
"""Operators by how loosely they bind, the loosest first."""
_LOOSEST = re.compile(r"\s*(∀|∃|fun\b|if\b|match\b|let\b)")
"""What reaches to the end of a term."""


@dataclass(frozen=True, slots=True)
class ShownGoal:
    """A displayed goal: its case (or ""), its hypotheses as names with types, and its target."""

    case: str
    hypotheses: tuple[tuple[str, str], ...]
    target: str


def read_goal(display: str) -> ShownGoal:
    """The parts of a goal as Lean displays it."""
    before, _, target = display.rpartition("⊢ ")
    case, lines = "", before.split("\n")
    if lines[0].startswith("case "):
        case = lines.pop(0)[5:].strip()
    hypotheses: list[tuple[str, str]] = []
    for entry in _entries(lines):
        if found := _HYPOTHESIS.match(entry):
            hypotheses += [(name, found["type"] or "") for name in found["names"].split()]
    return ShownGoal(case, tuple(hypotheses), " ".join(target.split()))


def symbols_in(text: str, hypotheses: Collection[str]) -> list[str]:
    """The words of a term in order: names, numbers and operators, no brackets.

    Those of `hypotheses` and of bound variables are `LOCAL`, so that terms that differ only in
    names have the same words; `xs.length` is `_` and `length`.
    """
    found: list[str] = []
    bound: set[str] = set()
    binding = False
    for word in _WORD.finditer(text):
        said = word[0]
        if said in _BINDS:
            binding = True
            found.append(said)
        elif word["name"]:
            own, _, rest = said.partition(".")
            if binding:
                bound.add(said)
            elif own in hypotheses or own in bound:
                found += [LOCAL, *(part for part in rest.split(".") if part)]
            else:
                found.append(said)
        elif said in _ENDS_BINDING:
            binding = False
        if not (word["bracket"] or word["name"] or said in _BINDS or said in (":", ".")):
            found.append(said)
    return found


def relation_of(text: str) -> str:
    """The loosest operator outside all brackets, or ""."""
    first = _LOOSEST.match(text)
    return first[1] if first else loosest(_outside(text).split())


def loosest(words: Collection[str]) -> str:
    """The operator among the words that binds loosest, or ""."""
    return next((operator for operator in _OPERATORS if operator in words), "")


def sides_of(text: str) -> tuple[str, str]:
    """What stands to the left and to the right of the loosest operator; all and nothing if none."""
    relation = relation_of(text)
    left, found, _ = _outside(text).partition(f" {relation} ")
    if relation not in _OPERATORS or not found:
        return text, ""
    return text[: len(left)], text[len(left) + len(found) :]


def _entries(lines: list[str]) -> Iterator[str]:
    """Hypotheses, one a line: what is indented goes on with the line before."""
    entry = ""
    for line in lines:
        if line.startswith(" "):
            entry += " " + line.strip()
            continue
        if entry:
            yield entry
        entry = line
    if entry:
        yield entry


def _outside(text: str) -> str:
    """The text with dots for what is in brackets."""
    while (less := _BRACKETS.sub(lambda found: "·" * len(found[0]), text)) != text:
        text = less
    return text
