"""A tactic with holes where a goal's own names stood, and what stood there.

`rw [run_append, ih]` becomes `rw [⧼p0⧽, ⧼0⧽]` with what is known of `ih` (its type, its place) and
of `run_append` (its full name, and that the goal itself was not about it). Filling it for another
goal is `filling`.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from search.learning.marks import type_marks
from search.learning.shown_goal import INACCESSIBLE, ShownGoal
from search.templates import template

_OPEN_BLOCK = re.compile(r":=\s*by\s*$")
_WORD = re.compile(r"(?<![\w.'!?✝⧼])[^\W\d][\w'!?✝]*(?:\.[^\W\d][\w'!?✝]*)*")
_ALTERNATIVES = re.compile(r"\s+with\s*$")


@dataclass(frozen=True, slots=True)
class HypothesisSlot:
    """What stood in a hole for a hypothesis: the marks of its type, as a whole and of its head,
    its place counted from the last hypothesis, and whether the target mentioned it.
    """

    type: int
    head: int
    place: int
    in_target: bool


@dataclass(frozen=True, slots=True)
class PremiseSlot:
    """What stood in a hole for a premise. `of_goal`: the goal was about it, as with a definition
    that is unfolded; on a goal about something else, that may stand in its place.
    """

    name: str
    of_goal: bool


@dataclass(frozen=True, slots=True)
class StepTemplate:
    """`text` with holes as in `search.templates`, and a slot for each of them."""

    text: str
    hypotheses: tuple[HypothesisSlot, ...] = ()
    premises: tuple[PremiseSlot, ...] = ()


def step_template(
    tactic: str, goal: ShownGoal, premises: Sequence[str], about: Collection[str]
) -> StepTemplate:
    """The template of a tactic that was run on a goal.

    `premises` are the full names of what it names, `about` the constants of the goal.
    """
    names = [name for name, _ in goal.hypotheses if not name.endswith(INACCESSIBLE)]
    by_ending = {ending: full for full in premises for ending in _endings(full)}
    used: list[str] = []

    def hole(word: re.Match[str]) -> str:
        full = by_ending.get(word[0])
        if full is None or word[0] in names:
            return word[0]
        if full not in used:
            used.append(full)
        return f"⧼p{used.index(full)}⧽"

    made = template(complete(tactic), names)
    return StepTemplate(
        _WORD.sub(hole, made.text),
        tuple(_hypothesis_slot(name, goal) for name in made.hypotheses),
        tuple(PremiseSlot(full, full in about) for full in used),
    )


def complete(tactic: str) -> str:
    """A tactic whose block or alternatives were left out, as one that leaves goals for them."""
    return _ALTERNATIVES.sub("", _OPEN_BLOCK.sub(":= ?_", tactic))


def slot_of(place: int, type: str, names: Collection[str], in_target: bool) -> HypothesisSlot:
    """What a hypothesis of a goal would be as a slot; `place` counted from the last."""
    whole, head = type_marks(type, names)
    return HypothesisSlot(whole, head, place, in_target)


def mentions(text: str, name: str) -> bool:
    """Does a text mention a hypothesis?"""
    return any(word.partition(".")[0] == name for word in _WORD.findall(text))


def _hypothesis_slot(name: str, goal: ShownGoal) -> HypothesisSlot:
    names = {other for other, _ in goal.hypotheses}
    # Of two of one name, the later one is meant.
    place = next(i for i, (other, _) in enumerate(reversed(goal.hypotheses)) if other == name)
    type = goal.hypotheses[len(goal.hypotheses) - 1 - place][1]
    return slot_of(place, type, names, mentions(goal.target, name))


def _endings(name: str) -> list[str]:
    """`A.b.c`, `b.c` and `c`: how a script may write a name."""
    parts = name.split(".")
    return [".".join(parts[start:]) for start in range(len(parts))]
