"""`recall`: scripts that were found elsewhere, tried here.

Which ones are likely is for whoever makes it to know; it only tries them.
"""

import hashlib
import json
from dataclasses import dataclass

from lean.goal import Goal
from lean.session import Session
from lean.workspace import Workspace
from search.budget import Budget
from search.strategies.minimise import minimised
from search.strategies.strategy import Available, Result, Weight
from search.strategies.tries import Tries

WHOLE_SHARE = 0.1
"""Of the budget's heartbeats, for one script: a whole proof is longer than a closer."""


@dataclass(frozen=True, slots=True)
class Recall:
    """The strategy. `candidates` are whole scripts, the likeliest first."""

    candidates: tuple[str, ...] = ()
    name: str = "recall"
    family: str = "memory"
    weight: Weight = "light"
    timeout: float = 8.0

    @property
    def parameters(self) -> str:
        """A hash of the candidates: with others it is another attempt."""
        said = "\0".join(self.candidates)
        return json.dumps({"candidates": hashlib.sha256(said.encode()).hexdigest()[:12]})

    def available(self, workspace: Workspace) -> Available:
        """Everywhere: all it needs is Lean."""
        return Available()

    async def run(self, goal: Goal, session: Session, budget: Budget) -> Result:
        """Try the candidates in their order. Raises SessionDied."""
        tries = Tries(goal, session, budget, WHOLE_SHARE)
        found = await tries.closes(self.candidates) if goal.proofs else None
        lines = await minimised(tries, found[0].split("\n")) if found else None
        return tries.result(self.name, lines, "no known script fits")
