"""The wire to one driver process: lines out, lines in, deadlines, death.

One request is open at a time; whoever asks next waits. Every request has a deadline in three steps:
the driver's own `ms`, then a `cancel` from here, then the end of the process, so that no request
hangs and none is lost. Time in which the process is suspended does not count. What the requests
mean is `lean.session`; which processes exist is `lean.pool`.
"""

import asyncio
import contextlib
import itertools
import json
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from lean.decoding import decode
from lean.errors import LeanError, ProtocolError, RequestRefused, SessionDied
from lean.process import DriverProcess, within
from lean.protocol import PROTOCOL_VERSION, Greeting
from lean.toolchain import Launch

CANCEL_AFTER = 0.5
"""Seconds past a request's own limit before the driver is told to cancel it."""
KILL_AFTER = 5.0
"""Seconds past a request's own limit before the process is killed."""
ABANDON_WITHIN = 1.0
"""Seconds a driver has to end a request whose caller has gone."""
START_WITHIN = 120.0
"""Seconds a driver has to greet: 4 s measured on two cores, but a loaded machine may be much
slower."""
MAX_REQUEST = 64 * 2**20
"""Bytes of one request line; a longer one is refused before it is sent."""
TICK = 0.05
"""Seconds between looks at the clock while a request is open."""
TICKS_PER_MEMORY_CHECK = 20

Line = dict[str, Any]


@dataclass(eq=False, slots=True)
class Turn:
    """The connection's side of one open request; `lines` is where its replies go.

    `seconds` is the request's own limit, counted anew after each event if `renewed`.
    """

    operation: str
    seconds: float
    renewed: bool
    lines: "asyncio.Queue[Line | LeanError]" = field(default_factory=asyncio.Queue)
    identifier: int = 0
    deadline: float = 0.0
    cancelled: bool = False
    abandoned: bool = False


