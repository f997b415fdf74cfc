"""What people do with tickets while an engine runs: list, read, ask for a lemma, withdraw.

The rules are `search.tickets`, the rows `search.ticket_store`; what Lean says to a new one is
`search.marketplace`.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from search.attempt import Place
from search.events import Event, GoalHandle, TicketClosed, TicketOpened
from search.ledger_thread import LedgerThread
from search.marketplace import statement_at, ticket_by_hand
from search.ticket_store import TicketStore
from search.tickets import LIVE, Ticket

AtGoal = Callable[[GoalHandle, Callable[[Place], Awaitable[Any]]], Awaitable[Any]]
"""Has something done where a goal stands, at once."""


class TicketOffice:
    """The tickets of an engine's ledger, for people. Everything raises LedgerError, TicketError."""

    def __init__(
        self, ledger: LedgerThread, at_goal: AtGoal, publish: Callable[[Event], None]
    ) -> None:
        self._ledger = ledger
        self._at_goal = at_goal
        self._publish = publish

    async def live(self) -> list[Ticket]:
        """Those that are open or claimed, the highest priority first."""
        return await self._ledger.do(lambda ledger: TicketStore(ledger).all(LIVE))

    async def show(self, ticket_id: str) -> Ticket:
        """One ticket, by its id or the end of that."""
        return await self._ledger.do(lambda ledger: TicketStore(ledger).show(ticket_id))

    async def open(self, goal: GoalHandle, requester: str) -> Ticket:
        """Ask for the statement of a goal as a lemma; of one that stands already, that ticket.

        Raises LeanError when no session can be had.
        """

        async def draft(place: Place) -> Ticket:
            session, document, hole = place.session, place.document, place.hole
            statement = await statement_at(session, document, hole)
            return await ticket_by_hand(
                session, document, statement, place=hole, requester=requester
            )

        drafted: Ticket = await self._at_goal(goal, draft)
        ticket = await self._ledger.do(lambda ledger: TicketStore(ledger).open(drafted))
        self._publish(TicketOpened(goal, ticket))
        return ticket

    async def withdraw(self, ticket_id: str, goal: GoalHandle | None = None) -> Ticket:
        """Ask no longer for it; `goal` is the one that waited, if it is known."""
        ticket = await self._ledger.do(lambda ledger: TicketStore(ledger).withdraw(ticket_id))
        if goal is not None:
            self._publish(TicketClosed(goal, ticket))
        return ticket
