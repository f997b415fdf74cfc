"""Draft, look what Lean makes of it, draft again: the loop of one drafter on one goal.

Lean decides, here as everywhere: a draft counts for as many holes as are proved. The loop ends
with a proof, when there is nothing more to propose, when rounds, seconds or budgets are used up,
and when drafts no longer get better.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from search.accounts import Account, BudgetExceeded
from search.drafting.draft import Draft, Drafter, DraftFailed, DraftRequest, Feedback
from search.events import GoalVerdict

Fill = Callable[
    [Draft, float], Awaitable[tuple[GoalVerdict | None, Feedback, tuple[GoalVerdict, ...]]]
]
"""What comes of a draft whose holes may be searched for so many seconds (`Filling.fill`)."""
LEAST = 1.0
"""Seconds below which another draft is not worth asking for."""
WORST = 10**6
"""Open holes of a draft that does not elaborate."""


@dataclass(slots=True)
class DraftLoop:
    """One run. `seconds`: of all searches of holes together, of which a draft may use `share`."""

    drafter: Drafter
    request: DraftRequest
    fill: Fill
    account: Account
    seconds: float
    share: float = 0.5
    history: list[Feedback] = field(default_factory=list)
    searched: float = 0.0
    """Seconds spent on holes."""
    reason: str = ""
    """Why it has ended without a proof."""
    failed: bool = False
    """Has it ended because no draft could be had? That says nothing about the goal."""

    async def run(self) -> GoalVerdict | None:
        """The verdict on the goal when a draft proves it. Raises LeanError."""
        best, since = WORST + 1, 0
        for _ in range(self.drafter.rounds):
            left = self.seconds - self.searched
            if left < LEAST:
                self.reason = "its time is used up"
                return None
            draft = await self._draft()
            if draft is None:
                return None
            if any(draft.script == feedback.draft.script for feedback in self.history):
                verdict, feedback = None, Feedback(draft, ("it was proposed before",))
            else:
                verdict, feedback, holes = await self.fill(draft, self._allowed(left))
                self.searched += sum(hole.searched for hole in holes)
            if verdict is not None:
                return verdict
            self.history.append(feedback)
            still = WORST if feedback.errors else len(feedback.open)
            best, since = (still, 0) if still < best else (best, since + 1)
            if since >= self.drafter.patience:
                self.reason = f"{since} drafts in a row were no better than one before"
                return None
        self.reason = f"{self.drafter.rounds} drafts did not prove it"
        return None

    def _allowed(self, left: float) -> float:
        return max(min(left, LEAST), left * self.share)

    async def _draft(self) -> Draft | None:
        try:
            draft = await self.drafter.draft(self.request, self.history, self.account)
        except (BudgetExceeded, DraftFailed) as failure:
            self.reason, self.failed = str(failure), True
            return None
        if draft is None:
            self.reason = "there is nothing more to propose"
        return draft
