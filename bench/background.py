"""`unsorry bg` as a process of its own, for programs that kill it, feed it and watch it.

It is started as a user would start it, and told apart from everything else on the machine by a
variable in its environment, which its children inherit.
"""

import argparse
import asyncio
import contextlib
import json
import os
import sys
import uuid
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import psutil

from bench.tree_share import tree_of

MARK = "BENCH_BACKGROUND"
GONE_WITHIN = 10.0
"""Seconds in which every process has to be gone after the end."""
MAX_LINE = 2**24

Event = dict[str, Any]


class Background:
    """One run of `unsorry bg` on a folder, with the events it has printed and its log."""

    def __init__(self, process: Process, mark: str) -> None:
        self.process = process
        self.events: list[Event] = []
        """Every whole line that it printed."""
        self.log: list[str] = []
        """What it wrote to stderr, by line; JSON objects."""
        self._mark = mark
        self._seen: set[psutil.Process] = set()
        self._arrived = asyncio.Event()
        self._readers = [
            asyncio.create_task(self._read_events()),
            asyncio.create_task(self._read_log()),
        ]

    @classmethod
    async def start(cls, folder: Path, arguments: Sequence[str]) -> Self:
        """Start it on `folder` with more arguments."""
        mark = uuid.uuid4().hex
        command = ["-m", "server.cli", "bg", str(folder), "--events", "json", "--log-json"]
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *command,
            *arguments,
            stdout=PIPE,
            stderr=PIPE,
            limit=MAX_LINE,
            env={**os.environ, MARK: mark},
        )
        return cls(process, mark)

    def said(self, name: str) -> list[Event]:
        """The events of a name."""
        return [event for event in self.events if event["event"] == name]

    async def until_events(self, name: str, count: int, seconds: float) -> None:
        """Wait for so many events of a name, or for so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while len(self.said(name)) < count and self.process.returncode is None:
                    self._arrived.clear()
                    await self._arrived.wait()

    def tree(self) -> list[psutil.Process]:
        """Its processes now."""
        found = tree_of(self.process.pid)
        self._seen.update(found)
        return found

    def memory(self) -> int:
        """Bytes of resident memory of all of them."""
        total = 0
        for process in self.tree():
            with contextlib.suppress(psutil.Error):
                total += process.memory_info().rss
        return total

    async def kill(self) -> list[str]:
        """SIGKILL; returns the processes that it leaves behind, in words."""
        self.tree()
        self.process.kill()
        return await self._ended()

    async def stop(self, within: float = 60.0) -> list[str]:
        """SIGTERM, as a shell would end it; returns what it leaves behind, in words."""
        self.tree()
        if self.process.returncode is None:
            self.process.terminate()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self.process.wait()
        late = [f"{self.process.pid} did not end"] if self.process.returncode is None else []
        return late + await self.kill() if late else await self._ended()

    async def _ended(self) -> list[str]:
        await self.process.wait()
        left = self._survivors()
        for _ in range(round(GONE_WITHIN / 0.1)):
            if not left:
                break
            await asyncio.sleep(0.1)
            left = self._survivors()
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()
        await asyncio.gather(*self._readers)
        return [str(process) for process in left]

    def _survivors(self) -> list[psutil.Process]:
        ours = set(self._seen)
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.environ().get(MARK) == self._mark:
                    ours.add(process)
        return [process for process in ours if _lives(process)]

    async def _read_events(self) -> None:
        assert self.process.stdout
        while line := await self.process.stdout.readline():
            # The last line of one that was killed may be half a line.
            if line.endswith(b"\n"):
                self.events.append(json.loads(line))
                self._arrived.set()
        self._arrived.set()

    async def _read_log(self) -> None:
        assert self.process.stderr
        while line := await self.process.stderr.readline():
            self.log.append(line.decode(errors="replace").rstrip("\n"))


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def searching(chosen: argparse.Namespace) -> list[str]:
    """The arguments of `bg` for the options `cpu_target` and `jobs` of a measuring program."""
    jobs = [] if chosen.jobs is None else ["--jobs", str(chosen.jobs)]
    return ["--cpu-target", str(chosen.cpu_target), *jobs]


def faults(log: Sequence[str]) -> list[str]:
    """The lines of a log that tell of an exception nobody handled, or of an error."""
    found = []
    for line in log:
        entry: Any = None
        with contextlib.suppress(ValueError):
            entry = json.loads(line)
        if isinstance(entry, dict):
            if entry.get("level") in ("error", "critical") or "error" in entry:
                found.append(line)
        elif "Traceback" in line or "Error" in line or "Exception" in line:
            found.append(line)
    return found
