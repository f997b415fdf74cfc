"""What a goal is remembered by: marks, as numbers, of its target and of its context.

Marks are words about the goal (the constants in it, which operator stands beside which, how the
sides of an equation begin), hashed so that a hundred thousand goals fit into memory. Two words with
one hash do no harm: they make goals a little more alike than they are.
"""

import itertools
import zlib
from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from lean.protocol import GoalFeatures
from search.learning.shown_goal import (
    INACCESSIBLE,
    LOCAL,
    ShownGoal,
    loosest,
    read_goal,
    relation_of,
    sides_of,
    symbols_in,
)

MOST_WORDS = 120
"""Words of one term that make marks: the beginning of a large goal tells enough."""
MOST_HYPOTHESES = 24
"""Hypotheses that make marks, the last ones: what came last is what is being worked with."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of one goal, each once; those of the target tell more than those of the context."""

    target: "array[int]"
    context: "array[int]"


def marks_of_goal(goal: GoalFeatures) -> Marks:
    """The marks of a goal that Lean has told about."""
    context = dict.fromkeys(name for h in goal.hypotheses for name in h.constants)
    return marks(read_goal(goal.display), goal.target.constants, tuple(context))


def marks(goal: ShownGoal, symbols: Sequence[str], context: Sequence[str]) -> Marks:
    """The marks of a displayed goal with the constants of its target and of its hypotheses."""
    names = {name for name, _ in goal.hypotheses}
    return Marks(
        _hashed(_of_target(goal, names, symbols)), _hashed(_of_context(goal, names, context))
    )


def mark(word: str) -> int:
    """The number of a word, the same in every process."""
    return zlib.crc32(word.encode())


def type_marks(type: str, names: Collection[str]) -> tuple[int, int]:
    """The mark of a type as a whole, up to names, and that of the word it begins with."""
    words = symbols_in(type, names)
    return mark(" ".join(words)), mark(words[0] if words else "")


def _of_target(goal: ShownGoal, names: Collection[str], symbols: Iterable[str]) -> Iterator[str]:
    relation = relation_of(goal.target)
    left, right = (symbols_in(text, names)[:MOST_WORDS] for text in sides_of(goal.target))
    words = [*left, relation, *right] if right else left
    yield "is " + " ".join(words)
    yield "relation " + relation
    if goal.case:
        yield "case " + goal.case.rsplit(".", 1)[-1]
    for side, of_side in (("left", left), ("right", right)):
        if right and of_side:
            yield f"{side} {of_side[0]}"
            yield f"{side} is {' '.join(of_side)}"
    for word in words:
        if word != LOCAL:
            yield "word " + word
    for first, second in itertools.pairwise(words):
        yield f"pair {first} {second}"
    for symbol in symbols:
        yield "symbol " + symbol


def _of_context(goal: ShownGoal, names: Collection[str], symbols: Iterable[str]) -> Iterator[str]:
    wanted = symbols_in(goal.target, names)[:1]
    for type in dict.fromkeys(type for _, type in goal.hypotheses[-MOST_HYPOTHESES:]):
        words = symbols_in(type, names)[:MOST_WORDS]
        yield f"has {loosest(words)} {words[0] if words else ''}"
        yield "has " + " ".join(words)
        if words[:1] == wanted != [LOCAL]:
            yield "has what is wanted"
    for name, _ in goal.hypotheses:
        if name.startswith("ih"):
            yield "has an induction hypothesis"
        if name.endswith(INACCESSIBLE):
            yield "has what has no name"
    for symbol in symbols:
        yield "in context " + symbol


def _hashed(words: Iterable[str]) -> "array[int]":
    return array("I", {mark(word) for word in words})
