"""Scripts that close all branches of an induction at once, with the premises that these need.

The text for them; `premises` tries them. What is said of a choice of premises is said in
`premise_scripts`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from lean.protocol import GoalFeatures
from search.strategies.inductions import (
    at_values,
    derivations,
    general_inductions,
    generalized,
)
from search.strategies.move import GOAL, Move
from search.strategies.moves import inductive_moves
from search.strategies.premise_scripts import TOGETHER, Choice
from search.strategies.written import behind_all

MOVES = 6
"""Inductions and case distinctions that are tried, the most general ones first."""
LATER = 2
"""Tactics that an induction is tried with before the next one is tried at all."""
REMADE = "first | solve_by_elim | grind"
"""For what a constructor asks, where the same one has given it."""
FEW = 5
"""Premises that `grind` is given for a branch."""


def behind_inductions(choice: Choice, features: GoalFeatures) -> Iterator[str]:
    """One tactic for all branches: of the likeliest inductions and the cheapest tactics first."""
    scripts = [
        (LATER * place + rank, behind_all(move, closer))
        for place, move in enumerate(_moves(features))
        for rank, closer in enumerate(dict.fromkeys(_closers(_without(choice, move))))
    ]
    yield from (script for _, script in sorted(scripts, key=lambda entry: entry[0]))


def by_inversion(choice: Choice, features: GoalFeatures) -> Iterator[str]:
    """Induction on one derivation, and in each branch a look at how another one was made."""
    closer = f"first | rfl | contradiction | {_grind(choice, choice.local[:FEW])}"
    for first in derivations(features):
        for second in derivations(features):
            if first != second:
                inversion = f"(cases {second.name} <;> {closer})"
                yield behind_all(generalized(first, features), inversion)


def by_same_constructors(features: GoalFeatures) -> Iterator[str]:
    """Induction on a derivation of what the target says too: each step is made once more.

    Weakening, substitution, monotonicity and maps are proved like that.
    """
    for derivation in derivations(features):
        inductive = derivation.inductive
        if inductive and inductive.name == features.target.head:
            lines = generalized(derivation, features).text.split(GOAL)
            steps = [f"apply {c.name} <;> {REMADE}" for c in inductive.constructors]
            if len(lines) == len(steps) + 1:
                yield "".join(part for pair in zip(lines, steps, strict=False) for part in pair)


def _moves(features: GoalFeatures) -> list[Move]:
    # At a value that is no variable the plain induction would fail.
    moves = [*at_values(features), *general_inductions(features), *inductive_moves(features)]
    brief = {move.brief: move for move in reversed(moves) if move.brief}
    return list(reversed(brief.values()))[:MOVES]


def _without(choice: Choice, move: Move) -> Choice:
    """Functional induction has unfolded its function, and `grind` would go on and on with that."""
    match = re.match(r"fun_induction (\S+)", move.text)
    left = tuple(name for name in choice.definitions if not (match and match[1] == name))
    return replace(choice, definitions=left)


def _closers(choice: Choice) -> Iterator[str]:
    """For one branch: definitions alone are often enough, and every lemma more costs time."""
    simp, plain = _simp_all(choice, ()), _grind(choice, (), rules=False)
    few = _grind(choice, choice.local[:FEW])
    yield _simp_all(choice, choice.local[:TOGETHER])
    yield plain
    # The constructors as rules cost a fifth of what the predicate does, which is also taken apart.
    yield _with("grind", dict.fromkeys([*choice.definitions, *choice.rules]))
    yield _grind(choice, ())
    yield few
    # The target's own predicate is built up, and the others are taken apart.
    others = [name for name in choice.predicates if name != choice.own_predicate]
    built = dict.fromkeys([*choice.definitions, *choice.own_constructors, *others])
    yield _with("grind", built | dict.fromkeys(choice.usable_by_grind(choice.local[:FEW])))
    yield _grind(choice, choice.names[:FEW])
    yield f"(try {simp}) <;> {plain}"
    backward = f"solve_by_elim [{', '.join([*choice.constructors, *choice.local[:FEW]])}]"
    yield f"first | rfl | contradiction | {backward} | {few} | {simp}"
    yield _grind(choice, choice.local[:TOGETHER])
    yield _grind(choice, choice.names[FEW : 2 * FEW + 1])


def _simp_all(choice: Choice, names: Sequence[str]) -> str:
    usable = [name for name in names if name not in choice.looping]
    return _with("simp_all", dict.fromkeys([*choice.definitions, *usable]))


def _grind(choice: Choice, names: Sequence[str], rules: bool = True) -> str:
    predicates = choice.predicates if rules else ()
    usable = choice.usable_by_grind(names)
    return _with("grind", dict.fromkeys([*choice.definitions, *predicates, *usable]))


def _with(tactic: str, names: dict[str, None]) -> str:
    return f"{tactic} [{', '.join(names)}]" if names else tactic
