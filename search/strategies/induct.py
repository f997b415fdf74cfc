"""`induct`: the proof by induction that a person would begin with, its branches goals of their own.

Which variable, what it generalises, along which function or measure: read off the goal and the
recursive definitions in it. Unlike `induction`, which closes the branches itself within one
session, it is a drafter: every branch is a goal of the scheduler, open to all strategies.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lean.protocol import GoalFeatures, Hypothesis
from lean.workspace import Workspace
from search.accounts import Account
from search.drafting.draft import Draft, DraftRequest, Feedback
from search.strategies.closers import fresh
from search.strategies.inductions import at_values, general_inductions, is_name
from search.strategies.move import GOAL, Move
from search.strategies.strategy import Available, Weight

ROUNDS = 10
"""Drafts for one goal; the likeliest inductions are among the first three or four."""
HOLE = "sorry"
_MEASURES = {"List": "{}.length", "Array": "{}.size", "String": "{}.length"}
"""What grows with a value of these types."""


@dataclass(frozen=True, slots=True)
class Induct:
    """The drafter."""

    name: str = "induct"
    family: str = "structure"
    parameters: str = "{}"
    weight: Weight = "light"
    timeout: float = 60.0
    rounds: int = ROUNDS
    patience: int = ROUNDS

    def available(self, workspace: Workspace) -> Available:
        """Everywhere: all it needs is Lean."""
        return Available()

    def objection(self, request: DraftRequest, asked: bool) -> str:
        """It costs nothing but time."""
        return ""

    async def draft(
        self, request: DraftRequest, history: Sequence[Feedback], account: Account
    ) -> Draft | None:
        """The next induction that fits the goal; the likeliest first."""
        drafts = list(dict.fromkeys(_drafts(request)))
        return Draft(drafts[len(history)]) if len(history) < len(drafts) else None


def _drafts(request: DraftRequest) -> Iterator[str]:
    # Before the introduction the hypothesis of the induction is the more general one.
    yield from (_script("", move) for move in general_inductions(request.features))
    if request.opening:
        yield from (_script(request.opening, move) for move in general_inductions(request.opened))
    opened = request.opened
    for move in (*at_values(opened), *_on_measures(opened), *_on_terms(opened)):
        yield _script(request.opening, move)


def _script(before: str, move: Move) -> str:
    """The move with a hole for each of its goals, or one for all that it leaves."""
    places = GOAL in move.text
    text = move.text.replace(GOAL, HOLE) if places else f"{move.text} <;> {HOLE}"
    return f"{before}\n{text}" if before else text


def _on_measures(features: GoalFeatures) -> Iterator[Move]:
    """Strong induction on what a value measures."""
    for hypothesis in features.hypotheses:
        measure = _measure(hypothesis)
        if not (measure and hypothesis.in_target):
            continue
        taken = {h.name for h in features.hypotheses}
        size, key = fresh("n", taken), fresh("hn", taken)
        yield Move(
            f"generalize {key} : {measure} = {size}\n"
            f"induction {size} using Nat.strongRecOn generalizing {hypothesis.name} with\n"
            f"| _ {size} ih => {GOAL}"
        )


def _measure(hypothesis: Hypothesis) -> str:
    """A number that a smaller value has less of, or the empty string."""
    if hypothesis.kind != "data" or not hypothesis.accessible or not hypothesis.inductive:
        return ""
    inductive = hypothesis.inductive
    if inductive.name in _MEASURES:
        return _MEASURES[inductive.name].format(hypothesis.name)
    return f"sizeOf {hypothesis.name}" if inductive.recursive and inductive.name != "Nat" else ""


def _on_terms(features: GoalFeatures) -> Iterator[Move]:
    """Cases on what a `match` or an `if` of the target looks at."""
    for found in re.finditer(r"\bmatch (?P<term>[^,\n]+?) with", features.target.text):
        term = found["term"].strip()
        if not is_name(term):
            key = fresh("h", {h.name for h in features.hypotheses})
            yield Move(f"cases {key} : {term}")
    if "if " in features.target.text or "match " in features.target.text:
        yield Move("split")
