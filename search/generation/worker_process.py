"""A running worker, seen from here: requests out, answers in, its end.

What the lines say is described in `worker`; when one is started and ended is `generator`'s
business.
"""

import asyncio
import itertools
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lean.errors import LeanError, ToolchainError
from lean.process import DriverProcess, within
from lean.toolchain import Launch
from search.generation.errors import ModelError

ANSWER_WITHIN = 300.0
"""Seconds for one request, loading included; a goal takes 0.6 s with the largest model, and a batch
of them on a machine that does much else a minute."""

Line = dict[str, Any]


class WorkerProcess:
    """One worker process. Made by `start`, ended by `close`; never restarted.

    It is one of the processes that the throttle slows down, and can't outlive this one.
    """

    def __init__(self, process: DriverProcess) -> None:
        self._process = process
        self._identifiers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Line]] = {}
        self._ended = False
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def start(cls) -> "WorkerProcess":
        """Start a worker. Raises ModelError."""
        here = Path(__file__)
        launch = Launch(
            # -P: a workspace's own `json.py` must not be taken for a module of ours.
            argv=(sys.executable, "-P", "-m", "search.generation.worker"),
            cwd=here.parent,
            environment=dict(os.environ),
            driver=here.with_name("worker.py"),
        )
        try:
            return cls(await DriverProcess.start(launch))
        except ToolchainError as error:
            why = error.__cause__ or error
            raise ModelError(f"The process for models can't be started: {why}") from error

    @property
    def alive(self) -> bool:
        """Can it be asked?"""
        return not self._ended and self._process.running

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def rss_bytes(self) -> int:
        """Resident memory in bytes; 0 when it has ended."""
        return self._process.rss_bytes()

    async def ask(self, request: Mapping[str, Any]) -> Line:
        """The answer to a request. Raises ModelError when the process ends, or does not answer in
        time; it is then killed.

        When the caller is cancelled, the request is given up.
        """
        identifier = next(self._identifiers)
        answer: asyncio.Future[Line] = asyncio.get_running_loop().create_future()
        if not self.alive:
            raise self._death()
        self._waiting[identifier] = answer
        self._send({"id": identifier, **request})
        try:
            return await within(ANSWER_WITHIN, self._process.clock, _result(answer))
        except TimeoutError:
            self._process.kill()
            raise ModelError(
                f"The model has not answered within {ANSWER_WITHIN:.0f} s.",
                "Choose a smaller one, or fewer beams.",
            ) from None
        finally:
            self._waiting.pop(identifier)
            if self.alive and (answer.cancelled() or not answer.done()):
                self._send({"cancel": identifier})

    async def close(self) -> None:
        """End the process and wait until it is gone. There is nothing in it to be saved."""
        self._ended = True
        self._process.kill()
        await self._process.wait()
        await asyncio.wait([self._listening])

    def _send(self, line: Line) -> None:
        self._process.write(json.dumps(line).encode() + b"\n")

    async def _listen(self) -> None:
        """Hand answers out until the process ends."""
        try:
            while text := await self._process.read_line():
                line = json.loads(text)
                waiting = self._waiting.get(line["id"])
                if waiting is not None and not waiting.done():
                    waiting.set_result(line)
        except (ValueError, KeyError, LeanError):
            # It has lost its mind.
            self._process.kill()
        self._ended = True
        await self._process.wait()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(self._death())

    def _death(self) -> ModelError:
        words = self._process.last_words().split("\n")[-1]
        said = f": {words}" if words else ""
        return ModelError(
            f"The process that runs the models has ended ({self._process.ending()}){said}.",
            "The next question starts it again.",
        )


async def _result(answer: "asyncio.Future[Line]") -> Line:
    return await answer
