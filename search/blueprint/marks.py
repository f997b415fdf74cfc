"""Makes every `\\leanok` of a blueprint tell the truth, and touches nothing else.

A mark that is missing is put behind the `\\lean{…}` of its statement, or at the beginning of its
proof; one that is wrong goes, with its line when it stands alone on it. What Lean can say nothing
about stays as it is: nodes without a declaration, `\\mathlibok`, and what is in files it could not
read.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from search.blueprint.nodes import Blueprint, Place
from search.blueprint.standing import NodeStanding, Standing

MARK = r"\leanok"
_LETTER = re.compile(r"[A-Za-z@]")
_CONTROL_WORD = re.compile(r"(?<!\\)(?:\\\\)*\\[A-Za-z@]+\Z")


@dataclass(frozen=True, slots=True)
class Change:
    """One mark to be added or removed: of the statement of node `key`, or of a proof of it.

    [`start`, `end`) of the text of `path` becomes `replacement`.
    """

    key: str
    path: Path
    start: int
    end: int
    replacement: str
    part: str

    @property
    def adds(self) -> bool:
        """Is a mark added?"""
        return MARK in self.replacement


def changes(blueprint: Blueprint, standing: Standing) -> list[Change]:
    """What has to change, in the order of the nodes."""
    found: list[Change] = []
    for node in standing.nodes:
        found += _of_node(blueprint, node)
    return found


def changed_texts(blueprint: Blueprint, wanted: Iterable[Change]) -> dict[Path, str]:
    """The new text of every file that changes."""
    texts: dict[Path, str] = {}
    for change in sorted(wanted, key=lambda change: change.start, reverse=True):
        text = texts.get(change.path, blueprint.texts[change.path])
        texts[change.path] = text[: change.start] + change.replacement + text[change.end :]
    return texts


def _of_node(blueprint: Blueprint, found: NodeStanding) -> list[Change]:
    node = found.node
    if node.outside or not node.lean or node.named is None or found.stated is None:
        return []
    parts = [("statement", bool(found.stated), node.leanok, node.named)]
    parts += [("proof", bool(found.proved), proof.leanok, proof.begin) for proof in node.proofs]
    changed = []
    for part, true, marks, behind in parts:
        if true and not marks:
            start, end, mark = _added(blueprint.texts[behind.path], behind)
            changed.append(Change(node.key, behind.path, start, end, mark, part))
        for place in () if true else marks:
            start, end, left = _removed(blueprint.texts[place.path], place)
            changed.append(Change(node.key, place.path, start, end, left, part))
    return changed


def _added(text: str, behind: Place) -> tuple[int, int, str]:
    """A mark behind a macro: on a line of its own when the macro ends its line."""
    start, end = text.rfind("\n", 0, behind.start) + 1, _line_end(text, behind.end)
    alone = not text[behind.end : end].strip() and not text[start : behind.start].strip()
    if not alone:
        space = " " if _LETTER.match(text, behind.end) else ""
        return behind.end, behind.end, MARK + space
    indent = text[start : behind.start]
    if text.startswith(r"\begin", behind.start):
        indent = _inner_indent(text, end, indent)
    newline = "\r\n" if text[end : end + 2] == "\r\n" else "\n"
    return behind.end, behind.end, f"{newline}{indent}{MARK}"


def _inner_indent(text: str, line_end: int, outer: str) -> str:
    """The indentation of the line below, if that is further in."""
    start = text.find("\n", line_end) + 1
    below = text[start : _line_end(text, start)] if start else ""
    indent = below[: len(below) - len(below.lstrip())]
    return indent if below.strip() and len(indent) > len(outer) else outer


def _removed(text: str, place: Place) -> tuple[int, int, str]:
    """What goes with a mark: the line that is its own, or the space that set it apart; and what
    stands there then, so that a macro before it does not run into what follows.
    """
    start = place.start
    end = place.end + (2 if text.startswith("{}", place.end) else 0)
    line, line_end = text.rfind("\n", 0, start) + 1, _line_end(text, end)
    if not (text[line:start].strip() or text[end:line_end].strip()):
        newline = text.find("\n", line_end)
        return line, len(text) if newline < 0 else newline + 1, ""
    rest = text[end:line_end].strip()
    if text[line:start].strip() and (not rest or rest.startswith("%")):
        return len(text[:start].rstrip(" \t")), end, ""
    # TeX swallows the space behind a macro.
    end += len(text[end:line_end]) - len(text[end:line_end].lstrip(" \t"))
    runs_into = _CONTROL_WORD.search(text[line:start]) and _LETTER.match(text, end)
    return start, end, " " if runs_into else ""


def _line_end(text: str, start: int) -> int:
    """The index of the end of the line, before its line end."""
    end = text.find("\n", start)
    end = len(text) if end < 0 else end
    return end - 1 if end > start and text[end - 1] == "\r" else end
