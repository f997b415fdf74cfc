"""One child process that runs a driver: it can't outlive its parent, and ends for certain.

It knows bytes and signals only; lines and requests are `lean.connection`. It can be suspended and
resumed, and has a clock that stands still meanwhile; when that is wise is the caller's business.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import time
import weakref
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import psutil

from lean.errors import ProtocolError, ToolchainError
from lean.toolchain import Launch

MAX_LINE = 256 * 2**20
"""Bytes of one reply line; a longer one comes from a driver that has lost its mind."""
STDERR_CHUNKS = 32
STDERR_SHOWN = 800
"""Characters of the end of stderr that go into an error message."""
PR_SET_PDEATHSIG = 1
CAN_SUSPEND = hasattr(signal, "SIGSTOP")
"""Can this system stop a process and let it go on? Windows can't."""
PATIENCE = 0.05
"""Seconds between looks at a clock that may stand still."""

Outcome = TypeVar("Outcome")
_made: "weakref.WeakSet[DriverProcess]" = weakref.WeakSet()


class DriverProcess:
    """A running driver in its own process group, and the tail of its stderr."""

    def __init__(self, process: Process) -> None:
        assert process.stdin and process.stdout and process.stderr
        self._process = process
        self._input = process.stdin
        self._output = process.stdout
        self._tail: deque[bytes] = deque(maxlen=STDERR_CHUNKS)
        self._errors = asyncio.create_task(self._collect(process.stderr))
        self._family: list[psutil.Process] = []
        self.slowdown = 1.0
        """Seconds of wall clock for one second in which it may run; set by who suspends it."""
        self._suspended_at: float | None = None
        self._suspended_seconds = 0.0
        _made.add(self)

    @classmethod
    async def start(cls, launch: Launch) -> "DriverProcess":
        """Starts `launch`. Raises ToolchainError when the program can't be started at all."""
        try:
            process = await asyncio.create_subprocess_exec(
                *launch.argv,
                cwd=launch.cwd,
                env=dict(launch.environment),
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                limit=MAX_LINE,
                # Its own group, so that a Ctrl-C in the terminal is ours to handle, and its
                # children die with it.
                start_new_session=True,
                preexec_fn=die_with_parent(),
            )
        except OSError as error:
            raise ToolchainError(
                f"Lean can't be started: {error.filename or launch.argv[0]}: {error.strerror}.",
                "Run 'unsorry toolchain show' to see which Lean is used, and where it should be.",
            ) from error
        return cls(process)

    @property
    def running(self) -> bool:
        """Has the process not ended yet, as far as is known?"""
        return self._process.returncode is None

    @property
    def pid(self) -> int:
        """The process id; also that of its process group."""
        return self._process.pid

    def clock(self) -> float:
        """Seconds of a monotonic clock that stands still while the process is suspended."""
        now = time.monotonic() if self._suspended_at is None else self._suspended_at
        return now - self._suspended_seconds

    def suspend(self) -> None:
        """Stops the whole process group until `resume`; it can be killed meanwhile.

        When this program is killed meanwhile, Linux ends the group; other systems leave it stopped.
        """
        if CAN_SUSPEND and self._suspended_at is None and self.running:
            self._suspended_at = time.monotonic()
            self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Lets a suspended process group go on."""
        if self._suspended_at is not None:
            self._suspended_seconds += time.monotonic() - self._suspended_at
            self._suspended_at = None
            self._signal(signal.SIGCONT)

    def write(self, data: bytes) -> None:
        """Queues bytes for stdin."""
        self._input.write(data)

    async def read_line(self) -> bytes:
        """The next line of stdout, with its newline; empty at the end. Raises ProtocolError."""
        try:
            return await self._output.readline()
        except ValueError:
            raise ProtocolError(
                f"The Lean driver wrote a line of more than {MAX_LINE // 2**20} MB."
            ) from None

    def kill(self) -> None:
        """Ends the whole process group, now. Safe to call at any time."""
        kill_group(self._process)

    async def wait(self) -> None:
        """Returns when the process has ended and its stderr is read."""
        await self._process.wait()
        # A grandchild may hold stderr open; its words are not worth waiting for.
        await asyncio.wait([self._errors], timeout=0.5)
        self._errors.cancel()
        self._input.close()

    def rss_bytes(self) -> int:
        """Resident memory of the process and its children in bytes; 0 when it has ended."""
        if not self._family:
            with contextlib.suppress(psutil.Error):
                # Looked up once: a launcher such as `lake env` starts its one child before the
                # driver greets.
                process = psutil.Process(self.pid)
                self._family = [process, *process.children(recursive=True)]
        total = 0
        for member in self._family:
            with contextlib.suppress(psutil.Error):
                total += member.memory_info().rss
        return total

    def ending(self) -> str:
        """How it ended, in words."""
        code = self._process.returncode
        if code is None:
            return "still running"
        if code >= 0:
            return f"exit code {code}"
        return f"signal {signal.Signals(-code).name}"

    def note(self, line: bytes) -> None:
        """Counts a line of stdout among its last words."""
        self._tail.append(line)

    def last_words(self) -> str:
        """The end of what it wrote to stderr."""
        return b"".join(self._tail).decode(errors="replace").strip()[-STDERR_SHOWN:]

    def _signal(self, number: int) -> None:
        if self.running:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    async def _collect(self, stream: asyncio.StreamReader) -> None:
        while chunk := await stream.read(4096):
            self._tail.append(chunk)


def running_drivers() -> list[DriverProcess]:
    """Every driver that this program has started and that has not ended."""
    return [driver for driver in _made if driver.running]


async def within(
    seconds: float, clock: Callable[[], float], work: Coroutine[Any, Any, Outcome]
) -> Outcome:
    """The outcome of `work`; cancels it when `clock` has gone on by `seconds`.

    Like `asyncio.timeout`, for a clock that may stand still. Raises TimeoutError.
    """
    task = asyncio.ensure_future(work)
    end = clock() + seconds
    try:
        while not task.done() and (left := end - clock()) > 0:
            await asyncio.wait({task}, timeout=max(left, PATIENCE))
        if not task.done():
            raise TimeoutError
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task})


def kill_group(process: Process) -> None:
    """Ends a process that leads its own group, with all of the group where there are groups."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()


def die_with_parent() -> Callable[[], None] | None:
    """What the child does before it becomes Lean: asks Linux to kill it when its parent is gone.

    A parent that is killed can't end its children, and a driver in an endless loop does not notice
    that its stdin has closed. Elsewhere the end of stdin has to do.
    """
    if not sys.platform.startswith("linux"):
        return None
    # Loaded here: after the fork only the call itself is safe.
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def arrange() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            # The parent died between the fork and the line above.
            os._exit(1)

    return arrange