class Connection:
    """A driver process and the one request that is open on it. Made by `open`, ended by `close`."""

    def __init__(self, process: DriverProcess, memory_ceiling: int) -> None:
        self.process = process
        self.greeting = Greeting(ready=False, protocol=0, lean="")
        self.on_orphan: Callable[[Line], None] = lambda line: None
        """Is called with every event that nobody will read: what it names can be dropped."""
        self._memory_ceiling = memory_ceiling
        self._identifiers = itertools.count(1)
        self._unanswered: set[int] = set()
        self._turns = asyncio.Lock()
        self._turn: Turn | None = None
        self._busy = asyncio.Event()
        self._reason = ""
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def open(cls, launch: Launch, memory_ceiling: int) -> "Connection":
        """Starts a driver and waits for its greeting.

        `memory_ceiling`, in bytes of resident memory: beyond it the process is killed in
        mid-request. Raises SessionDied or ProtocolError; then no process is left.
        """
        connection = cls(await DriverProcess.start(launch), memory_ceiling)
        try:
            connection.greeting = await within(
                START_WITHIN, connection.process.clock, connection._greet()
            )
        except TimeoutError:
            await connection.close()
            raise SessionDied(f"Lean did not start within {START_WITHIN:.0f} s.") from None
        except BaseException:
            await connection.close()
            raise
        connection._spawn(connection._listen())
        connection._spawn(connection._watch())
        return connection

    @property
    def alive(self) -> bool:
        """Can this connection serve another request?"""
        return not self._reason and self.process.running

    async def begin(self, turn: Turn, request: Mapping[str, Any]) -> None:
        """Waits until no other request is open and sends this one; `turn.lines` gets replies.

        Raises RequestRefused for a request that is too large and SessionDied when the process is
        gone.
        """
        if "ms" in request:
            # The driver's own clock does not stand still while it is suspended.
            request = {**request, "ms": round(request["ms"] * self.process.slowdown)}
        body = json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode()
        if len(body) > MAX_REQUEST:
            limit = MAX_REQUEST // 2**20
            raise RequestRefused(
                "too_large",
                f"A request of {len(body) / 2**20:.0f} MB is over the limit of {limit} MB.",
            )
        await self._turns.acquire()
        if not self.alive:
            self._turns.release()
            raise self._death(turn.operation)
        turn.identifier = next(self._identifiers)
        self._turn = turn
        self._restart_clock(turn)
        self._busy.set()
        # No waiting for the pipe to drain: it is buffered here, and a driver that does not read
        # meets its deadline.
        self.process.write(b'{"id":%d,%s\n' % (turn.identifier, body[1:]))

    def post(self, request: Mapping[str, Any]) -> None:
        """Sends a request whose reply nobody needs."""
        if not self.alive:
            return
        identifier = next(self._identifiers)
        self._unanswered.add(identifier)
        self.process.write(json.dumps({"id": identifier, **request}).encode() + b"\n")

    async def settled(self) -> None:
        """Returns when no request is open: the driver has let go of what was abandoned."""
        async with self._turns:
            pass

    def abandon(self, turn: Turn) -> None:
        """Nobody will read `turn` any more: the driver must end it within a second, or dies."""
        while not turn.lines.empty():
            self._orphan(turn.lines.get_nowait())
        if turn is not self._turn or turn.abandoned:
            return
        turn.abandoned = True
        self._cancel(turn)
        turn.deadline = self.process.clock() + ABANDON_WITHIN - KILL_AFTER

    def kill(self, reason: str) -> None:
        """Ends the process now; the open request, if any, gets SessionDied with `reason`."""
        self._reason = self._reason or reason
        self.process.kill()

    async def close(self, reason: str = "it was closed") -> None:
        """Kills the process and waits until it and everything that served it are gone."""
        self.kill(reason)
        await self.process.wait()
        self._end_turn(self._death())
        for task in self._tasks:
            task.cancel()
        # Their own errors were reported to the open request; here only their end matters.
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(work))

    async def _greet(self) -> Greeting:
        # Lean tells what it thinks of the driver's own source before the driver runs.
        while not (line := await self.process.read_line()).startswith(b"{"):
            if not line:
                await self.process.wait()
                raise self._death("start")
            self.process.note(line)
        greeting = decode(Greeting, _parse(line), "greeting")
        if greeting.protocol != PROTOCOL_VERSION:
            raise ProtocolError(
                f"The Lean driver speaks protocol {greeting.protocol}, not {PROTOCOL_VERSION}.",
                "Reinstall Unsorry: its Lean and Python halves come from different versions.",
            )
        return greeting

    async def _listen(self) -> None:
        """Hands every line to its turn until the process ends."""
        try:
            while line := await self.process.read_line():
                self._dispatch(_parse(line))
        except ProtocolError as error:
            self.kill("it broke the protocol")
            self._end_turn(error)
        await self.process.wait()
        self._reason = self._reason or "it ended by itself"
        self._end_turn(self._death())

    def _dispatch(self, line: Line) -> None:
        identifier = line.get("id")
        if identifier in self._unanswered:
            self._unanswered.discard(identifier)
            return
        turn = self._turn
        if turn is None or identifier != turn.identifier:
            raise ProtocolError(f"The Lean driver answered a request nobody made: {excerpt(line)}.")
        if turn.abandoned:
            self._orphan(line)
        else:
            turn.lines.put_nowait(line)
        if "event" not in line:
            self._finish_turn()
        elif turn.renewed and not turn.abandoned:
            self._restart_clock(turn)

    def _orphan(self, line: Line | LeanError) -> None:
        if isinstance(line, dict) and "event" in line:
            self.on_orphan(line)

    async def _watch(self) -> None:
        """Holds the open request to its deadline, and the process to its memory."""
        for tick in itertools.count():
            await self._busy.wait()
            await asyncio.sleep(TICK)
            turn = self._turn
            if turn is None:
                continue
            over = self.process.clock() - turn.deadline
            if over > KILL_AFTER:
                self.kill("it did not answer in time")
            elif over > CANCEL_AFTER:
                self._cancel(turn)
            if (
                tick % TICKS_PER_MEMORY_CHECK == 0
                and self.process.rss_bytes() > self._memory_ceiling
            ):
                self.kill(f"it needed more than {self._memory_ceiling / 2**30:.1f} GB of memory")

    def _cancel(self, turn: Turn) -> None:
        if not turn.cancelled:
            turn.cancelled = True
            self.post({"op": "cancel", "target": turn.identifier})

    def _restart_clock(self, turn: Turn) -> None:
        turn.deadline = self.process.clock() + turn.seconds

    def _end_turn(self, error: LeanError) -> None:
        if self._turn is not None:
            self._turn.lines.put_nowait(error)
            self._finish_turn()

    def _finish_turn(self) -> None:
        self._turn = None
        self._busy.clear()
        self._turns.release()

    def _death(self, operation: str = "") -> SessionDied:
        operation = operation or (self._turn.operation if self._turn else "")
        said = self.process.last_words()
        return SessionDied(
            "Lean's process is gone"
            + (f" (during '{operation}')" if operation else "")
            + f": {self._reason or 'it ended by itself'}, {self.process.ending()}."
            + (f" It said: {said}" if said else "")
        )


def excerpt(line: object) -> str:
    """A line of the wire, short enough for an error message."""
    text = line if isinstance(line, str) else json.dumps(line, ensure_ascii=False, default=repr)
    return text if len(text) <= 200 else text[:197] + "..."


def _parse(line: bytes) -> Line:
    with contextlib.suppress(ValueError):
        value = json.loads(line)
        if isinstance(value, dict) and line.endswith(b"\n"):
            return value
    text = line.decode(errors="replace").rstrip("\n")
    raise ProtocolError(f"The Lean driver wrote a line that is not a reply: {excerpt(text)}")
