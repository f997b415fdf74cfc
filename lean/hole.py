"""A hole of a document: one `sorry` in the text, however often Lean ran it.

Only what it is and how it is told from others; filling it is `lean.insertion` and `lean.verify`.
"""

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lean.positions import SourceText
from lean.protocol import HoleReport

Mode = Literal["tactic", "term", "data"]


@dataclass(frozen=True, slots=True)
class Hole:
    """A `sorry` or `admit` that Lean elaborated, once or more (`proofs`, one each).

    `start` and `end` are bytes of the normalized text, `line` to `end_column` count from 1 in code
    points. `goals` are the distinct display texts. `mode` is `data` when a value is wanted that is
    not a proof; `syntax_mode` is how it stands in the text. `parents`: the syntax kinds around it,
    innermost first. `identity` stays the same while the declaration's name and the goals do,
    wherever the text moves.
    """

    identity: str
    command: int
    start: int
    end: int
    proofs: tuple[int, ...]
    goals: tuple[str, ...]
    mode: Mode
    syntax_mode: Literal["tactic", "term"]
    syntax: Literal["sorry", "admit"]
    declaration: str
    editable: bool
    parents: tuple[str, ...]
    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def indentation(self) -> int:
        """The hole's column from 0, in code points: where a tactic block would be aligned."""
        return self.column - 1


def holes_of(source: SourceText, commands: Sequence[Sequence[HoleReport]]) -> tuple[Hole, ...]:
    """The holes of a text from its commands' reports: one for each range, in order."""
    seen: Counter[tuple[str, tuple[str, ...]]] = Counter()
    holes = []
    for index, reports in enumerate(commands):
        places: dict[tuple[int, int], list[HoleReport]] = {}
        for report in reports:
            places.setdefault((report.start, report.end), []).append(report)
        for place in sorted(places):
            hole = _hole(source, index, places[place])
            key = (hole.declaration, hole.goals)
            holes.append(dataclasses.replace(hole, identity=_identity(*key, seen[key])))
            seen[key] += 1
    return tuple(holes)


def _hole(source: SourceText, command: int, reports: Sequence[HoleReport]) -> Hole:
    first = reports[0]
    line, column = source.line_column(first.start)
    end_line, end_column = source.line_column(first.end)
    return Hole(
        identity="",
        command=command,
        start=first.start,
        end=first.end,
        proofs=tuple(report.proof for report in reports),
        goals=tuple(dict.fromkeys(report.goal for report in reports)),
        mode=first.mode if all(report.prop for report in reports) else "data",
        syntax_mode=first.mode,
        syntax=first.syntax,
        declaration=_shown_name(first.declaration),
        editable=all(report.editable for report in reports),
        parents=first.parents,
        line=line,
        column=column,
        end_line=end_line,
        end_column=end_column,
    )


def _shown_name(declaration: str) -> str:
    # Lean calls an example `_example`, in whatever namespace.
    anonymous = not declaration or declaration.split(".")[-1] == "_example"
    return "example" if anonymous else declaration


def _identity(declaration: str, goals: tuple[str, ...], occurrence: int) -> str:
    said = "\0".join([declaration, str(occurrence), *goals])
    return hashlib.blake2b(said.encode(), digest_size=12).hexdigest()
