"""`Closing`: the closers of one family, on the goal as it stands.

Six strategies, one a family. What the closers are is `closers`; goals below this one are the search
over proof states (`structure`).
"""

from dataclasses import dataclass

from lean.goal import Goal
from lean.session import Session
from lean.workspace import Workspace
from search.budget import Budget
from search.strategies.closers import PROBED, Family, as_suggested, closers_of, is_search
from search.strategies.minimise import minimised
from search.strategies.strategy import Available, Result, Weight
from search.strategies.tries import Tries, parsed


@dataclass(frozen=True, slots=True)
class Closing:
    """The strategy; `family` says which closers it tries."""

    name: str
    family: Family
    parameters: str = "{}"
    weight: Weight = "light"
    timeout: float = 8.0

    def available(self, workspace: Workspace) -> Available:
        """Everywhere: all it needs is Lean."""
        return Available()

    async def run(self, goal: Goal, session: Session, budget: Budget) -> Result:
        """Try the closers that fit `goal`, best first. Raises SessionDied.

        A hole that stands for several goals (`<;> sorry`) needs one script for all of them.
        """
        tries = Tries(goal, session, budget)
        lines = await self._lines(tries) if goal.proofs else None
        if lines is not None:
            lines = await minimised(tries, lines)
        return tries.result(self.name, lines, "no closer of this family fits")

    async def _lines(self, tries: Tries) -> list[str] | None:
        features = (await tries.goal.features(tries.session))[0]
        scripts = closers_of(self.family, features, await self._probed(tries))
        if len(tries.goal.proofs) > 1:
            flat = [script for script in scripts if not is_search(script)]
            scripts = [*flat, *(f"intros; {script}" for script in flat)]
        found = await tries.closes(scripts)
        if found is not None and is_search(found[0]):
            found = await tries.closes(as_suggested(found[0], found[1].suggestions))
        return found[0].split("\n") if found else None

    async def _probed(self, tries: Tries) -> frozenset[str]:
        """Which of the family's tactics of other libraries there are."""
        wanted = [tactic for tactic, family in PROBED.items() if family == self.family]
        return await parsed(tries.session, tries.goal.proofs[0], wanted)
