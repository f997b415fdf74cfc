"""`GoalKey`: what a goal says, as a short text that names, order and spacing don't change.

Two holes with one key ask for the same proof, once the hypotheses are renamed. The text is Lean's
own (the driver's `canonical`); a key proves nothing, so what is found under it is verified again.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lean.canonical_order import Ordering, closure, tokens_of
from lean.protocol import CanonicalGoal
from lean.session import Session

VERSION = "1"
"""Part of every key: to be raised when keys of the same goal become others."""


@dataclass(frozen=True, slots=True)
class GoalKey:
    """A goal's key, and that of its `core`: the goal without the hypotheses it can't depend on.

    Both are 32 hexadecimal digits, the same when no hypothesis is unused. `canonical` is the text
    behind `key`. `hypotheses` are the display names in canonical order, "" for those that a script
    can't name. `surroundings` changes with the declarations above the hole.
    """

    key: str
    core: str
    canonical: str
    hypotheses: tuple[str, ...]
    surroundings: str


@dataclass(frozen=True, slots=True)
class KeyedGoal:
    """The key of a single goal; `core_hypotheses` are the indices (in context order) it needs."""

    key: str
    core: str
    canonical: str
    hypotheses: tuple[str, ...]
    core_hypotheses: tuple[int, ...]


async def goal_key(session: Session, proofs: Sequence[int]) -> GoalKey:
    """The key of the goals of `proofs`: the proof states of one hole, which one script must prove.

    Raises RequestRefused, SessionDied or ProtocolError.
    """
    answers = [await session.canonical(proof) for proof in proofs]
    found = {keyed.key: keyed for answer in answers for keyed in map(key_of, answer.goals)}
    surroundings = answers[0].surroundings if answers else ""
    goals = [found[key] for key in sorted(found)]
    if len(goals) == 1:
        goal = goals[0]
        return GoalKey(goal.key, goal.core, goal.canonical, goal.hypotheses, surroundings)
    return GoalKey(
        _hash("goals", [goal.key for goal in goals]),
        _hash("goals", sorted({goal.core for goal in goals})),
        "\n\n".join(goal.canonical for goal in goals),
        tuple(name for goal in goals for name in goal.hypotheses),
        surroundings,
    )


def key_of(goal: CanonicalGoal) -> KeyedGoal:
    """The key of one goal. One that is too large for canonical text has a key of its display."""
    if goal.too_large:
        said = [f"{definition.name} = {definition.digest}" for definition in goal.definitions]
        key = _hash("display", [goal.display, goal.target, *sorted(said)])
        return KeyedGoal(key, key, goal.display, (), ())
    core, names = _core(goal), script_names(goal)
    ordering = Ordering(goal)
    ordering.place(core)
    core_text = _text(goal, ordering)
    ordering.place(range(len(goal.hypotheses)))
    text = _text(goal, ordering)
    return KeyedGoal(
        key=_hash("goal", [text]),
        core=_hash("goal", [core_text]),
        canonical=text,
        hypotheses=tuple(names[index] for index in ordering.order),
        core_hypotheses=tuple(sorted(core)),
    )


def script_names(goal: CanonicalGoal) -> tuple[str, ...]:
    """The name by which a script reaches each hypothesis, in context order; "" when none does."""
    names = [hypothesis.name if hypothesis.accessible else "" for hypothesis in goal.hypotheses]
    # The last of one name hides the others.
    return tuple("" if name in names[index + 1 :] else name for index, name in enumerate(names))


def _core(goal: CanonicalGoal) -> set[int]:
    """What the target mentions, then every proposition and instance that shares a variable with it.

    A target without variables (`False`, most often) says nothing of what matters: all propositions
    do. So do those that have no variables themselves.
    """

    def needs(index: int) -> Sequence[int]:
        return goal.hypotheses[index].needs

    core = closure(goal.needs, needs)
    facts = [i for i, fact in enumerate(goal.hypotheses) if fact.kind in ("prop", "instance")]
    while True:
        more = [
            index
            for index in facts
            if index not in core
            and (not core or not needs(index) or not core.isdisjoint(needs(index)))
        ]
        if not more:
            return core
        core |= closure(more, needs)


def _text(goal: CanonicalGoal, ordering: Ordering) -> str:
    target, *hypotheses = ordering.texts()
    return "\n".join([*hypotheses, f"⊢ {target}", *_definitions(goal, [target, *hypotheses])])


def _definitions(goal: CanonicalGoal, texts: Iterable[str]) -> list[str]:
    """What the document says of its own constants in `texts`, a line each."""
    known = {definition.name: definition for definition in goal.definitions}
    waiting = [token for text in texts for token in tokens_of(text) if token in known]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [used for used in known[name].uses if used in known]
    return [f"{name} = {known[name].digest}" for name in sorted(found)]


def _hash(kind: str, texts: Iterable[str]) -> str:
    said = "\0".join([VERSION, kind, *texts])
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()
