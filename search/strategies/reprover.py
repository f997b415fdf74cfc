"""`reprover`: tactics that a model writes when it is shown premises that may help.

Which premises is for a retriever to say (vectors, or ranking by symbols); the model is one that has
learned to read them. Without premises it is `copilot`.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from lean.goal import Goal
from lean.protocol import GoalFeatures
from lean.session import Session
from lean.workspace import Workspace
from search.budget import Budget
from search.drafting.draft import Lemma
from search.generation.generator import Generator
from search.generation.model_store import no_model
from search.generation.premise_text import augmented_input
from search.strategies.best_first import BestFirst
from search.strategies.generated import TACTIC_SHARE, TOGETHER, Generated, cheap_closers
from search.strategies.minimise import minimised
from search.strategies.strategy import Available, Result, Unavailable, Weight
from search.strategies.tries import Tries

PREMISES = 12
"""Premises that the model is shown with a goal."""


class Retriever(Protocol):
    """Whoever knows which premises may help with a goal."""

    @property
    def ranker(self) -> str:
        """What it ranks by at present, in a few words: `vectors`, or `symbols`."""

    async def premises(
        self, goal: Goal, session: Session, features: GoalFeatures, count: int
    ) -> Sequence[Lemma]:
        """At most `count` theorems that may be used at `goal`, the likeliest for `features` (which
        may be a goal below it) first.
        """


@dataclass(frozen=True, slots=True)
class Reprover:
    """The strategy."""

    generator: Generator | None = None
    retriever: Retriever | None = None
    name: str = "reprover"
    family: str = "generation"
    weight: Weight = "heavy"
    timeout: float = 60.0

    @property
    def parameters(self) -> str:
        """Which model, and what premises are ranked by."""
        ranker = self.retriever.ranker if self.retriever else ""
        model = self.generator.fingerprint("reprover") if self.generator else ""
        return json.dumps({"model": model, "ranker": ranker})

    def available(self, workspace: Workspace) -> Available | Unavailable:
        """Where there is a model for goals with premises, and something that finds premises."""
        if self.retriever is None:
            return Unavailable("There is nothing to find premises with.")
        missing = str(no_model("", "reprover"))
        problem = self.generator.problem("reprover") if self.generator else missing
        return Unavailable(problem) if problem else Available()

    async def run(self, goal: Goal, session: Session, budget: Budget) -> Result:
        """Search a proof of `goal`. Raises SessionDied, and ModelError when the model can't answer;
        proof states it made are dropped.
        """
        tries = Tries(goal, session, budget, TACTIC_SHARE)
        lines: list[str] | None = None
        error, shown = "the hole stands for several goals", frozenset[str]()
        try:
            if len(goal.proofs) == 1 and self.generator and self.retriever:
                told = _Told(self.retriever, goal, session)
                proposer = Generated(self.generator, told.text, budget, "reprover")
                search = BestFirst(tries, proposer, batch=TOGETHER, closers=cheap_closers)
                lines = await search.run(goal.proofs[0])
                error = f"no tactics lead to a proof (premises ranked by {self.retriever.ranker})"
                shown = frozenset(told.shown)
            if lines is not None:
                lines = await minimised(tries, lines)
        finally:
            session.discard(proofs=tries.made)
        premises = tuple(sorted(name for name in shown if _names(lines or (), name)))
        return tries.result(self.name, lines, error, premises)


@dataclass(slots=True)
class _Told:
    """What the model is told in one run; `shown` are the premises in it."""

    retriever: Retriever
    goal: Goal
    session: Session
    shown: set[str] = field(default_factory=set)

    async def text(self, features: GoalFeatures) -> str:
        """A goal with its premises."""
        found = await self.retriever.premises(self.goal, self.session, features, PREMISES)
        self.shown.update(lemma.name for lemma in found)
        return augmented_input(features.display, [(lemma.name, lemma.statement) for lemma in found])


def _names(lines: Sequence[str], name: str) -> bool:
    """Does a script name a premise, in full?"""
    return re.search(rf"(?<![\w.]){re.escape(name)}(?![\w'!?])", "\n".join(lines)) is not None
