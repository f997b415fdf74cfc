"""Templates of earlier steps filled for the goal at hand: the names that stand where others stood.

A hole for a hypothesis gets the one that resembles what stood there; a hole for a definition that
the earlier goal was about, one that this goal is about. A few alternatives each: which of them
proves anything is found out by trying.
"""

import heapq
import itertools
import re
from dataclasses import dataclass

from lean.protocol import GoalFeatures
from lean.renaming import rename
from search.learning.step_template import HypothesisSlot, PremiseSlot, StepTemplate, slot_of
from search.strategies.closers import fresh
from search.strategies.moves import inductive_moves, moves
from search.templates import fill

MOST_KEPT = 4
"""Ways of filling that are followed from hole to hole."""
MOST_HOLES = 8
"""A template with more is too particular to fit anywhere else."""
REPLACED = 0.7
"""How much less likely a step is with another definition in the place of its own."""
MISSING = 0.3
"""The same, where its definition is not in the goal and nothing can stand in its place."""
_LISTS_FACTS = re.compile(r"\b(?:simp|simp_all|dsimp|grind)\b[^\[]*\[[^\]]*$")
_WORD = re.compile(r"(?<![\w.'!?⧼])[^\W\d][\w'!?]*")


@dataclass(frozen=True, slots=True)
class Filled:
    """A tactic for the goal at hand. `likely`, at most 1: how well what fills its holes resembles
    what stood there. `text` is the tactic with its holes, which hides nothing of the goal;
    `hypotheses` and `premises` are the names in them, in their order.
    """

    tactic: str
    likely: float
    template: StepTemplate
    text: str
    hypotheses: tuple[str, ...]
    premises: tuple[str, ...]

    @property
    def theorems(self) -> tuple[int, ...]:
        """The holes for premises that the earlier goal did not mention."""
        slots = enumerate(self.template.premises)
        return tuple(number for number, slot in slots if not slot.of_goal)

    def with_premise(self, number: int, name: str) -> str:
        """The tactic with another premise in one of its holes."""
        premises = [*self.premises[:number], name, *self.premises[number + 1 :]]
        return fill(self.text, self.hypotheses, premises)


class Filler:
    """Fills templates for one goal."""

    def __init__(self, goal: GoalFeatures) -> None:
        self._goal = goal
        names = {h.name for h in goal.hypotheses}
        self._slots = {
            h.name: slot_of(place, h.type, names, h.in_target)
            for place, h in enumerate(reversed(goal.hypotheses))
            if h.accessible and h.kind != "instance"
        }
        self._taken = names
        self._about = {*goal.target.constants, *(c for h in goal.hypotheses for c in h.constants)}
        self._definitions = [d.name for d in goal.definitions if d.direct]
        self._alternatives = _alternatives(goal)

    def fill(self, template: StepTemplate, most: int = 3) -> list[Filled]:
        """Ways of filling the template for this goal, the likeliest first; none if it can't be."""
        if len(template.hypotheses) > min(MOST_HOLES, len(self._slots)):
            return []
        text = self._without_clashes(template.text)
        ways = (
            (by_name * by_premise, names, premises)
            for by_name, names in self._names(template.hypotheses)
            for by_premise, premises in self._premises(template)
        )
        found: dict[str, Filled] = {}
        for likely, names, premises in heapq.nlargest(most, ways, _likely):
            plain = fill(text, names, premises)
            tactic = self._with_alternatives(plain)
            whole = text + tactic.removeprefix(plain)
            found.setdefault(tactic, Filled(tactic, likely, template, whole, names, premises))
        return list(found.values())

    def _names(self, slots: tuple[HypothesisSlot, ...]) -> list[tuple[float, tuple[str, ...]]]:
        """Hypotheses for the holes, no two the same."""
        kept: list[tuple[float, tuple[str, ...]]] = [(1.0, ())]
        for slot in slots:
            longer = (
                (likely * _likeness(slot, own), (*names, name))
                for likely, names in kept
                for name, own in self._slots.items()
                if name not in names
            )
            kept = heapq.nlargest(MOST_KEPT, longer, _likely)
        return kept

    def _premises(self, template: StepTemplate) -> list[tuple[float, tuple[str, ...]]]:
        """Premises for the holes: the same, or definitions of this goal for those of the other."""
        choices = [self._choices(template, number) for number in range(len(template.premises))]
        ways = itertools.islice(itertools.product(*choices), 4 * MOST_KEPT)
        found = []
        for way in ways:
            names = tuple(name for _, name in way)
            if len(set(names)) == len(names):
                likely = 1.0
                for one, _ in way:
                    likely *= one
                found.append((likely, names))
        return heapq.nlargest(MOST_KEPT, found, _likely)

    def _choices(self, template: StepTemplate, number: int) -> list[tuple[float, str]]:
        slot: PremiseSlot = template.premises[number]
        if not slot.of_goal or slot.name in self._about:
            return [(1.0, slot.name)]
        others = [name for name in self._definitions if name not in _names_of(template)]
        choices = [(REPLACED / (1 + rank), name) for rank, name in enumerate(others[:3])]
        before = template.text.partition(f"⧼p{number}⧽")[0]
        if len(others) > 1 and _LISTS_FACTS.search(before):
            choices.insert(0, (REPLACED, ", ".join(others)))
        return [*choices, (MISSING, slot.name)]

    def _with_alternatives(self, tactic: str) -> str:
        alternatives = self._alternatives.get(tactic.partition(" generalizing ")[0])
        return f"{tactic} with\n{alternatives}" if alternatives else tactic

    def _without_clashes(self, text: str) -> str:
        """The text, in which what the tactic introduces hides nothing of the goal."""
        clashing = [word for word in dict.fromkeys(_WORD.findall(text)) if word in self._taken]
        taken = self._taken | set(_WORD.findall(text))
        return rename(text, clashing, [fresh(word, taken) for word in clashing])


def _likely(way: tuple[float, *tuple[object, ...]]) -> float:
    return way[0]


def _names_of(template: StepTemplate) -> set[str]:
    return {slot.name for slot in template.premises}


def _likeness(one: HypothesisSlot, other: HypothesisSlot) -> float:
    """Between 0 and 1: the type tells the most, then how it begins, then where it stands."""
    return (
        0.55 * (one.type == other.type)
        + 0.25 * (one.head == other.head)
        + 0.12 * (one.in_target == other.in_target)
        + 0.08 * 0.5 ** abs(one.place - other.place)
    )


def _alternatives(goal: GoalFeatures) -> dict[str, str]:
    """By `induction x` and the like: an alternative for each constructor, which has names then."""
    found = {}
    for move in itertools.chain(moves(goal), inductive_moves(goal)):
        start, named, alternatives = move.text.partition(" with\n")
        if named and " using " not in start:
            found[start.partition(" generalizing ")[0]] = alternatives
    return found
