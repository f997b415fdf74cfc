"""Structural moves: scripts that turn a goal into simpler ones, read off its shape.

A move has a place for the script of each goal it leaves, so that a found proof reads as a person
would write it. Whether a move is any good, and what closes its goals, is for `proof_search` to find
out.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from lean.protocol import GoalFeatures, Hypothesis
from search.strategies.closers import fresh, witnesses
from search.strategies.inductions import (
    cases_on,
    functional_inductions,
    generalizable,
    induction_on,
    inductions,
    unlikely,
    variables,
)
from search.strategies.move import GOAL, Move


def takes_apart(features: GoalFeatures) -> bool:
    """Is there a move that should be made before anything costly is tried?"""
    return next((move.forced for move in moves(features)), False)


def moves(features: GoalFeatures) -> Iterator[Move]:
    """Moves for this goal, best first."""
    yield from _on_hypotheses(features)
    kind = features.target.kind
    recursive = [h for h in variables(features) if h.inductive and h.inductive.recursive]
    if kind in ("forall", "implies", "not"):
        # Induction before the introduction keeps the hypothesis general.
        if kind == "forall":
            yield from (induction_on(h) for h in recursive if h.in_target)
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
            yield induction_on(hypothesis)
            yield cases_on(hypothesis)


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


def _by_definition(features: GoalFeatures) -> Iterator[Move]:
    direct = [definition for definition in features.definitions if definition.direct]
    for definition in direct:
        if definition.recursive:
            yield from islice(functional_inductions(definition, [features.target.text]), 2)
    for definition in direct:
        if not definition.recursive:
            yield Move(f"unfold {definition.name}")


def _on_variables(features: GoalFeatures, recursive: Sequence[Hypothesis]) -> Iterator[Move]:
    """Induction where a type recurses, else case analysis; the user's own types first."""
    here = [h for h in recursive if h.in_target] or list(recursive)
    order = sorted(here, key=unlikely)
    for hypothesis in order:
        yield induction_on(hypothesis)
    for hypothesis in order:
        others = generalizable(hypothesis, features)
        if others:
            yield induction_on(hypothesis, others)
    for hypothesis in variables(features):
        if hypothesis.inductive and not hypothesis.inductive.recursive and hypothesis.in_target:
            yield cases_on(hypothesis)
    for hypothesis in order:
        yield cases_on(hypothesis)


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
