"""Who hears what the engine has to tell: listeners, and incidents on their way to them.

It keeps no history: what is to be remembered is in the ledger.
"""

import asyncio
import weakref
from typing import Self

from search.events import Event, IncidentHappened
from search.incidents import Incident


class Events:
    """The events from the moment it was made until the engine closes, as an async iterator."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue()

    def put(self, event: Event | None) -> None:
        """Hand over an event; None: there will be no more."""
        self._queue.put_nowait(event)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        event = await self._queue.get()
        if event is None:
            self.put(None)
            raise StopAsyncIteration
        return event


class Announcer:
    """Hands every event to every listener."""

    def __init__(self) -> None:
        # A listener that nobody reads any more goes by itself.
        self._listeners: weakref.WeakSet[Events] = weakref.WeakSet()

    def listen(self) -> Events:
        """All events from now on, for one listener."""
        listener = Events()
        self._listeners.add(listener)
        return listener

    def publish(self, event: Event) -> None:
        """Hand over an event."""
        for listener in self._listeners:
            listener.put(event)

    def tell(self, incident: Incident) -> None:
        """Log an incident and hand it over; that a budget comes to its end is only logged."""
        incident.log()
        if incident.kind != "budget_warning":
            self.publish(IncidentHappened(incident))

    def close(self) -> None:
        """There will be no more events."""
        for listener in self._listeners:
            listener.put(None)
