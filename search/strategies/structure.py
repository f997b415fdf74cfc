"""`structure`, `induction` and `deep`: proofs of several steps, by one search at three settings.

The search is `proof_search`; the moves, and which of them come first, are `moves`.
"""

from dataclasses import dataclass

from lean.goal import Goal
from lean.session import Session
from lean.workspace import Workspace
from search.budget import Budget
from search.strategies.minimise import minimised
from search.strategies.moves import inductive_moves, moves
from search.strategies.proof_search import ProofSearch
from search.strategies.strategy import Available, Result, Weight
from search.strategies.tries import SCRIPT_SHARE, Tries


@dataclass(frozen=True, slots=True)
class Structure:
    """The strategy.

    `depth`: moves below one another that count. `share` of the budget's heartbeats is for each
    script. `inductive`: induction comes first. `thorough`: closers are tried on the goal itself
    too, and leaves are looked up in the library.
    """

    name: str = "structure"
    depth: int = 4
    share: float = SCRIPT_SHARE
    inductive: bool = False
    thorough: bool = False
    weight: Weight = "light"
    timeout: float = 8.0
    family: str = "structure"
    parameters: str = "{}"

    def available(self, workspace: Workspace) -> Available:
        """Everywhere: all it needs is Lean."""
        return Available()

    async def run(self, goal: Goal, session: Session, budget: Budget) -> Result:
        """Search a proof of `goal`. Raises SessionDied; proof states it made are dropped.

        A hole that stands for several goals (`<;> sorry`) is not its business: no structure is
        likely to fit them all.
        """
        tries = Tries(goal, session, budget, self.share)
        lines: list[str] | None = None
        error = "no structure within the budget fits"
        try:
            if len(goal.proofs) == 1:
                lines = await self._lines(tries)
            else:
                error = "the hole stands for several goals"
            if lines is not None:
                lines = await minimised(tries, lines)
        finally:
            session.discard(proofs=tries.made)
        return tries.result(self.name, lines, error)

    async def _lines(self, tries: Tries) -> list[str] | None:
        search = ProofSearch(
            tries, inductive_moves if self.inductive else moves, library=self.thorough
        )
        depths = range(1, self.depth + 1)
        return await search.deepened(tries.goal.proofs[0], depths, moved=not self.thorough)
