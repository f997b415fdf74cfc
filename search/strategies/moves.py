"""Structural moves: scripts that turn a goal into simpler ones, read off its shape.

A move has a place for the script of each goal it leaves, so that a found proof reads as a person
would write it. Whether a move is any good, and what closes its goals, is for `proof_search` to find
out.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lean.protocol import Constructor, GoalFeatures, Hypothesis
from search.strategies.closers import fresh, witnesses

GOAL = "?_"
"""Where a move's text has a place for the script of a goal it leaves."""


@dataclass(frozen=True, slots=True)
class Move:
    """A tactic that leaves goals. `text` has a `?_` for each, or none: then bullets follow it.

    `forced`: nothing else is worth trying when it works. `brief` is a form that takes one tactic
    for all goals behind `<;>`.
    """

    text: str
    forced: bool = False
    brief: str = ""

    @property
    def weight(self) -> int:
        """How much of the depth of the search it uses up; introducing and splitting are free."""
        return 0 if self.forced else 1


def takes_apart(features: GoalFeatures) -> bool:
    """Is there a move that should be made before anything costly is tried?"""
    return next((move.forced for move in moves(features)), False)


def moves(features: GoalFeatures) -> Iterator[Move]:
    """Moves for this goal, best first."""
    yield from _on_hypotheses(features)
    kind = features.target.kind
    recursive = [h for h in _variables(features) if h.inductive and h.inductive.recursive]
    if kind in ("forall", "implies", "not"):
        # Induction before the introduction keeps the hypothesis general.
        if kind == "forall":
            yield from (_induction(h, features, ()) for h in recursive if h.in_target)
        names = _introduced(features)
        yield Move(introduction(features), forced=True)
        if len(names) > 1:
            yield Move(f"intro {names[0]}", forced=True)
        return
    if kind in ("and", "iff"):
        yield Move("constructor", forced=True)
        return
    if kind == "exists":
        yield from (Move(f"refine ⟨{value}, {GOAL}⟩") for value in witnesses(features)[:6])
    if "if " in features.target.text or "match " in features.target.text:
        yield Move("split")
    yield from _by_definition(features)
    if kind == "or":
        yield from (Move("left"), Move("right"))
    yield from _on_variables(features, recursive)
    if kind == "eq":
        yield from (Move("funext x"), Move("ext x"))
    yield from _on_conditions(features)


def inductive_moves(features: GoalFeatures) -> Iterator[Move]:
    """The same moves with every induction first, the most general ones at the front.

    What hypotheses are taken apart into, and what is assumed, is no less general afterwards.
    """
    if features.target.kind in ("implies", "not"):
        yield from moves(features)
        return
    first = [move for move in _on_hypotheses(features) if move.forced]
    first += inductions(features)
    yield from first
    yield from (move for move in moves(features) if move not in first)


def introduction(features: GoalFeatures) -> str:
    """What introduces the leading binders of the target, or the empty string."""
    if features.target.kind not in ("forall", "implies", "not"):
        return ""
    return f"intro {' '.join(_introduced(features))}"


def inductions(features: GoalFeatures) -> Iterator[Move]:
    """Every induction that fits this goal, the most general ones first."""
    for hypothesis in features.hypotheses:
        inductive = hypothesis.inductive
        if hypothesis.kind == "prop" and hypothesis.accessible and inductive and inductive.user:
            yield _induction(hypothesis, features, ())
    shown = [features.target.text, *(h.type for h in features.hypotheses if h.kind == "prop")]
    for definition in features.definitions:
        if definition.direct and definition.recursive:
            calls = [call for text in shown for call in _calls(definition.name, text)]
            for call in [*dict.fromkeys(calls), definition.name]:
                yield Move(f"fun_induction {call}", brief=f"fun_induction {call}")
    recursive = [h for h in _variables(features) if h.inductive and h.inductive.recursive]
    order = sorted(recursive, key=lambda h: (not h.in_target, _unlikely(h)))
    for hypothesis in order:
        others = _generalizable(hypothesis, features)
        if others:
            yield _induction(hypothesis, features, others)
        yield _induction(hypothesis, features, ())
    for hypothesis in order:
        if hypothesis.type == "Nat":
            yield _strong_induction(hypothesis, _generalizable(hypothesis, features))


