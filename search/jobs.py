"""Work that waits for a session: jobs, their queue, and the workers that serve it.

A job is anything that wants a desk. Sessions die; a job has lives, and is tried again on a fresh
session until they are used up. What jobs are made, and what follows from them, is the engine's
business.
"""

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Generic, TypeVar

from lean.errors import LeanError, ProtocolError, SessionDied
from lean.pool import Pool
from search.desk import Desk

Outcome = TypeVar("Outcome")

_order = itertools.count()


class Urgency(IntEnum):
    """What comes first."""

    READ = 0
    ASKED = 1
    BACKGROUND = 2


@dataclass(eq=False, slots=True)
class Job(Generic[Outcome]):
    """Something to do at a desk, for the text at `path`.

    `lives`: how many sessions it may use up. `fresh`: it wants a session that has done nothing yet.
    """

    path: str
    work: Callable[[Desk], Awaitable[Outcome]]
    urgency: Urgency
    lives: int = 2
    fresh: bool = False
    order: int = field(default_factory=lambda: next(_order))
    outcome: "asyncio.Future[Outcome]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    task: "asyncio.Task[Outcome] | None" = None

    def cancel(self) -> None:
        """Stop it, whether it waits or runs."""
        self.outcome.cancel()
        if self.task is not None:
            self.task.cancel()

    def fail(self, error: BaseException) -> None:
        """Tell whoever waits for it that it has failed."""
        if not self.outcome.done():
            self.outcome.set_exception(error)


class JobQueue:
    """Jobs in order of urgency; a worker prefers the text that it has at hand.

    `serve` is one worker; whoever starts workers ends them and then calls `close`.
    """

    def __init__(self, pool: Pool) -> None:
        self.generation = 0
        """Raised when what sessions have imported is out of date: they are then replaced."""
        self._pool = pool
        self._waiting: list[Job[Any]] = []
        self._undone: set[Job[Any]] = set()
        self._arrived = asyncio.Event()
        self._served: Counter[str] = Counter()

    @property
    def waiting(self) -> int:
        """How many jobs wait."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        """How many jobs run."""
        return self._served.total()

    async def do(self, job: Job[Outcome]) -> Outcome:
        """The outcome of a job; a cancelled caller cancels it. Raises what the job raises."""
        self._undone.add(job)
        self._put(job)
        try:
            return await job.outcome
        finally:
            job.cancel()
            self._undone.discard(job)
            if job in self._waiting:
                self._waiting.remove(job)

    def close(self) -> None:
        """Fail every job that is not done, so that nobody waits for ever."""
        for job in self._undone:
            job.fail(LeanError("The search was ended."))

    async def serve(self) -> None:
        """Serve jobs, each on a leased session that is kept as long as it is good, for ever."""
        job = await self._take("")
        while True:
            try:
                async with self._pool.lease() as session:
                    job = await self._serve_at(Desk(session, self.generation), job)
            except LeanError as error:
                # No session can be had: whoever waits is told why, and the next job tries again.
                job.fail(error)
                job = await self._take("")

    async def _serve_at(self, desk: Desk, job: Job[Any]) -> Job[Any]:
        """Serve `job` and those after it; return the first one that needs another session."""
        while True:
            if not desk.untouched and (job.fresh or desk.generation != self.generation):
                desk.session.kill("a fresh one is wanted")
                return job
            desk.generation = self.generation
            await self._run(desk, job)
            job = await self._take(job.path)
            if not desk.usable:
                return job

    async def _run(self, desk: Desk, job: Job[Any]) -> None:
        if job.outcome.done():
            return
        task = job.task = asyncio.ensure_future(job.work(desk))
        self._served[job.path] += 1
        try:
            await asyncio.wait({task})
        finally:
            # Reached with the task unfinished only when this worker itself is cancelled.
            task.cancel()
            await asyncio.wait({task})
            self._served[job.path] -= 1
            job.task = None
        self._settle(job, task)

    def _settle(self, job: Job[Any], task: "asyncio.Task[Any]") -> None:
        if task.cancelled():
            job.outcome.cancel()
            return
        error = task.exception()
        if isinstance(error, SessionDied | ProtocolError) and not job.outcome.done():
            job.lives -= 1
            if job.lives > 0:
                self._put(job)
                return
        if error is not None:
            job.fail(error)
        elif not job.outcome.done():
            job.outcome.set_result(task.result())

    def _put(self, job: Job[Outcome]) -> None:
        self._waiting.append(job)
        self._arrived.set()

    async def _take(self, path: str) -> Job[Any]:
        """The next job for a worker that has the text at `path` at hand."""
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()
        job = min(
            self._waiting,
            key=lambda job: (job.urgency, job.path != path, self._served[job.path], job.order),
        )
        self._waiting.remove(job)
        return job
