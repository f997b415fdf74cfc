"""One request and its replies, as an async iterator that whoever asked can leave at any time."""

import contextlib
from collections.abc import Callable, Mapping
from typing import Any, Generic, Self, TypeVar

from lean.connection import Connection, Line, Turn, excerpt
from lean.decoding import decode
from lean.errors import LeanError, ProtocolError, RequestRefused

Event = TypeVar("Event")
Done = TypeVar("Done")


class Exchange(Generic[Event, Done]):
    """Iterates over a request's events; afterwards `result` holds what came with `done`.

    Nothing is sent until the first event is asked for. Leaving early (a `break`, a cancelled task)
    cancels the request in the driver; the session can be used again. Raises RequestRefused,
    ProtocolError or SessionDied.
    """

    def __init__(
        self,
        connection: Connection,
        request: Mapping[str, Any],
        turn: Turn,
        event: tuple[str, type[Event]],
        done: type[Done],
        seen: Callable[[Event], None] | None = None,
    ) -> None:
        """`seen` is called with each event before it is handed out."""
        self._connection = connection
        self._request = request
        self._turn = turn
        self._event = event
        self._done = done
        self._seen = seen
        self._sent = False
        self._result: Done | None = None

    @property
    def result(self) -> Done:
        """What the driver said at the end; only after the last event."""
        if self._result is None:
            raise RuntimeError(f"the request '{self._turn.operation}' has not ended yet")
        return self._result

    async def finish(self) -> Done:
        """Reads to the end and returns `result`; events not read before are lost."""
        async for _ in self:
            pass
        return self.result

    def close(self) -> None:
        """Cancels the request, unless it has ended; dropping the last reference does the same."""
        self._connection.abandon(self._turn)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        if self._result is not None:
            raise StopAsyncIteration
        try:
            if not self._sent:
                self._sent = True
                await self._connection.begin(self._turn, self._request)
            line = await self._turn.lines.get()
        except BaseException:
            # Most likely the awaiting task was cancelled: the driver must not work on for nobody.
            self.close()
            raise
        if isinstance(line, LeanError):
            raise line
        return self._read(line)

    def __del__(self) -> None:
        # At interpreter exit there may be no event loop left, and no driver either.
        with contextlib.suppress(RuntimeError):
            self.close()

    def _read(self, line: Line) -> Event:
        operation = self._turn.operation
        try:
            if line.get("event") == self._event[0]:
                event = decode(self._event[1], line, f"{operation}.{self._event[0]}")
                if self._seen is not None:
                    self._seen(event)
                return event
            if line.get("done") is True:
                self._result = decode(self._done, line, f"{operation}.done")
                raise StopAsyncIteration
            raise _refusal(operation, line)
        except ProtocolError:
            self._connection.kill("it broke the protocol")
            raise


def _refusal(operation: str, line: Line) -> LeanError:
    error = line.get("error")
    if isinstance(error, dict) and isinstance(error.get("kind"), str):
        module = error.get("module", "")
        return RequestRefused(error["kind"], str(error.get("message", "")), str(module))
    return ProtocolError(f"The Lean driver answered '{operation}' with {excerpt(line)}.")
