"""`StepIndex`: every proof step that can be seen, found again by the goal it was run on.

Nothing is trained: a step counts from when it is added, until its file has it no more. What it
offers for a goal are tactics of goals that resembled it, with the names of this one.
"""

import itertools
import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from lean.protocol import GoalFeatures
from search.learning.filling import Filled, Filler
from search.learning.inverted import InvertedIndex
from search.learning.marks import marks, marks_of_goal
from search.learning.script_steps import steps_of_script
from search.learning.shown_goal import read_goal
from search.learning.step_template import StepTemplate, step_template
from search.proof_steps import ProofStep

MOST_STEPS = 150_000
"""Steps kept; the oldest go first. Some 100 MB."""
NEIGHBOURS = 64
"""Steps that are asked for advice."""
LEAST_LIKENESS = 0.04
"""Of a step that is asked."""
CONTRAST = 2.0
"""The power of the likeness that is the weight of a step's advice."""
SAME_NAMESPACE, SAME_FILE, SAME_DECLARATION, NEWEST = 0.1, 0.15, 0.1, 0.05
"""How much more alike a step is for being near: in the text, or in time."""
AGREEING = 0.1
"""How much more weight a tactic has for each doubling of the steps that used it."""
OF_THE_FILE = 64
"""Steps of the same file, the newest, that are compared however little they seem to share."""

_UNTOLD = frozenset({"ident"})
"""Kinds of syntax that are no tactics by themselves: what a macro takes apart."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A tactic for the goal at hand. `score`: the logarithm of its share of all advice."""

    filled: Filled
    score: float

    @property
    def tactic(self) -> str:
        """The tactic, with names of the goal at hand."""
        return self.filled.tactic


@dataclass(frozen=True, slots=True)
class _Row:
    file: str
    key: int
    declaration: str
    template: StepTemplate


class StepIndex:
    """Steps by the files they stand in; those without a file were found or imported."""

    def __init__(self) -> None:
        self._rows: dict[int, _Row] = {}
        self._likeness = InvertedIndex()
        self._files: dict[str, dict[int, int]] = {}
        """By file: the rows of its steps, by their hashes. The steps themselves are not kept: what
        they say of their goals is longer than all that is made of it."""
        self._templates: dict[StepTemplate, tuple[StepTemplate, int]] = {}
        """Each once, for all rows that have it, and how many those are."""
        self._serials = itertools.count(1)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def revision(self) -> int:
        """The number of steps, rounded down to a power of two: it changes when there is so much
        more to learn from that asking again makes sense.
        """
        return 1 << len(self).bit_length() >> 1

    def replace(self, file: str, steps: Sequence[ProofStep]) -> None:
        """These are the steps of a file now; those that it had before and has still stay rows."""
        known = self._files.setdefault(file, {})
        wanted = {hash(step): step for step in steps if step.kind not in _UNTOLD}
        for key, row in list(known.items()):
            if key not in wanted:
                self._forget(row)
        for key, step in wanted.items():
            if key not in known:
                self._add(file, key, step)
        # In the order of the text; without those that had to go for what came after them.
        self._files[file] = {key: known[key] for key in wanted if key in known}

    def remove(self, file: str) -> None:
        """The file is gone, and its steps with it."""
        for row in self._files.pop(file, {}).values():
            self._forget(row)

    def add(self, steps: Iterable[ProofStep]) -> None:
        """Steps that stand in no file: each once, however often they are added."""
        known = self._files.setdefault("", {})
        for step in steps:
            if hash(step) not in known and step.kind not in _UNTOLD:
                self._add("", hash(step), step)

    def add_script(
        self,
        display: str,
        hypotheses: Sequence[str],
        symbols: Sequence[str],
        context: Sequence[str],
        script: str,
        declaration: str = "",
    ) -> None:
        """A script that proved a goal: as a step by itself, and its first tactic as another.

        `symbols` are the constants of the target, `context` those of the hypotheses.
        """
        self.add(steps_of_script(display, hypotheses, symbols, context, script, declaration))

    def query(
        self,
        goal: GoalFeatures,
        path: str,
        declaration: str,
        count: int = 16,
        exclude: Collection[str] = (),
    ) -> list[Candidate]:
        """Tactics for a goal of `declaration` in the file `path`, the likeliest first.

        Steps of the declarations in `exclude` are left out.
        """
        weights = self._advice(goal, path, declaration, exclude)
        filler = Filler(goal)
        found: dict[str, tuple[float, Filled]] = {}
        for template in sorted(weights, key=lambda one: -weights[one])[: 2 * count]:
            for filled in filler.fill(template):
                weight = weights[template] * filled.likely
                if weight > found.get(filled.tactic, (0.0, filled))[0]:
                    found[filled.tactic] = weight, filled
        best = sorted(found.values(), key=lambda pair: -pair[0])[:count]
        total = sum(weight for weight, _ in best)
        return [Candidate(filled, math.log(weight / total)) for weight, filled in best]

    def _advice(
        self, goal: GoalFeatures, path: str, declaration: str, exclude: Collection[str]
    ) -> dict[StepTemplate, float]:
        """What steps on goals like this one did, with the weight of their advice."""
        near = list(self._files.get(path, {}).values())[-OF_THE_FILE:] if path else []
        alike = self._likeness.nearest(marks_of_goal(goal), near)
        neighbours = sorted(
            (
                (likeness * self._nearness(row, path, declaration), row)
                for likeness, row in alike
                if likeness >= LEAST_LIKENESS and self._rows[row].declaration not in exclude
            ),
            reverse=True,
        )[:NEIGHBOURS]
        weights: dict[StepTemplate, float] = {}
        agreeing: dict[StepTemplate, int] = {}
        for likeness, row in neighbours:
            template = self._rows[row].template
            weights.setdefault(template, likeness**CONTRAST)
            agreeing[template] = agreeing.get(template, 0) + 1
        return {
            template: weight * (1 + AGREEING * math.log2(agreeing[template]))
            for template, weight in weights.items()
        }

    def _nearness(self, row: int, path: str, declaration: str) -> float:
        """How much more a row counts for standing near, and for being new: at least 1."""
        one = self._rows[row]
        newest = next(reversed(self._rows))
        factor = 1 + NEWEST * row / newest
        if path and one.file == path:
            factor += SAME_FILE
            factor += SAME_DECLARATION * (one.declaration == declaration != "")
        namespace = declaration.rpartition(".")[0]
        return factor + SAME_NAMESPACE * (one.declaration.rpartition(".")[0] == namespace != "")

    def _add(self, file: str, key: int, step: ProofStep) -> None:
        """A row for a step of a file that is known."""
        goal = read_goal(step.display)
        about = {*step.symbols, *step.context}
        template = step_template(step.tactic, goal, step.premises, about)
        row = next(self._serials)
        shared, count = self._templates.get(template, (template, 0))
        self._templates[shared] = shared, count + 1
        self._rows[row] = _Row(file, key, step.declaration, shared)
        self._files[file][key] = row
        self._likeness.add(row, marks(goal, step.symbols, step.context))
        if len(self._rows) > MOST_STEPS:
            self._forget(next(iter(self._rows)))

    def _forget(self, row: int) -> None:
        one = self._rows.pop(row)
        self._likeness.remove(row)
        self._files.get(one.file, {}).pop(one.key, None)
        shared, count = self._templates.pop(one.template)
        if count > 1:
            self._templates[shared] = shared, count - 1
