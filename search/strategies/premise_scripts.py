"""Scripts that use some given theorems on a goal: which ones, best first.

Text only. Which theorems those are is `search.retrieval`, what the scripts come to is Lean's to
say, and in which order they are tried is `premises`.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lean.protocol import GoalFeatures
from search.retrieval.library import Retrieved
from search.strategies.best_first import Proposal
from search.strategies.closers import closers, is_search, unfoldable
from search.strategies.move import Move
from search.strategies.moves import inductive_moves, introduction

SIZES = (2, 4, 8)
"""How many premises go into one script together."""
MOST = 6
"""Definitions that are unfolded in one script, if some of them are not in the goal itself."""
ALONE = 3
"""Premises that are given to `grind` each alone."""
TOGETHER = 8
"""Local premises that go into one script: there are few, and they were made for this."""
STEPS = 12
"""Premises that are used for single steps at one goal."""

_BRACKETS = re.compile(r"\b(simp_all|simp|grind|solve_by_elim) \[([^\]\[]+)\]")
_EQUATION = re.compile(r"(?<![<>≤≥:])=(?!>)|↔")
_REFLEXIVE = re.compile(r"(?:^|[._])(?:refl|rfl)$")
_CHAIN = re.compile(r"(?:^|[._])trans$")
_RULE = re.compile(r"→|∀|¬|≠")


@dataclass(frozen=True, slots=True)
class Choice:
    """The premises for one goal, the likeliest first, those of them that are of the document, and
    those that can be rewritten with; the document's definitions in the goal.

    `predicates` are those of the document in the goal, which `grind` takes for their constructors;
    `rules` are the constructors, without the cases.
    `looping` are premises with which `simp` does not end, `refused` those that `grind` can't use.
    """

    names: tuple[str, ...]
    local: tuple[str, ...]
    equations: frozenset[str]
    definitions: tuple[str, ...]
    predicates: tuple[str, ...] = ()
    constructors: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    looping: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls, found: Sequence[Retrieved], features: GoalFeatures, bodies: bool = False
    ) -> "Choice":
        """What was retrieved for a goal, with what the document defines of it; with `bodies` also
        what these definitions are made of, where that is not too much.
        """
        definitions = unfoldable(features, direct=not bodies)
        return cls(
            names=tuple(one.name for one in found),
            local=tuple(one.name for one in found if one.local),
            equations=frozenset(one.name for one in found if one.equation),
            definitions=definitions if len(definitions) <= MOST else unfoldable(features),
            predicates=_predicates(features),
            constructors=features.target.constructors,
            rules=_rules(features),
        )

    @property
    def own_constructors(self) -> tuple[str, ...]:
        """Those of the predicate that the goal asks for, less those of others that they need."""
        return tuple(c for c in self.constructors if _parent(c) == self.own_predicate)

    @property
    def own_predicate(self) -> str:
        """The predicate that the goal asks for, if it is one of the document."""
        return _parent(self.constructors[0]) if self.constructors else ""

    def usable_by_grind(self, names: Sequence[str]) -> list[str]:
        """Those of these premises that are rules."""
        return [name for name in names if name not in self.refused]

    def sets(self, tactic: str) -> Iterator[str]:
        """Lists for the brackets of `simp` or `grind`, each with the definitions; the most
        promising first.
        """
        useless = self.refused if tactic == "grind" else self.looping
        usable = [name for name in self.names if name not in useless]
        local = [n for n in self.local if n in usable][:TOGETHER]
        chosen = [local, *(usable[:size] for size in SIZES)]
        if local:
            chosen.append([*local, *(n for n in usable if n not in local)][:TOGETHER])
        seen = dict.fromkeys(tuple(some) for some in chosen if some)
        for some in seen:
            yield self.listed(some, tactic)

    def listed(self, names: Sequence[str], tactic: str = "simp") -> str:
        """What stands in the brackets for these premises."""
        predicates = self.predicates if tactic == "grind" else ()
        return ", ".join(dict.fromkeys([*self.definitions, *predicates, *names]))


def singly(choice: Choice) -> list[str]:
    """Each of the likeliest premises alone, which also tells what it does to `simp`."""
    return [f"simp [{choice.listed([name])}]" for name in choice.names[: SIZES[-1]]]


def together(choice: Choice, features: GoalFeatures) -> list[str]:
    """Several premises at once, cheap scripts first."""
    facts = any(h.kind == "prop" for h in features.hypotheses)
    simp = list(choice.sets("simp"))
    scripts = [f"simp [{some}]" for some in simp]
    scripts += [f"simp_all [{some}]" for some in simp if facts]
    if "omega" in closers(features, cheap=True):
        scripts += [f"simp_all [{some}]; omega" for some in simp[:2]]
    return scripts


def by_grind(choice: Choice) -> list[str]:
    """Premises as rules for `grind`: together, and alone, because it refuses what is no rule."""
    usable = choice.usable_by_grind(choice.names)
    alone = [choice.listed([name], "grind") for name in usable[:ALONE]]
    return [f"grind [{some}]" for some in dict.fromkeys([*choice.sets("grind"), *alone])]


def by_elimination(choice: Choice) -> Iterator[str]:
    """Backward from the target: constructors and theorems, as far as the hypotheses reach."""
    yield f"solve_by_elim [{', '.join([*choice.constructors, *choice.local[:TOGETHER]])}]"
    yield f"solve_by_elim [{', '.join(choice.names[:STEPS])}]"
    # One step by itself: what it leaves unknown is settled by the goal that is proved first, and by
    # reflexivity it would be settled too soon.
    local = [name for name in choice.local if not _REFLEXIVE.search(name)]
    rest = f"solve_by_elim [{', '.join(local[:TOGETHER])}]"
    for step in (*choice.own_constructors, *choice.local[:ALONE]):
        yield f"apply {step} <;> {rest}"
    for step in (name for name in (*choice.own_constructors, *choice.local) if _CHAIN.search(name)):
        last = f"solve_by_elim [{', '.join(choice.constructors)}]"
        yield f"apply {step} <;> first | {rest} | (apply {step} <;> first | {rest} | {last})"


def with_fewer(script: str) -> Iterator[str]:
    """The script with half of the names in its brackets, then with three quarters."""
    names = list(dict.fromkeys(_names_in(script)))
    for parts in (2, 4):
        size = -(-len(names) // parts)
        if len(names) >= 2 * parts:
            for start in range(0, len(names), size):
                yield _without(script, frozenset(names[start : start + size]))


def proposals(choice: Choice, features: GoalFeatures) -> list[Proposal]:
    """Single steps at a goal: rewriting with and applying what is known, taking the goal apart."""
    found = [*_structural(features), *_by_hypotheses(features)]
    for definition in choice.definitions:
        found.append(Proposal(f"rw [{definition}]", -1.0))
        found.append(Proposal(f"unfold {definition}", -1.4))
    equation = features.target.kind in ("eq", "iff")
    for place, name in enumerate(choice.names[:STEPS]):
        rank = -0.5 - math.log1p(place) / 2
        if name in choice.equations:
            found.append(Proposal(f"rw [{name}]", rank))
            found.append(Proposal(f"rw [← {name}]", rank - 0.7))
        # What is equal is mostly rewritten; but there is `a * b = a * c → b = c` too.
        unlikely = equation and name in choice.equations
        found.append(Proposal(f"apply {name}", rank - (1.2 if unlikely else 0.2)))
    return sorted(found, key=lambda one: -one.score)


def cheap_closers(features: GoalFeatures) -> list[str]:
    """What is tried on every goal of the search before a step."""
    scripts = closers(features, search=False, cheap=True)
    return [
        script for script in scripts if not script.startswith("grind") and not is_search(script)
    ]


def _structural(features: GoalFeatures) -> Iterator[Proposal]:
    introduced = introduction(features)
    if introduced:
        yield Proposal(introduced, -0.2)
    if features.target.kind in ("and", "iff"):
        yield Proposal("constructor", -0.2)
    moves: list[Move] = [move for move in inductive_moves(features) if not move.forced]
    for place, move in enumerate(moves[:3]):
        yield Proposal(move.text, -1.5 - place)


def _by_hypotheses(features: GoalFeatures) -> Iterator[Proposal]:
    for hypothesis in features.hypotheses:
        if hypothesis.kind == "prop" and hypothesis.accessible:
            if _EQUATION.search(hypothesis.type):
                yield Proposal(f"rw [{hypothesis.name}]", -0.5)
                yield Proposal(f"rw [← {hypothesis.name}]", -1.5)
            if _RULE.search(hypothesis.type):
                yield Proposal(f"apply {hypothesis.name}", -0.7)


def _predicates(features: GoalFeatures) -> tuple[str, ...]:
    """Inductive predicates of the document: of the target, of the hypotheses, and those that the
    target's constructors speak of.
    """
    asked = [_parent(constructor) for constructor in features.target.constructors]
    given = [
        h.inductive.name
        for h in features.hypotheses
        if h.kind == "prop" and h.inductive and h.inductive.user
    ]
    return tuple(dict.fromkeys([*asked[:1], *given, *asked]))


def _rules(features: GoalFeatures) -> tuple[str, ...]:
    """The constructors of these predicates."""
    given = [
        constructor.name
        for h in features.hypotheses
        if h.kind == "prop" and h.inductive and h.inductive.user
        for constructor in h.inductive.constructors
    ]
    return tuple(dict.fromkeys([*features.target.constructors, *given]))


def _parent(name: str) -> str:
    return name.rpartition(".")[0]


def _names_in(script: str) -> Iterator[str]:
    for bracket in _BRACKETS.finditer(script):
        yield from (name.strip() for name in bracket[2].split(","))


def _without(script: str, names: frozenset[str]) -> str:
    def kept(bracket: re.Match[str]) -> str:
        rest = [n for n in map(str.strip, bracket[2].split(",")) if n not in names]
        return f"{bracket[1]} [{', '.join(rest)}]" if rest else bracket[1]

    return _BRACKETS.sub(kept, script)