def _strong_induction(hypothesis: Hypothesis, generalizing: Sequence[str]) -> Move:
    """The hypothesis of induction for all smaller numbers."""
    name = hypothesis.name
    behind = f" generalizing {' '.join(generalizing)}" if generalizing else ""
    start = f"induction {name} using Nat.strongRecOn{behind}"
    return Move(f"{start} with\n| _ {name} ih => {GOAL}")


def _on_hypotheses(features: GoalFeatures) -> Iterator[Move]:
    """Taking hypotheses apart: what can always be done first."""
    for hypothesis in features.hypotheses:
        if hypothesis.kind != "prop" or not hypothesis.accessible:
            continue
        name, taken = hypothesis.name, {h.name for h in features.hypotheses}
        if hypothesis.head == "And":
            yield Move(f"obtain ⟨{name}, {fresh(name, taken)}⟩ := {name}", forced=True)
        elif hypothesis.head == "Exists":
            bound = re.match(r"∃ \(?([\w']+)", hypothesis.type)
            value = fresh(bound[1] if bound else "x", taken)
            yield Move(f"obtain ⟨{value}, {name}⟩ := {name}", forced=True)
        elif hypothesis.head == "Or":
            yield Move(f"rcases {name} with {name} | {name}")
        elif hypothesis.head == "Iff":
            yield Move(f"obtain ⟨{name}, {fresh(name, taken)}⟩ := {name}")
        elif hypothesis.inductive and hypothesis.inductive.user:
            yield _induction(hypothesis, features, ())
            yield _cases(hypothesis)


def _introduced(features: GoalFeatures) -> list[str]:
    """Names for what the target's leading binders introduce; hypotheses are called h."""
    text = features.target.text
    names: list[str] = []
    taken = {h.name for h in features.hypotheses}
    if group := re.match(r"∀ ([\w' ]+),", text):
        names = group[1].split()
    elif bounded := re.match(r"∀ ([\w']+) [∈<>≤≥]", text):
        # `∀ x ∈ xs, …` introduces the value and the hypothesis about it.
        names = [bounded[1], "h"]
    elif text.startswith("∀") and "," in text:
        # `∀ (x y : Nat) {z : Int}, …`: every group up to the comma.
        groups = re.findall(r"[({⦃] ?([\w' ]+?) :", text[: text.index(",")])
        names = [name for group in groups for name in group.split()]
    return [fresh(name, taken) for name in names or ["h"]]


def _variables(features: GoalFeatures) -> list[Hypothesis]:
    return [h for h in features.hypotheses if h.kind == "data" and h.accessible]


def _by_definition(features: GoalFeatures) -> Iterator[Move]:
    direct = [definition for definition in features.definitions if definition.direct]
    for definition in direct:
        if definition.recursive:
            calls = _calls(definition.name, features.target.text)
            for call in [*calls[:2], definition.name]:
                yield Move(f"fun_induction {call}", brief=f"fun_induction {call}")
    for definition in direct:
        if not definition.recursive:
            yield Move(f"unfold {definition.name}")


def _calls(name: str, text: str) -> list[str]:
    """Applications of a function to plain variables in a text, also in dot notation, `x.f y`."""
    short = re.escape(name.rsplit(".", 1)[-1])
    arguments = r"((?: (?!fun\b)[^\W\d][\w']*)+)"
    plain = re.findall(rf"(?<![\w.)])(?:[\w.]+\.)?{short}{arguments}", text)
    dotted = re.findall(rf"(?<![\w.)])([^\W\d][\w']*)\.{short}((?: [^\W\d][\w']*)*)", text)
    found = [f"{name}{rest}" for rest in plain] + [f"{name} {own}{rest}" for own, rest in dotted]
    return list(dict.fromkeys(found))


