"""Strategies racing on one goal: the next one starts when the one before is late or a session idle.

The first success stops the others; a first failure stops nothing. What a strategy does, and what
its success is worth, is told by whoever holds the race.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from lean.process import PATIENCE
from search.jobs import Job, JobQueue
from search.scheduler import LEAST, Turn, next_turn

Outcome = TypeVar("Outcome")
Prize = TypeVar("Prize")

AT_ONCE = 3
"""Light strategies that may run on one goal at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Runner(Generic[Outcome]):
    """A strategy at work: its turn, its job, and the task that waits for the job."""

    turn: Turn
    job: Job[Outcome]
    task: "asyncio.Task[Outcome]"

    @property
    def seconds(self) -> float:
        """For how long it has been running, or ran; 0 while it waits for a session."""
        return self.job.seconds


class Race(Generic[Outcome, Prize]):
    """One race. `launch` makes the job of a turn with the seconds it may have; `ended` hears of
    each runner that has come to an end and returns the prize if that was a success; `stopped` hears
    of each that was stopped, with the seconds it had run.
    """

    def __init__(
        self,
        queue: JobQueue,
        launch: Callable[[Turn, float], Job[Outcome]],
        ended: Callable[[Runner[Outcome]], Awaitable[Prize | None]],
        stopped: Callable[[Turn, float], None],
        at_once: int = AT_ONCE,
    ) -> None:
        self._queue = queue
        self._launch = launch
        self._ended = ended
        self._stopped = stopped
        self._at_once = at_once
        self._runners: list[Runner[Outcome]] = []
        self._newest: Runner[Outcome] | None = None
        self._free: asyncio.Task[None] | None = None
        self.spent = 0.0
        """Seconds of all runners that have ended."""
        self.losers: list[Job[Outcome]] = []
        """The jobs that the winner has stopped; `Job.ended` tells when they have let go."""

    async def run(self, turns: Sequence[Turn], seconds: float) -> Prize | None:
        """Let the strategies run in this order, with `seconds` for all of them together.

        Cancelled, it stops them all.
        """
        waiting = list(turns)
        try:
            while True:
                self._start_some(waiting, seconds)
                if not self._runners:
                    return None
                prize: Prize | None = None
                for runner in await self._wait(more=bool(self._beside(waiting))):
                    self._runners.remove(runner)
                    self.spent += runner.seconds
                    # Those that ended together are all written down; one prize is enough.
                    found = await self._ended(runner)
                    prize = found if prize is None else prize
                if prize is not None:
                    return prize
        finally:
            self._stop_all()

    def _start_some(self, waiting: list[Turn], seconds: float) -> None:
        while possible := self._beside(waiting):
            if self._runners and not self._may_start_another():
                return
            families = {runner.turn.arm.strategy.family for runner in self._runners}
            turn = possible[next_turn(possible, families)]
            waiting.remove(turn)
            left = seconds - self.spent - sum(runner.seconds for runner in self._runners)
            if min(left, turn.seconds) >= LEAST:
                job = self._launch(turn, min(left, turn.seconds))
                runner = Runner(turn, job, asyncio.ensure_future(self._queue.do(job)))
                self._runners.append(runner)
                self._newest = runner

    def _beside(self, waiting: Sequence[Turn]) -> Sequence[Turn]:
        """The turns that may run beside those that run."""
        if not self._runners:
            return waiting
        if any(runner.turn.arm.alone for runner in self._runners):
            return ()
        return [turn for turn in waiting if not turn.arm.alone]

    def _may_start_another(self) -> bool:
        if len(self._runners) >= self._at_once:
            return False
        if any(not runner.job.begun.is_set() for runner in self._runners):
            # It would only queue behind the one that waits.
            return False
        newest = self._newest
        late = newest is None or newest not in self._runners or _is_late(newest)
        return late or self._queue.free

    async def _wait(self, more: bool) -> list[Runner[Outcome]]:
        """The runners that have ended, in the order they were started; none when it is time to look
        whether another may start.
        """
        tasks: set[asyncio.Future[Any]] = {runner.task for runner in self._runners}
        extra: set[asyncio.Future[Any]] = set()
        queued = [runner for runner in self._runners if not runner.job.begun.is_set()]
        if more and len(self._runners) < self._at_once:
            extra = {asyncio.ensure_future(runner.job.begun.wait()) for runner in queued}
            if not queued:
                extra.add(asyncio.ensure_future(self._queue.until_free()))
                if self._newest in self._runners and self._newest is not None:
                    extra.add(asyncio.ensure_future(_until_late(self._newest)))
        try:
            await asyncio.wait(tasks | extra, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in extra:
                task.cancel()
        return [runner for runner in self._runners if runner.task.done()]

    def _stop_all(self) -> None:
        for runner in self._runners:
            self._stopped(runner.turn, runner.seconds)
            self.losers.append(runner.job)
            if not runner.task.cancel() and not runner.task.cancelled():
                # It has just ended by itself; what it raised is of no use any more.
                runner.task.exception()
        self._runners.clear()


def _is_late(runner: Runner[Outcome]) -> bool:
    return runner.seconds >= runner.turn.choice.seconds


async def _until_late(runner: Runner[Outcome]) -> None:
    """Return when it has passed the time by which it usually succeeds."""
    # Its clock may stand still: not asked more often than makes sense.
    await asyncio.sleep(max(PATIENCE, runner.turn.choice.seconds - runner.seconds))
