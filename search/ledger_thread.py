"""The ledger for an event loop: one worker thread that owns it, and patience when the disk fails.

A thread, because SQLite may wait for another process's lock or a slow disk, and the loop must not.
What the rows mean is `search.ledger`'s business.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type
from tenacity.wait import wait_random_exponential

from search.errors import LedgerBusy, LedgerDamaged, LedgerError, StorageFull
from search.ledger import Ledger

LOCK_TIMEOUT = 5.0
"""Seconds a single try waits for another process's lock, before `on_trouble` hears of it."""
FIRST_WAIT, LONGEST_WAIT = 0.2, 10.0
"""Seconds between tries: a random time under a bound that doubles from the first to the longest."""

OnTrouble = Callable[[str, str], None]
Answer = TypeVar("Answer")
logger = logging.getLogger(__name__)


class LedgerThread:
    """A ledger whose every use is awaited; uses run one after another, in the order they came."""

    def __init__(self, path: Path | None, on_trouble: OnTrouble, timeout: float) -> None:
        self._path = path
        self._on_trouble = on_trouble
        self._timeout = timeout
        # One thread: a connection belongs to the thread that opened it.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")
        self._ledger: Ledger | None = None
        self._notice = ""
        self._trouble = ""
        self._stuck = 0
        self._closed = False

    @classmethod
    @asynccontextmanager
    async def open(
        cls, path: Path | None, on_trouble: OnTrouble, lock_timeout: float = LOCK_TIMEOUT
    ) -> AsyncIterator["LedgerThread"]:
        """The ledger at `path` (None: in memory), closed at the end with all that was asked done.

        `on_trouble(kind, message)` is called on the event loop when the ledger can't be written:
        kind `storage_full` or `ledger_busy`, once, and `("", "")` when it works again;
        `ledger_set_aside` when a file was set aside and a new one started, when opening or later.
        Raises LedgerUnwritable and other LedgerErrors that waiting can't cure.
        """
        thread = cls(path, on_trouble, lock_timeout)
        try:
            await thread.do(lambda ledger: None)
            yield thread
        finally:
            # What is running or queued is finished first, even when the caller is being cancelled.
            await asyncio.shield(asyncio.create_task(thread._close()))

    async def do(self, use: Callable[[Ledger], Answer]) -> Answer:
        """What `use` returns, called with the ledger on its thread.

        A full disk or a lock held for long makes it wait and try again until it succeeds. Cancelled
        while it waits between tries, nothing was written; cancelled while it runs, it is run to its
        end all the same. `use` may run again after a failure: it must be one transaction. Raises
        what `use` raises.
        """
        stuck = False

        def report(state: RetryCallState) -> None:
            nonlocal stuck
            if not stuck:
                stuck = True
                self._stuck += 1
            self._report(state)

        retrying = AsyncRetrying(
            retry=retry_if_exception_type((StorageFull, LedgerBusy)),
            wait=wait_random_exponential(multiplier=FIRST_WAIT, max=LONGEST_WAIT),
            before_sleep=report,
        )
        try:
            async for attempt in retrying:
                with attempt:
                    answer = await self._once(use)
        finally:
            self._stuck -= stuck
        if self._trouble and not self._stuck:
            self._trouble = ""
            self._on_trouble("", "")
        return answer

    async def _once(self, use: Callable[[Ledger], Answer]) -> Answer:
        if self._closed:
            raise LedgerError("The ledger is closed.")
        running = asyncio.get_running_loop().run_in_executor(self._thread, self._use, use)
        try:
            # Shielded: once asked for, a write is made, whether or not its asker is still there.
            return await asyncio.shield(running)
        finally:
            if self._notice:
                notice, self._notice = self._notice, ""
                self._on_trouble("ledger_set_aside", notice)

    def _use(self, use: Callable[[Ledger], Answer]) -> Answer:
        """On the thread. A ledger found damaged is replaced by a new one, once."""
        try:
            return use(self._opened())
        except LedgerDamaged:
            logger.exception("the ledger is damaged; a new one is opened")
            self._shut()
            return use(self._opened())

    def _opened(self) -> Ledger:
        if self._ledger is None:
            if self._path is None:
                self._ledger = Ledger.in_memory()
            else:
                self._ledger = Ledger.open(self._path, self._timeout)
            self._notice = self._ledger.notice
        return self._ledger

    def _report(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if not self._trouble:
            self._trouble = "storage_full" if isinstance(error, StorageFull) else "ledger_busy"
            logger.warning("%s: %s", self._trouble, error)
            self._on_trouble(self._trouble, str(error))

    async def _close(self) -> None:
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(self._thread, self._shut)
        self._thread.shutdown()

    def _shut(self) -> None:
        if self._ledger is not None:
            self._ledger.close()
            self._ledger = None
