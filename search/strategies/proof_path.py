"""The way from a goal to a proof, tactic by tactic, and how it is written as a script.

Only text: that the steps were possible, Lean has said; that the script is a proof, it will say.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from search.strategies.move import GOAL, Move
from search.strategies.tries import INDENT
from search.strategies.written import written

PLACE = f"=> {GOAL}"
"""Where a tactic leaves a goal for an alternative; its script is written there."""


@dataclass(frozen=True, slots=True)
class Step:
    """A tactic, run on the first of the goals `before`, and the goals that were left `after` it."""

    tactic: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def made(self) -> int | None:
        """How many goals became of the first; None when it changed other goals too."""
        others = self.before[1:]
        made = len(self.after) - len(others)
        return made if made >= 0 and self.after[made:] == others else None


@dataclass(frozen=True, slots=True)
class ProofPath:
    """Steps one after the other, each on the first goal that the one before left."""

    steps: tuple[Step, ...] = ()

    def then(self, step: Step) -> "ProofPath":
        """The path with one step more."""
        return ProofPath((*self.steps, step))

    def lines(self) -> list[str]:
        """A script that takes these steps: with a bullet for each goal where a tactic left several,
        or one line after the other where goals depend on each other.
        """
        made = [step.made for step in self.steps]
        if any(count is None for count in made):
            return [line for step in self.steps for line in _alone(step)]
        steps = iter(self.steps)
        return _written(steps)


def _written(steps: Iterator[Step]) -> list[str]:
    """The lines that prove one goal, from the steps that are left."""
    lines: list[str] = []
    for step in steps:
        made = step.made or 0
        if made and step.tactic.count(PLACE) == made:
            scripts = [_written(steps) for _ in range(made)]
            return lines + written(Move(step.tactic), scripts)
        lines += step.tactic.split("\n")
        if made == 0:
            break
        if made > 1:
            for _ in range(made):
                lines += _bulleted(_written(steps))
            break
    return lines


def _alone(step: Step) -> list[str]:
    """One step among goals that depend on each other: what ends one may not touch the next."""
    lines = step.tactic.split("\n")
    return _bulleted(lines) if step.made == 0 and len(step.before) > 1 else lines


def _bulleted(lines: Sequence[str]) -> list[str]:
    return [f"· {lines[0]}", *(INDENT + line for line in lines[1:])] if lines else []
