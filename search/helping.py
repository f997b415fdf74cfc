"""A goal that resists: helper lemmas are asked for, searched, and the goal proved with them.

The tickets' rules are `search.marketplace` and `search.ticket_store`; a ticket's own search is a
pursuit like any other, made by whoever calls this. A goal never waits here for other people: its
tickets stay open, and it is looked at again when they are served.
"""

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from lean.goal import Failures, Goal
from search.attempt import Judge, Place
from search.budget import Budget
from search.events import Event, GoalHandle, GoalVerdict, TicketClosed, TicketOpened
from search.helper_proof import HelperProof, served
from search.incidents import Incident
from search.knowledge import Knowledge
from search.marketplace import requests_for, reused
from search.partial_proof import partial_proof
from search.tickets import Ticket, TicketError

FAILED_BEFORE_ASKING = 3
"""Strategies that must have failed on a goal before helper lemmas are asked for."""
PARTIAL_SECONDS = 4.0
"""For finding out how far the goal can be taken."""
ENGINE = "engine"
"""Who asks, and who supplies."""

AtPlace = Callable[[Callable[[Place], Awaitable[Any]]], Awaitable[Any]]
"""Has something done where the goal stands, on a session, as soon as one is free."""


@dataclass(frozen=True, slots=True)
class Helping:
    """What is done about one goal. `prove` searches the statement of a ticket and returns the
    verdict on it.
    """

    goal: GoalHandle
    knowledge: Knowledge
    judge: Judge
    failures: Failures
    publish: Callable[[Event], None]
    tell: Callable[[Incident], None]
    prove: Callable[[Ticket], Awaitable[GoalVerdict]]
    waiting: list[Ticket] = field(default_factory=list)
    """The tickets that are still open after `run`."""

    async def served(self, at_place: AtPlace) -> HelperProof | None:
        """The proof with the lemmas that have been asked for, when all of them are proved.

        Raises LeanError when no session can be had.
        """
        tickets = await self._tickets()
        if not tickets or any(ticket.status != "completed" for ticket in tickets):
            return None
        proof: HelperProof | None = await at_place(lambda place: self._serve(place, tickets))
        return proof

    async def live(self) -> list[Ticket]:
        """The tickets that the goal still waits for."""
        return [ticket for ticket in await self._tickets() if ticket.live]

    async def run(self, at_place: AtPlace, in_turn: AtPlace) -> HelperProof | None:
        """Ask for lemmas, unless they have been asked for, supply them, and try the goal with them.

        `in_turn` has the asking wait like any other search. Raises LeanError when no session can be
        had.
        """
        tickets = await self._tickets()
        if not any(ticket.live for ticket in tickets):
            # None yet; or those that there are don't serve here.
            tickets = await in_turn(self._ask)
        supplied = [await self._supply(ticket) for ticket in tickets]
        self.waiting.extend(ticket for ticket in supplied if ticket.live)
        if not supplied or any(ticket.status != "completed" for ticket in supplied):
            return None
        proof: HelperProof | None = await at_place(lambda place: self._serve(place, supplied))
        return proof

    async def _tickets(self) -> list[Ticket]:
        return await self.knowledge.tickets(self.goal.key.key, self.goal.path)

    async def _ask(self, place: Place) -> list[Ticket]:
        """Open tickets for what a partial proof leaves, reusing the proofs of older ones."""
        goal = Goal.of(place.document, place.hole, self.failures)
        session, document, hole = place.session, place.document, place.hole
        partial = await partial_proof(goal, session, Budget(PARTIAL_SECONDS, clock=session.clock))
        if partial is None:
            return []
        try:
            requests = await requests_for(
                session,
                document,
                hole,
                partial,
                self.goal.key,
                priority=1.0 - self.goal.difficulty,
                requester=ENGINE,
                policy=self.judge.policy,
            )
        finally:
            session.discard(proofs=[partial.proof])
        if requests.reason:
            self.tell(Incident.of("ticket_failed", requests.reason, "ask", "low"))
        opened: list[Ticket] = []
        for request in requests.tickets:
            try:
                ticket = await self.knowledge.open_ticket(request)
            except TicketError as error:
                # One waits for this very goal; without it the others don't serve.
                self.tell(Incident.of("ticket_failed", str(error), "ask", "low"))
                return []
            opened.append(ticket)
            self.publish(TicketOpened(self.goal, ticket))
            known = await self.knowledge.similar_tickets(ticket)
            proof = await reused(session, document, hole, ticket, known, self.judge.policy)
            if proof:
                opened[-1] = await self._completed(ticket, proof)
        return opened

    async def _supply(self, ticket: Ticket) -> Ticket:
        """Search a ticket with the engine's own strategies, unless somebody else is at it."""
        # A claim of our own is left over from a search that was stopped or killed.
        if ticket.status != "open" and not (ticket.live and ticket.claimant == ENGINE):
            return ticket
        try:
            ticket = await self.knowledge.claim_ticket(ticket, ENGINE)
        except TicketError:
            return ticket
        try:
            verdict = await self.prove(ticket)
        except TicketError as error:
            self.tell(Incident.of("ticket_failed", str(error), ticket.ticket_id))
            verdict = None
        # A known proof that needs lemmas of its own does not prove the statement by itself.
        if verdict is None or verdict.kind != "proved" or verdict.helper:
            return await self._released(ticket)
        return await self._completed(ticket, verdict.script)

    async def _released(self, ticket: Ticket) -> Ticket:
        with contextlib.suppress(TicketError):
            return await self.knowledge.release_ticket(ticket, ENGINE)
        # It has run out, or others have withdrawn it, completed it or given it back meanwhile.
        return await self.knowledge.ticket(ticket.ticket_id)

    async def _completed(self, ticket: Ticket, proof: str) -> Ticket:
        try:
            completed = await self.knowledge.complete_ticket(ticket, proof, ENGINE)
        except TicketError:
            # It has run out, or nobody wants it any more.
            return await self.knowledge.ticket(ticket.ticket_id)
        self.publish(TicketClosed(self.goal, completed))
        return completed

    async def _serve(self, place: Place, tickets: Sequence[Ticket]) -> HelperProof | None:
        session, document, hole = place.session, place.document, place.hole
        policy, unproved = self.judge.policy, self.judge.unproved
        try:
            return await served(session, document, hole, tickets, policy, unproved)
        except TicketError as error:
            self.tell(Incident.of("ticket_failed", str(error), tickets[0].ticket_id))
            return None
