"""Warm sessions, leased and returned.

The pool decides how many drivers run, which one serves a lease, and when one has had enough; what
is asked of a session is its user's affair. Sessions start in the background, a spare stands ready
for the next death, and every process is gone when `Pool.open` is left, on every path.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Self

import psutil

from lean.errors import LeanError, ToolchainError
from lean.session import MEMORY_CEILING, Session
from lean.toolchain import Launch, Toolchain, find_toolchain
from lean.work import WorkClock
from lean.workspace import Workspace

SESSION_BYTES = int(1.3 * 2**30)
"""Resident memory of a session with Init imported, embedded Lean (measured: 1.32 GB)."""
MEMORY_SHARE = 0.7
"""The part of the memory now available that sessions may take."""
HEADER_LIMIT = 8
"""Distinct headers before a session is replaced: an import is never freed (80-210 MB each, and
about 10 fit)."""
START_ATTEMPTS = 3
"""Failed starts in a row after which whoever waits for a session is told."""


@dataclass(frozen=True, slots=True)
class PoolStats:
    """What a pool has now (`rss_bytes`: resident memory), and what became of its sessions."""

    sessions: int
    idle: int
    leased: int
    starting: int
    started: int
    died: int
    recycled: int
    rss_bytes: int


class Pool:
    """Up to `size` leases at a time over `size` sessions and, with `spare`, one more that waits."""

    def __init__(
        self, launch: Launch, size: int, spare: bool, memory_ceiling: int, by_work: bool = False
    ) -> None:
        self.size = size
        self._by_work = by_work
        self._launch = launch
        self._memory_ceiling = memory_ceiling
        self._wanted = size + (1 if spare else 0)
        self._leases = asyncio.Semaphore(size)
        self._changed = asyncio.Event()
        self._idle: list[Session] = []
        self._leased: set[Session] = set()
        self._starting: set[asyncio.Task[None]] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._failure: LeanError | None = None
        self._failures = 0
        self._started = self._died = self._recycled = 0

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls,
        workspace: Workspace,
        toolchain: Toolchain | None = None,
        sessions: int | None = None,
        spare: bool | None = None,
        memory_ceiling: int = MEMORY_CEILING,
        by_work: bool = False,
    ) -> AsyncIterator[Self]:
        """A pool for `workspace`, whose sessions begin to start at once.

        `sessions` and `spare` are chosen from cores and free memory where they are None;
        `memory_ceiling` is the resident memory in bytes beyond which a session is replaced when it
        is returned. `by_work`: their clocks count work, not time. Raises ToolchainError.
        """
        chosen = toolchain or await find_toolchain(workspace)
        size = sessions or default_sessions()
        if spare is None:
            spare = psutil.virtual_memory().available * MEMORY_SHARE > (size + 1) * SESSION_BYTES
        pool = cls(chosen.driver_command(workspace), size, spare, memory_ceiling, by_work)
        try:
            pool._replenish()
            yield pool
        finally:
            await pool._close()

    @contextlib.asynccontextmanager
    async def lease(self, imports: Sequence[str] = ()) -> AsyncIterator[Session]:
        """A session for one user, with `imports` opened (none: as it is); waits for a free one.

        Prefers a session that has that header already. Raises ImportFailed, or, when no session can
        be started, the error that says why.
        """
        async with self._leases:
            session = await self._take(tuple(imports))
            try:
                if imports:
                    await session.open(imports)
                yield session
            finally:
                self._return(session)

    def restart(self) -> None:
        """End every session; others start in their place."""
        for session in [*self._idle, *self._leased]:
            session.kill("it was restarted by the user")
        for session in list(self._idle):
            self._idle.remove(session)
            self._retire(session)

    def stats(self) -> PoolStats:
        """Figures for now."""
        living = [*self._idle, *self._leased]
        return PoolStats(
            sessions=len(living),
            idle=len(self._idle),
            leased=len(self._leased),
            starting=len(self._starting),
            started=self._started,
            died=self._died,
            recycled=self._recycled,
            rss_bytes=sum(session.rss_bytes() for session in living),
        )

    async def _take(self, imports: tuple[str, ...]) -> Session:
        # Whoever asks anew has the right to a new attempt at starting.
        self._failures = 0
        self._replenish()
        while (session := self._choose(imports)) is None:
            await self._changed.wait()
            if self._failure is not None and self._failures >= START_ATTEMPTS:
                raise self._failure
        self._idle.remove(session)
        self._leased.add(session)
        return session

    def _choose(self, imports: tuple[str, ...]) -> Session | None:
        """The idle session that suits `imports` best; ends those that suit nobody any more."""
        for session in [session for session in self._idle if not session.alive]:
            self._idle.remove(session)
            self._retire(session)
        ready = [session for session in self._idle if not imports or imports in session.headers]
        if ready:
            return max(ready, key=lambda session: len(session.headers))
        fresh = [session for session in self._idle if len(session.headers) < HEADER_LIMIT]
        if fresh:
            return min(fresh, key=lambda session: len(session.headers))
        if self._idle:
            self._retire(self._idle.pop())
        return None

    def _return(self, session: Session) -> None:
        self._leased.discard(session)
        full = len(session.headers) > HEADER_LIMIT
        if session.alive and not full and session.rss_bytes() <= self._memory_ceiling:
            self._idle.append(session)
            self._announce()
        else:
            self._retire(session)

    def _retire(self, session: Session) -> None:
        """Ends a session that is neither idle nor leased any more, and has another started."""
        if session.alive:
            self._recycled += 1
        else:
            self._died += 1
        task = asyncio.create_task(session.close())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        self._replenish()

    def _replenish(self) -> None:
        """Starts what is missing, a few at a time: more would only make the first one late."""
        missing = self._wanted - len(self._idle) - len(self._leased) - len(self._starting)
        if self._failures >= START_ATTEMPTS:
            return
        for _ in range(min(missing, max(1, _cores() // 2) - len(self._starting))):
            task = asyncio.create_task(self._start_one())
            self._starting.add(task)
            task.add_done_callback(self._started_one)

    async def _start_one(self) -> None:
        try:
            session = await Session.start(self._launch, self._memory_ceiling)
        except LeanError as error:
            self._failure = error
            # A program that can't be started at all will not start the next time either.
            self._failures += START_ATTEMPTS if isinstance(error, ToolchainError) else 1
        else:
            if self._by_work:
                session.work = WorkClock()
            self._started += 1
            self._failures = 0
            self._idle.append(session)

    def _started_one(self, task: asyncio.Task[None]) -> None:
        self._starting.discard(task)
        if not task.cancelled():
            self._replenish()
            self._announce()

    def _announce(self) -> None:
        """Wakes everybody who waits for a session."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def _close(self) -> None:
        """Ends everything; nothing is left running when it returns."""
        self._wanted = 0
        for task in self._starting:
            task.cancel()
        await asyncio.gather(*self._starting, return_exceptions=True)
        for session in [*self._idle, *self._leased]:
            self._retire(session)
        self._idle.clear()
        await asyncio.gather(*self._ending, return_exceptions=True)


def default_sessions() -> int:
    """How many sessions this machine carries: one a core as far as memory goes, at least one."""
    room = int(psutil.virtual_memory().available * MEMORY_SHARE / SESSION_BYTES)
    return max(1, min(_cores(), room))


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
