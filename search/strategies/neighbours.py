"""`neighbours`: what proofs of goals like this one did, step by step.

It learns nothing itself: the steps are in an index (`search.learning`), which grows while people
write and the engine proves. A step that fits is tried with the names of the goal at hand, and the
search goes on with what it leaves.
"""

import json
import math
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from lean.goal import Goal
from lean.protocol import GoalFeatures
from lean.session import Session
from lean.workspace import Workspace
from search.budget import Budget
from search.learning.naming import naming
from search.learning.step_index import Candidate, StepIndex
from search.strategies.best_first import BestFirst, Proposal
from search.strategies.closers import closers
from search.strategies.minimise import minimised
from search.strategies.strategy import Available, Result, Weight
from search.strategies.tries import Tries

PROPOSALS = 12
"""Tactics tried on one goal."""
VARIED = 3
"""Tactics, the likeliest, of which there are variants with other premises."""
OTHER_PREMISES = 4
"""Premises tried in the place of one that was named elsewhere."""
OTHER_PREMISE = math.log(0.5)
"""Added to the score of a tactic with the first of other premises, twice that with the second."""
NAMING = -0.05
"""The score of giving names to hypotheses that have none: it is right whenever it is possible."""


PremisesFor = Callable[[Session, int, GoalFeatures, int], Awaitable[Sequence[str]]]
"""The full names of at most so many premises for a goal, the likeliest first; the session and the
proof state say what is in sight."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """Proposes what steps of the index did, for goals below that of `tries`.

    Steps of the declarations in `exclude` are as if they had never been.
    """

    index: StepIndex
    tries: Tries
    exclude: Collection[str] = ()
    premises: PremisesFor | None = None

    async def propose(self, goals: Sequence[GoalFeatures]) -> list[list[Proposal]]:
        """Tactics for each of the goals, best first. Raises what `premises` raises."""
        return [await self._for_goal(goal) for goal in goals]

    async def _for_goal(self, goal: GoalFeatures) -> list[Proposal]:
        path, declaration = self.tries.goal.path, self.tries.goal.hole.declaration
        candidates = self.index.query(goal, path, declaration, PROPOSALS, self.exclude)
        found = [Proposal(one.tactic, one.score) for one in candidates]
        if names := naming(goal):
            found.append(Proposal(names, NAMING))
        found += await self._with_others(candidates, goal)
        return sorted(found, key=lambda proposal: -proposal.score)

    async def _with_others(
        self, candidates: Sequence[Candidate], goal: GoalFeatures
    ) -> list[Proposal]:
        """The likeliest tactics with other premises in the place of theorems that they name."""
        likeliest = [one for one in candidates[:VARIED] if one.filled.theorems]
        if not likeliest or self.premises is None or self.tries.budget.exhausted:
            return []
        session, proof = self.tries.session, self.tries.goal.proofs[0]
        names = await self.premises(session, proof, goal, OTHER_PREMISES)
        return [
            Proposal(one.filled.with_premise(number, name), one.score + OTHER_PREMISE * (1 + rank))
            for one in likeliest
            for number in one.filled.theorems[:1]
            for rank, name in enumerate(names)
            if name not in one.filled.premises
        ]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The strategy. `exclude`: declarations whose steps are left out, and those of the goal's own
    declaration too unless `own`. `premises` finds others in the place of those that are named.
    """

    index: StepIndex
    premises: PremisesFor | None = None
    exclude: frozenset[str] = frozenset()
    own: bool = True
    name: str = "neighbours"
    family: str = "memory"
    weight: Weight = "light"
    timeout: float = 8.0

    @property
    def parameters(self) -> str:
        """How much there is to learn from, roughly: with twice as much it is another attempt."""
        return json.dumps({"steps": self.index.revision})

    def available(self, workspace: Workspace) -> Available:
        """Everywhere: all it needs is Lean, and proofs to learn from, which may yet come."""
        return Available()

    async def run(self, goal: Goal, session: Session, budget: Budget) -> Result:
        """Search a proof of `goal`. Raises SessionDied; proof states it made are dropped."""
        tries = Tries(goal, session, budget)
        lines: list[str] | None = None
        error = "no step of another proof leads to one"
        try:
            if not len(self.index):
                error = "nothing to learn from yet"
            elif len(goal.proofs) != 1:
                error = "the hole stands for several goals"
            else:
                lines = await self._lines(tries)
            if lines is not None:
                lines = await minimised(tries, lines)
        finally:
            session.discard(proofs=tries.made)
        return tries.result(self.name, lines, error)

    async def _lines(self, tries: Tries) -> list[str] | None:
        own = frozenset() if self.own else frozenset({tries.goal.hole.declaration})
        remembered = Remembered(self.index, tries, self.exclude | own, self.premises)
        search = BestFirst(tries, remembered, closers=_cheap)
        return await search.run(tries.goal.proofs[0])


def _cheap(goal: GoalFeatures) -> Iterable[str]:
    return closers(goal, search=False, cheap=True)
