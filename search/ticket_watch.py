"""Sees what other programs do with tickets: a goal whose lemmas are all there is searched again.

People complete tickets from the command line, and tickets expire. What a ticket is worth is
`search.helping`'s business.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from search.errors import LedgerError
from search.events import Event, GoalHandle, TicketClosed
from search.files import File, Search
from search.incidents import Incident
from search.knowledge import Knowledge
from search.tickets import Ticket

EVERY = 3.0
"""Seconds between looks."""


class TicketWatch:
    """Watches the tickets that the goals of `files` wait for; `start` has a goal searched again."""

    def __init__(
        self,
        knowledge: Knowledge,
        files: Mapping[str, File],
        start: Callable[[File, GoalHandle], None],
        publish: Callable[[Event], None],
        tell: Callable[[Incident], None],
    ) -> None:
        self.open = 0
        """How many tickets are open or claimed."""
        self._knowledge = knowledge
        self._files = files
        self._start = start
        self._publish = publish
        self._tell = tell

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            try:
                live, expired = await self._knowledge.look_at_tickets()
            except LedgerError as error:
                self._tell(Incident.of("ledger_failed", str(error), "look at tickets"))
            else:
                self.open = len(live)
                self._look({ticket.ticket_id for ticket in live}, expired)
            await asyncio.sleep(EVERY)

    def _look(self, live: set[str], expired: Sequence[Ticket]) -> None:
        for file in self._files.values():
            for search in list(file.searches.values()):
                self._look_at(file, search, live, expired)

    def _look_at(
        self, file: File, search: Search, live: set[str], expired: Sequence[Ticket]
    ) -> None:
        verdict = search.verdict
        if verdict is None or not verdict.tickets:
            return
        for ticket in expired:
            if ticket.ticket_id in verdict.tickets:
                self._publish(TicketClosed(verdict.goal, ticket))
        if live.isdisjoint(verdict.tickets):
            self._start(file, search.pursuit.goal)
