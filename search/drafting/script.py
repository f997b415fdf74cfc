"""The text of a draft: where its holes are, and the script that comes of filling them.

Only text. Which hole of Lean's is which `sorry` of the script is decided by their order.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from lean.document import Document
from lean.hole import Hole
from lean.insertion import apply, insertion
from lean.positions import SourceText

_SKIPPED = re.compile(r"--[^\n]*|/-.*?-/|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_HOLE = re.compile(r"(?<![\w.'«])(?:sorry|admit)(?![\w'!?»])")
_FOR_ALL = re.compile(r"\s*(?:<;>|\n\s*all_goals)\s*(?:sorry|admit)\s*\Z")


def places(script: str) -> list[int]:
    """The indices at which its holes begin, in order."""
    blank = _SKIPPED.sub(lambda skipped: " " * len(skipped[0]), script)
    return [found.start() for found in _HOLE.finditer(blank)]


def written_out(script: str, goals: int) -> str:
    """A script that ends in one hole for all goals of its last step, with a bullet for each.

    Any other script is returned as it is.
    """
    if not _FOR_ALL.search(script) or goals < 1:
        return script
    return "\n".join([_FOR_ALL.sub("", script), *(["· sorry"] * goals if goals > 1 else ["sorry"])])


def filled(document: Document, script: str, holes: Sequence[Hole], scripts: Sequence[str]) -> str:
    """`script` with `scripts` in the places of its holes, which Lean met as `holes` in `document`.

    Raises ValueError when those are not the holes of the script.
    """
    found = places(script)
    if not len(found) == len(holes) == len(scripts):
        raise ValueError(f"{len(found)} holes in the script, {len(holes)} in what Lean read of it")
    source = SourceText(script)
    alone = replace(document, source=source)
    edits = []
    for index, hole, proof in zip(found, holes, scripts, strict=True):
        start = source.byte(index)
        here = replace(hole, start=start, end=start + hole.end - hole.start)
        edits.append(insertion(alone, here, proof))
    return apply(script, edits)
