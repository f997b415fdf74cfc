"""Sees what changes, and tells everybody who looks: the page's streams, and `unsorry top`.

One look for all of them. Other programs write the ledger; SQLite says by a number (`data_version`)
that they did, which costs microseconds, so nobody has to ask for rows that have not changed.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator

import psutil

from search.errors import LedgerError
from search.run_notes import read_notes
from server.dashboard.figures import Host, Overview, Sample
from server.dashboard.reading import Reading
from server.dashboard.rows import searching

EVERY = 0.4
"""Seconds between two looks."""
SAMPLE_EVERY = 2.0
FIRST_SAMPLE = 0.1
"""Seconds; what the processor does can be said of a stretch of time only."""
SAMPLES = 300
"""Of the machine: the last ten minutes."""
AT_LEAST_EVERY = 15.0
"""Seconds after which the overview is told again, though nothing changed: what happened within the
last hour changes by itself."""


class Watching:
    """What there is to see now. `run` keeps looking until it is cancelled."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.problem = ""
        """Why there is nothing new to see, or empty."""
        self._changes = 0
        self._seen: tuple[object, ...] = ()
        self._overview: Overview | None = None
        self._samples: deque[Sample] = deque(maxlen=SAMPLES)
        self._told = asyncio.Condition()
        self._number = 0
        self._closed = False

    async def run(self) -> None:
        """Look until cancelled; then the streams end."""
        sampled = time.monotonic()
        try:
            while True:
                now = time.monotonic()
                if now - sampled >= SAMPLE_EVERY:
                    sampled = now
                    self._samples.append(self._sample())
                await self._look()
                await asyncio.sleep(EVERY)
        finally:
            await self.close()

    async def measure(self) -> None:
        """Look at the machine for the first time, for a moment."""
        psutil.cpu_percent()
        await asyncio.sleep(FIRST_SAMPLE)
        self._samples.append(self._sample())

    async def close(self) -> None:
        """End the streams."""
        self._closed = True
        await self._tell()

    async def touch(self) -> None:
        """Something was written through `reading` itself, which the number does not tell."""
        self._changes += 1
        self._seen = ()
        await self._look()

    async def overview(self) -> Overview:
        """The workspace now. Raises LedgerError."""
        return await self.reading.overview(self._changes)

    def host(self) -> Host:
        """The machine, and who searches on it."""
        return Host(
            psutil.cpu_count() or 1,
            psutil.virtual_memory().total,
            tuple(self._samples),
            searching(read_notes(self.reading.path)),
        )

    async def stream(self) -> AsyncIterator[Overview | None]:
        """The overview now, and again whenever it changes; None while it can't be read."""
        shown = 0
        while not self._closed:
            async with self._told:
                while not self._closed and self._number == shown:
                    await self._told.wait()
                shown = self._number
            if not self._closed:
                yield None if self.problem else self._overview

    async def _look(self) -> None:
        try:
            version = await self.reading.version()
            seen = (version, self.reading.notes_version())
            if seen == self._seen and not self._outdated():
                return
            if self._seen and version != self._seen[0]:
                self._changes += 1
            self._overview = await self.overview()
            self._seen, self.problem = seen, ""
        except LedgerError as error:
            if self.problem == str(error):
                return
            self.problem, self._seen = str(error), ()
        await self._tell()

    def _outdated(self) -> bool:
        return self._overview is not None and time.time() - self._overview.at > AT_LEAST_EVERY

    async def _tell(self) -> None:
        async with self._told:
            self._number += 1
            self._told.notify_all()

    def _sample(self) -> Sample:
        notes = read_notes(self.reading.path)
        return Sample(
            at=time.time(),
            cpu=psutil.cpu_percent() / 100,
            unsorry=min(1.0, sum(note.status.load for note in notes)),
            target=max((note.status.target for note in notes), default=0.0),
            memory=psutil.virtual_memory().used,
            sessions_memory=sum(note.sessions.rss_bytes for note in notes),
        )


@contextlib.asynccontextmanager
async def watched(reading: Reading) -> AsyncIterator[Watching]:
    """A `Watching` that looks until the end of the block."""
    watching = Watching(reading)
    await watching.measure()
    task = asyncio.create_task(watching.run())
    try:
        yield watching
    finally:
        task.cancel()
        await asyncio.wait({task})
