"""`refute`: is the statement false? Then the search for a proof can stop, and the user know why.

The goal is closed over its context and negated; small values are put in for its variables until
Lean proves the negation. A refutation is a theorem that the kernel has checked, never a guess; a
goal not refuted may still be false.
"""

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from lean.errors import RequestRefused
from lean.goal import Goal
from lean.protocol import Binder, Hypothesis, Inductive, Negation
from lean.session import Session
from lean.workspace import Workspace
from search.budget import Budget
from search.strategies.refute_values import bare, by_size, values
from search.strategies.strategy import Available, Counterexample, Result, Weight
from search.strategies.tries import Tries

CANDIDATES = 400
"""Combinations of values tried on one goal."""
SCRIPT_SECONDS = 2.0
"""For one script, which takes milliseconds where it is any good."""
OUTRIGHT = ("decide", "simp", "omega", "intro h; simp at h", "intro h; omega", "grind")
"""Closers of the negation itself, for statements false without any choice of values."""
MOVE_ON = "intro ⟨y, hy⟩; have := hy (y + 1); omega"
BUILT = " | ".join(
    [*(f"exact ⟨{number}, by decide⟩" for number in range(4)), "(repeat constructor)"]
)
"""Shows a hypothesis that is an existential over numbers, or an inductive predicate."""


@dataclass(frozen=True, slots=True)
class Refute:
    """The strategy."""

    name: str = "refute"
    weight: Weight = "light"
    timeout: float = 4.0
    family: str = "refute"
    parameters: str = "{}"

    def available(self, workspace: Workspace) -> Available:
        """Everywhere: all it needs is Lean."""
        return Available()

    async def run(self, goal: Goal, session: Session, budget: Budget) -> Result:
        """Search a counterexample; a goal with several proof states is refuted with any of them."""
        started = time.monotonic()
        tries = Tries(goal, session, budget)
        found: Counterexample | None = None
        error = "no counterexample among small values"
        try:
            for proof in goal.proofs:
                try:
                    found = found or await _refutation(tries, proof)
                except RequestRefused as refusal:
                    error = f"the goal can't be negated: {refusal.message}"
        finally:
            session.discard(proofs=tries.made)
        return Result(
            success=found is not None,
            strategy=self.name,
            time_seconds=time.monotonic() - started,
            error="" if found else error,
            refutation=found,
            scripts_tried=tries.tried,
            heartbeats=tries.heartbeats,
        )


async def _refutation(tries: Tries, proof: int) -> Counterexample | None:
    negation = await tries.session.negate(proof)
    tries.made += [negation.proof, negation.opened]
    opened = (await tries.session.features(negation.opened, limit=1))[0]
    candidates = list(_candidates(negation, opened.hypotheses))
    # Values first: they tell the user more than a bare 'false'.
    definitions = [definition.name for definition in opened.definitions]
    for finisher in _finishers(definitions):
        scripts = {_instance(negation, chosen, finisher): chosen for chosen in candidates}
        script = await _proved(tries, negation, scripts)
        if script is not None:
            return Counterexample(_shown(negation, scripts[script]), script)
        if len(candidates) > CANDIDATES // 4:
            candidates = candidates[: CANDIDATES // 4]
    outright = [*OUTRIGHT, *([f"simp{_named(definitions)}"] if definitions else [])]
    script = await _proved(tries, negation, outright)
    return None if script is None else Counterexample((), script)


async def _proved(tries: Tries, negation: Negation, scripts: Iterable[str]) -> str | None:
    """The first script that proves the negation, if the kernel accepts what it made."""
    found = await tries.finishes(negation.proof, negation.goal, scripts, SCRIPT_SECONDS)
    if found is None or found[1].proof is None:
        return None
    sealed = await tries.session.seal(found[1].proof)
    accepted = sealed.ok and all(axiom.kind in ("standard", "library") for axiom in sealed.axioms)
    return found[0] if accepted else None


def _finishers(definitions: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What shows that the hypotheses hold at some values and the target does not; exact ones first.

    `definitions`: the document's own, which `decide` may not see through.
    """
    yield "decide", "decide"
    yield "simp", "simp"
    if definitions:
        unfolding = f"simp{_named(definitions)}"
        yield f"first | decide | {unfolding}", unfolding
    yield f"first | decide | simp | omega | {BUILT}", "omega"
    yield "first | decide | simp | omega | grind", f"first | grind | ({MOVE_ON})"


def _named(definitions: Sequence[str]) -> str:
    return f" [{', '.join(definitions)}]"


def _candidates(negation: Negation, hypotheses: Sequence[Hypothesis]) -> Iterator[tuple[str, ...]]:
    """Values for the binders that want one, in their order, small ones first."""
    inductives: dict[str, Inductive] = {}
    for hypothesis in hypotheses:
        if hypothesis.inductive and hypothesis.kind == "data":
            inductives[" ".join(hypothesis.type.split())] = hypothesis.inductive
            inductives[hypothesis.inductive.name] = hypothesis.inductive
    wanted = [binder for binder in negation.binders if binder.kind in ("data", "type")]
    types = [binder for binder in wanted if binder.kind == "type"]
    for assignment in by_size([values(b.type, inductives) for b in types], 4):
        chosen = dict(zip((b.name for b in types), assignment, strict=True))
        choices = [
            [chosen[binder.name]]
            if binder.name in chosen
            else values(_substituted(binder.type, chosen), _instantiated(inductives, chosen))
            for binder in wanted
        ]
        yield from by_size(choices, CANDIDATES)


def _substituted(text: str, chosen: dict[str, str]) -> str:
    for name, value in chosen.items():
        text = re.sub(rf"(?<![\w.]){re.escape(name)}(?![\w'])", value.replace("\\", r"\\"), text)
    return text


def _instantiated(inductives: dict[str, Inductive], chosen: dict[str, str]) -> dict[str, Inductive]:
    """The same types with the chosen type arguments in their names and fields."""
    return {
        _substituted(text, chosen): replace(
            inductive,
            constructors=tuple(
                replace(
                    constructor,
                    fields=tuple(
                        replace(field, type=_substituted(field.type, chosen))
                        for field in constructor.fields
                    ),
                )
                for constructor in inductive.constructors
            ),
        )
        for text, inductive in inductives.items()
    }


def _instance(negation: Negation, chosen: Sequence[str], finisher: tuple[str, str]) -> str:
    """The script: the statement at these values, its hypotheses discharged, is absurd."""
    discharge, finish = finisher
    rest = iter(chosen)
    arguments = []
    for binder in negation.binders:
        if binder.kind in ("data", "type"):
            arguments.append(next(rest))
        elif binder.kind == "instance":
            arguments.append("inferInstance")
        else:
            arguments.append(f"(by {discharge})")
    applied = " ".join(["@h", *arguments])
    return f"intro h\nhave key := {applied}\nrevert key\n{finish}"


def _shown(negation: Negation, chosen: Sequence[str]) -> tuple[tuple[str, str], ...]:
    wanted: list[Binder] = [b for b in negation.binders if b.kind in ("data", "type")]
    return tuple((b.name, bare(value)) for b, value in zip(wanted, chosen, strict=True))
