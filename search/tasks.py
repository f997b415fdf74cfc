"""The tasks of an engine: all of them end with it, and one that breaks is told of.

What they do is their makers' business.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

Outcome = TypeVar("Outcome")

logger = logging.getLogger(__name__)


class Tasks:
    """Tasks and workers of one engine. `broke` hears of a worker's error, at once."""

    def __init__(self, broke: Callable[[BaseException], None]) -> None:
        self._broke = broke
        self._running: set[asyncio.Task[Any]] = set()
        self._workers: list[asyncio.Task[None]] = []

    def employ(self, work: Coroutine[Any, Any, None]) -> None:
        """Start work that only ends with the engine; if it breaks, nobody waits for it in vain."""

        def ended(task: "asyncio.Task[None]") -> None:
            if not task.cancelled() and (error := task.exception()) is not None:
                logger.error("the engine broke", exc_info=error)
                self._broke(error)

        task = asyncio.create_task(work)
        task.add_done_callback(ended)
        self._workers.append(task)

    def spawn(self, work: Coroutine[Any, Any, Outcome]) -> "asyncio.Task[Outcome]":
        """Start a task that is waited for in the end."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    def dismiss(self) -> None:
        """End the workers; `finished` waits for them."""
        for worker in self._workers:
            worker.cancel()

    async def finished(self, patience: float) -> None:
        """Return when all have ended; what takes longer than `patience` seconds is cancelled."""
        # Their errors have reached whoever asked; here only their end matters.
        await asyncio.gather(*self._workers, return_exceptions=True)
        while self._running:
            tasks: Sequence[asyncio.Task[Any]] = list(self._running)
            _, late = await asyncio.wait(tasks, timeout=patience)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
