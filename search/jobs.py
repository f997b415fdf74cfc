"""Work that waits for a session: jobs, their queue, and the workers that serve it.

A job is anything that wants a desk. Sessions die; a job has lives, and is tried again on a fresh
session until they are used up. Reading a text goes before searching: a search that is in its way
is put back into the queue. Which jobs are made, and what follows from them, is the engine's
business; how many strategies may run at a time is the throttle's.
"""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Generic, TypeVar

from lean.errors import LeanError, ProtocolError, SessionDied
from lean.pool import Pool
from search.desk import Desk
from search.strategies.strategy import Weight

Outcome = TypeVar("Outcome")

_order = itertools.count()


class Urgency(IntEnum):
    """What comes first."""

    READ = 0
    ASKED = 1
    BACKGROUND = 2


def _no_rank() -> tuple[float, ...]:
    return ()


@dataclass(eq=False, slots=True)
class Job(Generic[Outcome]):
    """Something to do at a desk, for the text that `path` names when it starts.

    `weight`: it is a strategy and needs a slot of that kind. `rank` orders jobs of one urgency,
    small first, and is asked when a session is free. `lives`: how many sessions it may use up.
    `fresh`: it wants a session that has done nothing yet.
    """

    path: str
    work: Callable[[Desk], Awaitable[Outcome]]
    urgency: Urgency
    weight: Weight | None = None
    rank: Callable[[], tuple[float, ...]] = _no_rank
    lives: int = 2
    fresh: bool = False
    order: int = field(default_factory=lambda: next(_order))
    outcome: "asyncio.Future[Outcome]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    task: "asyncio.Task[Outcome] | None" = None
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while it runs."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when it has let go of its session."""
    clock: Callable[[], float] = time.monotonic
    """Of the session that it runs on: it stands still while the session is suspended."""
    started: float = 0.0
    """When it began to run the last time, by `clock`."""
    ran: float = 0.0
    """For how long it ran the last time."""
    preempted: bool = False

    @property
    def seconds(self) -> float:
        """For how long it has been running, or ran; 0 while it waits for a session."""
        return self.clock() - self.started if self.begun.is_set() else self.ran

    def preempt(self) -> None:
        """Stop it for now: it goes back into the queue."""
        if self.task is not None:
            self.preempted = True
            self.task.cancel()

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
    """Jobs in order of urgency and rank; a worker prefers the text that it has at hand.

    `serve` is one worker; whoever starts workers ends them and then calls `close`.
    """

    def __init__(self, pool: Pool, light: int, heavy: int) -> None:
        self.generation = 0
        """Raised when what sessions have imported is out of date: they are then replaced."""
        self._pool = pool
        self._slots: dict[Weight, int] = {"light": light, "heavy": heavy}
        self._paused = False
        self._closed = False
        self._waiting: list[Job[Any]] = []
        self._undone: set[Job[Any]] = set()
        self._running: set[Job[Any]] = set()
        self._idle_workers = 0
        self._changed = asyncio.Event()
        self._freed = asyncio.Event()
        self._served: Counter[str] = Counter()

    @property
    def waiting(self) -> int:
        """How many jobs wait."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        """How many jobs run."""
        return len(self._running)

    def running_of(self, weight: Weight) -> int:
        """How many strategies of a weight run."""
        return sum(job.weight == weight for job in self._running)

    @property
    def free(self) -> bool:
        """Has a session nothing to do although another light strategy might run?"""
        return self._idle_workers > 0 and not self._paused and self._has_slot("light")

    async def until_free(self) -> None:
        """Return as soon as a session has nothing to do."""
        while not self.free:
            await self._freed.wait()

    def allow(self, light: int, heavy: int, paused: bool) -> None:
        """Set how many strategies may run at a time; those that run are not stopped.

        `paused`: those that nobody has asked for go back into the queue and wait there.
        """
        self._slots = {"light": light, "heavy": heavy}
        self._paused = paused
        for job in self._searches() if paused else ():
            job.preempt()
        self._announce()

    async def do(self, job: Job[Outcome]) -> Outcome:
        """The outcome of a job; a cancelled caller cancels it.

        Raises what the job raises, and LeanError after `close`.
        """
        if self._closed:
            raise LeanError("The search was ended.")
        self._undone.add(job)
        self._put(job)
        if job.urgency is Urgency.READ:
            self._make_room()
        try:
            return await job.outcome
        finally:
            job.cancel()
            self._undone.discard(job)
            if job in self._waiting:
                self._waiting.remove(job)
                job.ended.set()

    def close(self) -> None:
        """Fail every job that is not done or comes later, so that nobody waits for ever."""
        self._closed = True
        for job in self._undone:
            job.fail(LeanError("The search was ended."))
        for job in self._running:
            # Also those in the hand of a worker that waits for a session and is cancelled there.
            job.ended.set()

    async def serve(self) -> None:
        """Serve jobs, each on a leased session that is kept as long as it is good, for ever."""
        job: Job[Any] | None = None
        while True:
            try:
                async with self._pool.lease() as session:
                    job = await self._serve_at(Desk(session, self.generation), job)
            except LeanError as error:
                # No session can be had: whoever waits is told why, and the next job tries again.
                job = job or await self._take("")
                job.fail(error)
                self._leave(job)
                job = None

    async def _serve_at(self, desk: Desk, job: Job[Any] | None) -> Job[Any]:
        """Serve `job` and those after it; return the first one that needs another session."""
        job = job or await self._take("")
        while desk.usable:
            if not desk.untouched and (job.fresh or desk.generation != self.generation):
                desk.session.kill("a fresh one is wanted")
                return job
            desk.generation = self.generation
            await self._run(desk, job)
            job = await self._take(job.path)
        return job

    async def _run(self, desk: Desk, job: Job[Any]) -> None:
        if job.outcome.done():
            self._leave(job)
            return
        task = job.task = asyncio.ensure_future(job.work(desk))
        job.clock = desk.session.clock
        job.started = job.clock()
        job.ended.clear()
        job.begun.set()
        try:
            try:
                await asyncio.wait({task})
            finally:
                # Reached with the task unfinished only when this worker itself is cancelled.
                task.cancel()
                await asyncio.wait({task})
                job.task, job.ran = None, job.seconds
                job.begun.clear()
            if task.cancelled():
                # The session is free when Lean has let go of what was cancelled.
                await desk.session.settled()
        finally:
            self._leave(job)
        self._settle(job, task)

    def _settle(self, job: Job[Any], task: "asyncio.Task[Any]") -> None:
        preempted, job.preempted = job.preempted, False
        if task.cancelled():
            if preempted and not job.outcome.done():
                self._put(job)
            else:
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
        self._announce()

    async def _take(self, path: str) -> Job[Any]:
        """The next job for a worker that has the text at `path` at hand; it counts as running."""
        idle = 0
        try:
            while not (possible := [job for job in self._waiting if self._may_run(job)]):
                if not idle:
                    idle = 1
                    self._idle_workers += 1
                    self._announce()
                await self._changed.wait()
        finally:
            self._idle_workers -= idle
        job = min(
            possible,
            key=lambda job: (
                job.urgency,
                job.rank(),
                job.path != path,
                self._served[job.path],
                job.order,
            ),
        )
        self._waiting.remove(job)
        self._running.add(job)
        self._served[job.path] += 1
        return job

    def _leave(self, job: Job[Any]) -> None:
        self._running.discard(job)
        self._served[job.path] -= 1
        job.ended.set()
        self._announce()

    def _may_run(self, job: Job[Any]) -> bool:
        if job.weight is None:
            return True
        if self._paused:
            return job.urgency is not Urgency.BACKGROUND
        return self._has_slot(job.weight)

    def _has_slot(self, weight: Weight) -> bool:
        return self.running_of(weight) < self._slots[weight]

    def _make_room(self) -> None:
        """Put the least important background search back, where every session is busy."""
        searches = self._searches()
        if self._idle_workers or any(job.preempted for job in searches) or not searches:
            return
        max(searches, key=lambda job: (job.rank(), job.order)).preempt()

    def _searches(self) -> list[Job[Any]]:
        """The searches that run and that nobody has asked for."""
        return [job for job in self._running if job.urgency is Urgency.BACKGROUND and job.task]

    def _announce(self) -> None:
        """Wake the workers, and, if there is a session to spare, those who wait for one."""
        self._changed.set()
        self._changed = asyncio.Event()
        if self.free:
            self._freed.set()
            self._freed = asyncio.Event()
