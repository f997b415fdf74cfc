"""Tactics that a model writes, as proposals for a search.

What the model is told of a goal differs between strategies; what becomes of its answers does not.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from lean.process import within
from lean.protocol import GoalFeatures
from search.budget import Budget
from search.generation.generator import Candidate
from search.generation.goal_text import tactic_of, usable_names
from search.generation.model_settings import Role
from search.strategies.best_first import Proposal
from search.strategies.closers import closers

SUGGESTIONS = 8
"""Tactics for one goal."""
BEAMS = 4
"""Of the search for them; CTranslate2 needs as many as there are suggestions, and takes those."""
LONGEST = 128
"""Bytes of a tactic."""
TOGETHER = 4
"""States of the frontier for which the model is asked at once: 1.2 s with the largest one."""
TACTIC_SHARE = 0.02
"""Of the budget's heartbeats, for one tactic: 4,000 of the usual 200,000."""


class Model(Protocol):
    """Whoever answers texts with texts; `search.generation.generator.Generator` does."""

    async def generate(
        self, texts: Sequence[str], beams: int, candidates: int, longest: int, role: Role
    ) -> list[list[Candidate]]:
        """Answers for each text, best first. Raises ModelError."""


@dataclass(frozen=True, slots=True)
class Generated:
    """Proposes what a model says to `told(goal)`; nothing when the budget ends meanwhile.

    All goals are put to the model together.
    """

    model: Model
    told: Callable[[GoalFeatures], Awaitable[str]]
    budget: Budget
    role: Role = "generator"

    async def propose(self, goals: Sequence[GoalFeatures]) -> list[list[Proposal]]:
        """Tactics for each of the goals, best first. Raises ModelError."""
        try:
            answers = await within(self.budget.left, self.budget.clock, self._answers(goals))
        except TimeoutError:
            return [[] for _ in goals]
        return [_proposals(goal, said) for goal, said in zip(goals, answers, strict=True)]

    async def _answers(self, goals: Sequence[GoalFeatures]) -> list[list[Candidate]]:
        texts = [await self.told(goal) for goal in goals]
        return await self.model.generate(texts, BEAMS, SUGGESTIONS, LONGEST, self.role)


def cheap_closers(features: GoalFeatures) -> Iterable[str]:
    """Scripts that nobody need be asked for."""
    return closers(features, search=False, cheap=True)


def _proposals(goal: GoalFeatures, said: Sequence[Candidate]) -> list[Proposal]:
    """The tactics that the answers mean for a goal, each once."""
    names = usable_names(goal)
    best: dict[str, float] = {}
    for candidate in said:
        if tactic := tactic_of(candidate.text, names):
            best.setdefault(tactic, min(0.0, candidate.log_probability))
    return [Proposal(tactic, score) for tactic, score in best.items()]
