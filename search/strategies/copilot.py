"""`copilot`: tactics that a model writes, searched for a proof.

Where the workspace depends on LeanCopilot its own tactics come first (`lean_copilot`); otherwise,
and where those find nothing, our search asks our model (`search.generation`).
"""

import json
from dataclasses import dataclass

from lean.goal import Goal
from lean.protocol import GoalFeatures
from lean.session import Session
from lean.workspace import Workspace
from search.budget import Budget
from search.generation.generator import Generator
from search.generation.goal_text import model_input
from search.generation.model_store import no_model
from search.strategies.best_first import BestFirst
from search.strategies.generated import TACTIC_SHARE, TOGETHER, Generated, cheap_closers
from search.strategies.lean_copilot import depends_on_it, proved_by_it
from search.strategies.minimise import minimised
from search.strategies.strategy import Available, Result, Unavailable, Weight
from search.strategies.tries import Tries


@dataclass(frozen=True, slots=True)
class Copilot:
    """The strategy. Without a `generator` it needs LeanCopilot."""

    generator: Generator | None = None
    name: str = "copilot"
    family: str = "generation"
    weight: Weight = "heavy"
    timeout: float = 20.0

    @property
    def parameters(self) -> str:
        """Which model: with another one it is another attempt."""
        return json.dumps({"model": self.generator.fingerprint() if self.generator else ""})

    def available(self, workspace: Workspace) -> Available | Unavailable:
        """Where there is LeanCopilot or a model."""
        if depends_on_it(workspace):
            return Available()
        problem = self.generator.problem() if self.generator else str(no_model(""))
        return Unavailable(problem) if problem else Available()

    async def run(self, goal: Goal, session: Session, budget: Budget) -> Result:
        """Search a proof of `goal`. Raises SessionDied, and ModelError when the model can't answer;
        proof states it made are dropped.
        """
        tries = Tries(goal, session, budget, TACTIC_SHARE)
        lines: list[str] | None = None
        error = "no tactics of the model lead to a proof"
        try:
            if len(goal.proofs) != 1:
                error = "the hole stands for several goals"
            else:
                lines = await proved_by_it(tries)
                if lines is None and self.generator and not budget.exhausted:
                    lines = await _by_model(self.generator, tries)
            if lines is not None:
                lines = await minimised(tries, lines)
        finally:
            session.discard(proofs=tries.made)
        return tries.result(self.name, lines, error)


async def _by_model(generator: Generator, tries: Tries) -> list[str] | None:
    proposer = Generated(generator, _told, tries.budget)
    search = BestFirst(tries, proposer, batch=TOGETHER, closers=cheap_closers)
    return await search.run(tries.goal.proofs[0])


async def _told(features: GoalFeatures) -> str:
    return model_input(features)
