"""The ways around a goal that resists: helper lemmas above it, and drafts of its proof.

Both make goals of their own, which are searched like any other.
"""

import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any

from lean.positions import SourceText
from search.attempt import Place
from search.desk import Desk
from search.drafting import filling
from search.drafting.search import DraftedSearch
from search.events import Attempt, GoalHandle, GoalVerdict
from search.helper_proof import HelperProof
from search.helping import Helping
from search.jobs import Urgency
from search.remembered import LEMMA, with_helper
from search.scheduler import Tried
from search.settings import Effort
from search.standing import Locate, Standing, in_its_text
from search.statements import stated_hole
from search.strategies.strategy import Weight
from search.surroundings import Surroundings
from search.tickets import PATH_PREFIX, Ticket

TICKET_SHARE = 0.5
"""The part of a goal's seconds that the search of each of its helper lemmas may take."""

Search = Callable[[GoalHandle, SourceText, Effort, Locate], Awaitable[GoalVerdict]]
"""A search of a goal that serves this one."""


class Detours:
    """Those of one goal. `attempts` are all that were made on it, `record` adds one and writes it
    down.
    """

    def __init__(
        self,
        standing: Standing,
        effort: Effort,
        urgency: Urgency,
        shared: Surroundings,
        attempts: list[Attempt],
        record: Callable[[Attempt], Awaitable[None]],
        search: Search,
    ) -> None:
        self.tickets: tuple[str, ...] = ()
        """The helper lemmas that the goal waits for."""
        self.asked_before = False
        """Had they been asked for by an earlier search?"""
        self._standing = standing
        self._effort = effort
        self._urgency = urgency
        self._shared = shared
        self._attempts = attempts
        self._record = record
        self._search = search
        self._placed = standing.goal

    @property
    def may_have_lemmas(self) -> bool:
        """Can helper lemmas be asked for?"""
        wanted = self._shared.tickets and self._effort.seconds > 0 and not self._effort.another
        path = self._standing.goal.path
        return wanted and not path.startswith((PATH_PREFIX, filling.PATH_PREFIX))

    async def served(self) -> GoalVerdict | None:
        """The proof with lemmas that it has asked for earlier, if all of them are there."""
        if not self.may_have_lemmas:
            return None
        return await self._proved_with_lemmas(self._helping().served(self._at_place))

    async def with_lemmas(self, tried: Tried) -> GoalVerdict | None:
        """The proof with helper lemmas, if they can be stated and are proved.

        They are asked for once, as long as nothing changes around the goal; see `tried`.
        """
        helping = self._helping()
        heartbeats = self._effort.heartbeats
        asked = tried.get((LEMMA, Attempt(LEMMA, "failed").parameters), ())
        self.asked_before = any(before >= heartbeats for _, before in asked)
        if self.asked_before:
            self.tickets = tuple(ticket.ticket_id for ticket in await helping.live())
            return None
        goal, fingerprint, started_at = self._standing.goal, self._standing.fingerprint, time.time()
        verdict = await self._proved_with_lemmas(helping.run(self._at_place, self._in_turn))
        self.tickets = tuple(ticket.ticket_id for ticket in helping.waiting)
        if verdict is None:
            waiting = len(self.tickets)
            reason = (
                f"{waiting} helper lemmas are asked for" if waiting else "no helper lemma served"
            )
            # What it took is written down with the lemmas' own goals; no policy learns from it.
            noted = Attempt(
                LEMMA, "failed", reason=reason, budget_heartbeats=heartbeats, started_at=started_at
            )
            await self._shared.knowledge.record(goal, noted, fingerprint)
        return verdict

    async def drafted(self, weight: Weight, tried: Tried) -> GoalVerdict | None:
        """A proof by way of a draft, each of whose holes is a goal of its own."""
        shared, standing, goal = self._shared, self._standing, self._standing.goal
        drafters = [
            drafter
            for drafter in shared.drafters
            if drafter.weight == weight and (drafter.name, drafter.parameters) not in tried
        ]
        seconds = self._effort.heavy_seconds
        if not drafters or not seconds or goal.path.startswith(filling.PATH_PREFIX):
            return None
        account = shared.account.child(
            f"drafts on {goal.hole.declaration}", goal=goal.key.key, file=goal.path
        )
        prove, alone = self._prove_hole, shared.one_by_one
        fill = filling.Filling(standing, shared.reader, shared.judge, prove, alone)
        search = DraftedSearch(fill, account, shared.premises, self._record)
        found = await search.run(drafters, seconds, self._effort.forced)
        return await self._settled(found, self._attempts[-1]) if found else None

    def _helping(self) -> Helping:
        shared = self._shared
        return Helping(
            self._standing.goal,
            shared.knowledge,
            shared.judge(),
            self._standing.failures,
            shared.publish,
            shared.tell,
            self._prove_ticket,
        )

    async def _in_turn(self, work: Callable[[Place], Awaitable[Any]]) -> Any:  # noqa: ANN401
        """At the place, as a strategy would come to it: not while the search is paused."""
        return await self._standing.do_at(work, self._urgency, "light")

    async def _at_place(self, work: Callable[[Place], Awaitable[Any]]) -> Any:  # noqa: ANN401
        async def noted(place: Place) -> object:
            self._placed = place.handle
            return await work(place)

        return await self._standing.do_at(noted)

    async def _proved_with_lemmas(
        self, finding: Coroutine[Any, Any, HelperProof | None]
    ) -> GoalVerdict | None:
        started_at, started = time.time(), time.monotonic()
        proof = await finding
        if proof is None:
            return None
        seconds = time.monotonic() - started
        found = Attempt(
            LEMMA, "proved", script=proof.script, seconds=seconds, started_at=started_at
        )
        await self._record(found)
        # Its edits are for the text in which the lemmas were tried last.
        return await self._settled(with_helper(self._placed, proof), found)

    async def _settled(self, verdict: GoalVerdict, found: Attempt) -> GoalVerdict | None:
        """The verdict for the text of now, written down; None if it does not hold there."""
        standing = self._standing
        current = await standing.in_current_text(verdict)
        if current is not None:
            await self._shared.knowledge.settle(standing.goal, current, found, standing.fingerprint)
        return current

    async def _prove_ticket(self, ticket: Ticket) -> GoalVerdict:
        """Search a ticket's statement with all strategies. Raises TicketError."""
        standing, source = self._standing, SourceText(ticket.document)

        async def read(desk: Desk) -> GoalHandle:
            document = await desk.document(ticket.path, source)
            hole = stated_hole(document, ticket)
            reader, revision = self._shared.reader, standing.goal.revision
            return await reader.goal(desk.session, document, hole, revision)

        goal = await standing.do(read)
        effort = replace(self._effort, seconds=TICKET_SHARE * self._effort.seconds)
        verdict = await self._search(goal, source, effort, in_its_text)
        self._attempts += verdict.attempts
        return verdict

    async def _prove_hole(self, goal: GoalHandle, locate: Locate, seconds: float) -> GoalVerdict:
        """Search one hole of a draft with all light strategies."""
        effort = Effort(seconds, self._effort.heartbeats)
        return await self._search(goal, self._standing.source, effort, locate)