def _on_variables(features: GoalFeatures, recursive: Sequence[Hypothesis]) -> Iterator[Move]:
    """Induction where a type recurses, else case analysis; the user's own types first."""
    here = [h for h in recursive if h.in_target] or list(recursive)
    order = sorted(here, key=_unlikely)
    for hypothesis in order:
        yield _induction(hypothesis, features, ())
    for hypothesis in order:
        others = _generalizable(hypothesis, features)
        if others:
            yield _induction(hypothesis, features, others)
    for hypothesis in _variables(features):
        if hypothesis.inductive and not hypothesis.inductive.recursive and hypothesis.in_target:
            yield _cases(hypothesis)
    for hypothesis in order:
        yield _cases(hypothesis)


def _unlikely(hypothesis: Hypothesis) -> int:
    inductive = hypothesis.inductive
    if inductive is None or inductive.user:
        return 0
    return 1 if inductive.name == "List" else 2


def _generalizable(hypothesis: Hypothesis, features: GoalFeatures) -> tuple[str, ...]:
    mentions = re.compile(rf"\b{re.escape(hypothesis.name)}\b")
    return tuple(
        h.name
        for h in _variables(features)
        if h.name != hypothesis.name
        and h.in_target
        and not mentions.search(h.type)
        and not re.search(rf"\b{re.escape(h.name)}\b", hypothesis.type)
    )


def _induction(hypothesis: Hypothesis, features: GoalFeatures, generalizing: Sequence[str]) -> Move:
    behind = f" generalizing {' '.join(generalizing)}" if generalizing else ""
    return _alternatives(f"induction {hypothesis.name}{behind}", hypothesis, hypotheses=True)


def _cases(hypothesis: Hypothesis) -> Move:
    return _alternatives(f"cases {hypothesis.name}", hypothesis, hypotheses=False)


def _alternatives(start: str, hypothesis: Hypothesis, hypotheses: bool) -> Move:
    """`start with | c x ih => ?_ …`, with names for the fields and the induction hypotheses."""
    inductive = hypothesis.inductive
    if inductive is None or not inductive.constructors:
        return Move(start, brief=start)
    lines = [f"{start} with"]
    for constructor in inductive.constructors:
        names = _field_names(hypothesis, constructor, hypotheses)
        short = constructor.name.rsplit(".", 1)[-1]
        lines.append(f"| {' '.join([short, *names])} => {GOAL}")
    return Move("\n".join(lines), brief=start)


def _field_names(hypothesis: Hypothesis, constructor: Constructor, hypotheses: bool) -> list[str]:
    """Names as people give them: `n ih`, `x xs ih`, `l x r ihl ihr`."""
    own = [field.recursive for field in constructor.fields]
    taken: set[str] = set()
    names: list[str] = []
    recursive = sum(own)
    sides = iter(
        "lr" if recursive == 2 else [f"{hypothesis.name}{i + 1}" for i in range(recursive)]
    )
    plain = iter("xyzwuv")
    for field in constructor.fields:
        if field.recursive:
            name = hypothesis.name if recursive == 1 else next(sides)
        else:
            name = "n" if field.type == "Nat" else next(plain, f"a{len(names)}")
        names.append(fresh(name, taken))
    if not hypotheses:
        return names
    mine = [name for name, recurses in zip(names, own, strict=True) if recurses]
    return names + (["ih"] if recursive == 1 else [fresh(f"ih{name}", taken) for name in mine])


def _on_conditions(features: GoalFeatures) -> Iterator[Move]:
    """Splitting on an `if` of a hypothesis, or on a universal statement in the target."""
    for hypothesis in features.hypotheses:
        if hypothesis.kind == "prop" and hypothesis.accessible and "if " in hypothesis.type:
            yield Move(f"split at {hypothesis.name}")
    inner = features.target.text.rfind("∀")
    if inner > 0:
        key = fresh("key", {h.name for h in features.hypotheses})
        yield Move(f"by_cases {key} : {features.target.text[inner:].rstrip(')')}")
    for hypothesis in features.hypotheses:
        if hypothesis.type == "Bool → Bool" and hypothesis.accessible:
            f = hypothesis.name
            both = f"cases ht : {f} true <;> cases hf : {f} false"
            yield Move(both, brief=both)
