"""Scripts that close all branches of an induction at once, with the premises that these need.

The text for them; `premises` tries them. What is said of a choice of premises is said in
`premise_scripts`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from lean.protocol import GoalFeatures
from search.strategies.inductions import derivations, general_inductions, generalized
from search.strategies.move import Move
from search.strategies.moves import inductive_moves
from search.strategies.premise_scripts import TOGETHER, Choice
from search.strategies.written import behind_all

MOVES = 6
"""Inductions and case distinctions that are tried, the most general ones first."""
LATER = 2
"""Tactics that an induction is tried with before the next one is tried at all."""
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


def _moves(features: GoalFeatures) -> list[Move]:
    moves = [*general_inductions(features), *inductive_moves(features)]
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
    yield _grind(choice, ())
    yield few
    yield _grind(choice, choice.names[:FEW])
    yield f"(try {simp}) <;> {plain}"
    backward = f"solve_by_elim [{', '.join([*choice.constructors, *choice.local[:FEW]])}]"
    yield f"first | rfl | contradiction | {backward} | {few} | {simp}"
    yield _grind(choice, choice.names[FEW : 2 * FEW + 1])


def _simp_all(choice: Choice, names: Sequence[str]) -> str:
    usable = [name for name in names if name not in choice.looping]
    return _with("simp_all", dict.fromkeys([*choice.definitions, *usable]))


def _grind(choice: Choice, names: Sequence[str], rules: bool = True) -> str:
    usable = [name for name in names if name not in choice.refused]
    predicates = choice.predicates if rules else ()
    return _with("grind", dict.fromkeys([*choice.definitions, *predicates, *usable]))


def _with(tactic: str, names: dict[str, None]) -> str:
    return f"{tactic} [{', '.join(names)}]" if names else tactic
