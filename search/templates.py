"""A script with the names of one goal turned into holes: what it has in common with its likes.

`exact Nat.le_trans h₁ h₂` becomes `exact ⧼p0⧽ ⧼0⧽ ⧼1⧽`: two scripts that differ only in names have
one template. The brackets occur nowhere in Lean's syntax (`⟨0⟩` is a term). Text only: whether a
filled template proves anything is Lean's to say.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lean.renaming import rename

_HOLE = re.compile(r"⧼(?P<premise>p?)(?P<number>\d+)⧽")


@dataclass(frozen=True, slots=True)
class Template:
    """`text` with its holes, and the names that stood there: hole `⧼i⧽` is `hypotheses[i]`, hole
    `⧼pi⧽` is `premises[i]`; each in the order of its first use.
    """

    text: str
    hypotheses: tuple[str, ...] = ()
    premises: tuple[str, ...] = ()


def template(script: str, hypotheses: Sequence[str], premises: Sequence[str] = ()) -> Template:
    """The script with these names as holes, wherever they stand as whole names.

    A premise is found as it was given, not under a shorter name that an open namespace allows.
    """
    names = list(dict.fromkeys(name for name in hypotheses if name))
    text = rename(script, names, [f"⧼{number}⧽" for number in range(len(names))])
    text, used_hypotheses = _renumbered(text, "", names)
    for number, premise in enumerate(premises):
        whole_name = rf"(?<![\w.'!?«⧼]){re.escape(premise)}(?![\w'!?»]|\.[^\W\d])"
        text = re.sub(whole_name, f"⧼p{number}⧽", text)
    text, used_premises = _renumbered(text, "p", premises)
    return Template(text, used_hypotheses, used_premises)


def fill(text: str, hypotheses: Sequence[str], premises: Sequence[str] = ()) -> str:
    """The script of a template with these names in its holes.

    Raises ValueError when there are more holes than names.
    """

    def name(hole: re.Match[str]) -> str:
        names, number = premises if hole["premise"] else hypotheses, int(hole["number"])
        if number >= len(names):
            raise ValueError(f"no name for hole {hole[0]} of the template {text!r}")
        return names[number]

    return _HOLE.sub(name, text)


def _renumbered(text: str, kind: str, names: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The holes of a kind numbered by first use, and the names that stood there."""
    order: dict[int, int] = {}

    def number(hole: re.Match[str]) -> str:
        if hole["premise"] != kind:
            return hole[0]
        return f"⧼{kind}{order.setdefault(int(hole['number']), len(order))}⧽"

    return _HOLE.sub(number, text), tuple(names[old] for old in order)
