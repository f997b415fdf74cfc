"""The steps of proofs that people, or this program, have written: a tactic, and the goal before it.

Read off the reports of `lean.document`, which has them when it was asked for them. Learning from
them is `search.learning`.
"""

import re
from dataclasses import dataclass

from lean.document import Document
from lean.protocol import StepReport

_PARSER = "Lean.Parser.Tactic."
_HOLES = frozenset({f"{_PARSER}tacticSorry", f"{_PARSER}tacticAdmit"})
_FRAMES = frozenset(
    {
        f"{_PARSER}{name}"
        for name in ("case", "case'", "tacticNext_=>_", "paren", "allGoals", "anyGoals", "first")
    }
)
"""What only says where other tactics run."""
_ALTERNATIVES = re.compile(r"\s+with\s*\n?\s*\|.*", re.DOTALL)
LONGEST = 240
"""Characters of a tactic; a longer one is not likely to be used again."""


@dataclass(frozen=True, slots=True)
class ProofStep:
    """One tactic as it was written, without the blocks nested in it, and the goal that it met.

    `display` is that goal as people read it, `hypotheses` its names in order, `symbols` the
    constants of the target, `context` those of the hypotheses, `premises` the full names of the
    theorems and definitions that the tactic names. `left`: how many goals were there afterwards,
    of `before` many.
    """

    declaration: str
    tactic: str
    kind: str
    display: str
    hypotheses: tuple[str, ...]
    symbols: tuple[str, ...]
    context: tuple[str, ...]
    premises: tuple[str, ...]
    before: int
    left: int


@dataclass(frozen=True, slots=True)
class ProvedTheorem:
    """A theorem of a document: the constants of its statement, and the theorems that its proof term
    uses.
    """

    name: str
    symbols: tuple[str, ...]
    premises: tuple[str, ...]


def steps_of(document: Document) -> list[ProofStep]:
    """The steps of all proofs of a document, in the order of the text; no holes among them."""
    found = []
    for command in document.commands:
        for report in command.steps:
            tactic = _tactic(document, report)
            if tactic:
                found.append(_step(report, tactic))
    return found


def proved_in(document: Document) -> list[ProvedTheorem]:
    """The theorems of a document whose proof terms use something."""
    return [
        ProvedTheorem(report.name, report.symbols, report.premises)
        for command in document.commands
        for report in command.proved
        if report.premises
    ]


def _step(report: StepReport, tactic: str) -> ProofStep:
    return ProofStep(
        report.declaration,
        tactic,
        report.kind,
        report.goal,
        report.hypotheses,
        report.symbols,
        report.context,
        report.constants,
        report.before,
        report.left,
    )


def _tactic(document: Document, report: StepReport) -> str:
    """The text of a step without its alternatives, or "" when there is nothing to learn from it."""
    if report.kind in _HOLES or report.kind in _FRAMES:
        return ""
    text = document.source.slice(report.start, report.end)
    short = _ALTERNATIVES.sub("", text)
    if len(short) > LONGEST or "sorry" in short or "admit" in short:
        return ""
    return _aligned(short, report.start - document.source.line_start(report.start))


def _aligned(text: str, column: int) -> str:
    """The lines of a tactic as they would stand at column 0."""
    first, *rest = text.split("\n")
    return "\n".join([first.rstrip(), *(line[min(column, _indent(line)) :] for line in rest)])


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
