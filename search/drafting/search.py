"""The drafters' part of the search of one goal: each in turn, as long as there is time for it.

What a drafter proposes is filled by `search.drafting.filling`, in the loop of
`search.drafting.loop`; what came of each is told as an attempt, like that of any strategy.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from lean.errors import LeanError
from search.accounts import Account
from search.attempt import Place
from search.drafting.draft import Drafter, DraftRequest, Feedback
from search.drafting.filling import Filling
from search.drafting.loop import DraftLoop
from search.drafting.request import Premises, draft_request
from search.events import Attempt, GoalVerdict
from search.records import AttemptOutcome

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DraftedSearch:
    """The drafters on one goal. `record` writes an attempt down."""

    filling: Filling
    account: Account
    premises: Premises
    record: Callable[[Attempt], Awaitable[None]]

    async def run(
        self, drafters: Sequence[Drafter], seconds: float, asked: bool = False
    ) -> GoalVerdict | None:
        """The verdict on the goal when one of them proves it; each may search so many seconds.

        `asked`: somebody wants this goal. Raises LeanError when no session can be had.
        """
        if not drafters or len(self.filling.standing.goal.hole.proofs) != 1:
            return None
        request: DraftRequest = await self.filling.standing.do_at(self._request)
        for drafter in drafters:
            if drafter.objection(request, asked):
                continue
            verdict = await self._run(drafter, request, seconds)
            if verdict is not None:
                return verdict
        return None

    async def _run(
        self, drafter: Drafter, request: DraftRequest, seconds: float
    ) -> GoalVerdict | None:
        started_at, started = time.time(), time.monotonic()
        loop = DraftLoop(drafter, request, self.filling.fill, self.account, seconds)
        verdict = None
        try:
            verdict = await loop.run()
        except LeanError as error:
            loop.reason, loop.failed = str(error), True
        except Exception as failure:
            # The boundary between the engine and any drafter: its faults must not end the search.
            loop.reason, loop.failed = f"it broke ({type(failure).__name__})", True
            logger.exception("drafter %s broke", drafter.name)
        outcome: AttemptOutcome = "error" if loop.failed else "failed"
        best = min(loop.history, key=_badness, default=None)
        attempted = Attempt(
            drafter.name,
            "proved" if verdict else outcome,
            drafter.parameters,
            script=verdict.script if verdict else "",
            reason="" if verdict else loop.reason,
            # Where work is what counts, a watch tells something else.
            seconds=loop.searched if self.filling.one_by_one else time.monotonic() - started,
            scripts_tried=len(loop.history) + 1,
            budget_seconds=seconds,
            remaining=tuple(hole.goal for hole in best.open) if best else (),
            started_at=started_at,
        )
        await self.record(attempted)
        return replace(verdict, strategy=drafter.name) if verdict else None

    async def _request(self, place: Place) -> DraftRequest:
        standing = self.filling.standing
        failed = standing.failures.get(place.handle.text, {})
        return await draft_request(place, failed, self.premises)


def _badness(feedback: Feedback) -> tuple[bool, int]:
    return bool(feedback.errors), len(feedback.open)
