"""A goal where it stands: in the current text of its file, on whatever session is at hand.

Texts change while a goal is searched; what was found in an older one is judged again in the
current one. What is searched, and in which order, is `search.pursuit`'s business.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from lean.document import Document
from lean.goal import Failures
from lean.hole import Hole
from lean.positions import SourceText
from search import refutation
from search.attempt import Judge, Place
from search.desk import Desk
from search.events import GoalHandle, GoalVerdict
from search.jobs import Job, JobQueue, Outcome, Urgency
from search.records import Fingerprint
from search.remembered import recalled_with
from search.strategies.strategy import Weight

Locate = Callable[[Desk, SourceText, GoalHandle], Awaitable[tuple[Document, Hole]]]
"""Finds a goal of a text at a desk."""


async def in_its_text(desk: Desk, source: SourceText, goal: GoalHandle) -> tuple[Document, Hole]:
    """The usual way: its text is elaborated there."""
    return await desk.hole(goal.path, source, goal.hole)


class Standing:
    """One goal in its text, which may change at any time. `rank` orders it among other goals."""

    def __init__(
        self,
        goal: GoalHandle,
        source: SourceText,
        fingerprint: Fingerprint,
        queue: JobQueue,
        judge: Callable[[], Judge],
        rank: Callable[[GoalHandle], tuple[float, ...]],
        locate: Locate = in_its_text,
    ) -> None:
        self.goal = goal
        self.fingerprint = fingerprint
        self.failures: Failures = {}
        """Scripts that are known to fail here."""
        self.source = source
        self._fingerprints = {goal.revision: fingerprint}
        self._queue = queue
        self._judge = judge
        self._rank = rank
        self._locate = locate

    def move_to(self, goal: GoalHandle, source: SourceText, fingerprint: Fingerprint) -> None:
        """The same goal now stands in another text."""
        if fingerprint != self.fingerprint:
            # What failed before may work with what has been declared meanwhile.
            self.failures = {}
        self.goal, self.source, self.fingerprint = goal, source, fingerprint
        self._fingerprints[goal.revision] = fingerprint

    def fingerprint_of(self, revision: int) -> Fingerprint:
        """The fingerprint that the goal had in a revision of its text."""
        return self._fingerprints.get(revision, self.fingerprint)

    def rank(self) -> tuple[float, ...]:
        """Its place among all goals, now."""
        return self._rank(self.goal)

    async def place(self, desk: Desk) -> Place:
        """Where it stands at a desk. Raises SessionDied, ProtocolError, WorkspaceError."""
        handle = self.goal
        document, hole = await self._locate(desk, self.source, handle)
        return Place(desk.session, document, hole, handle)

    async def do(
        self,
        work: Callable[[Desk], Awaitable[Outcome]],
        urgency: Urgency = Urgency.ASKED,
        weight: Weight | None = None,
    ) -> Outcome:
        """Have something short done before any strategy; with a `weight`, in turn with those.

        Raises what it raises.
        """
        return await self._queue.do(Job(self.goal.path, work, urgency, weight, self.rank))

    async def do_at(
        self,
        work: Callable[[Place], Awaitable[Any]],
        urgency: Urgency = Urgency.ASKED,
        weight: Weight | None = None,
    ) -> Any:  # noqa: ANN401
        """The same, where it stands."""

        async def at(desk: Desk) -> object:
            return await work(await self.place(desk))

        return await self.do(at, urgency, weight)

    async def in_current_text(self, found: GoalVerdict) -> GoalVerdict | None:
        """The same find, judged where the goal stands now; None when it does not hold there."""
        current: GoalVerdict | None = found
        while current is not None and current.goal.revision != self.goal.revision:
            current = await self.do_at(lambda place: self._judged(place, found))
        return current

    async def _judged(self, place: Place, found: GoalVerdict) -> GoalVerdict | None:
        judge = self._judge()
        if found.counterexample is not None:
            wrong = await refutation.objection(
                place.session, place.hole, found.counterexample, judge.policy, judge.unproved
            )
            return None if wrong else replace(found, goal=place.handle)
        if found.helper:
            verdict = await recalled_with(place, found.helper, found.script, judge)
        else:
            verdict = await judge.verdict_on(place, found.script)
        if verdict.kind != "proved":
            return None
        return replace(verdict, strategy=found.strategy, cached=found.cached)
