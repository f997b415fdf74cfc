"""Long jobs of other programs, and short questions to them, each ended by whoever started it."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from search.dojo.errors import DojoError

Say = Callable[[str], None]
"""Called with each thing that is being done."""

MARK, FAULT = "unsorry-dojo: ", "unsorry-dojo failed: "
"""How lines of a log begin that say what is being done, and why it could not be."""
LOOK_EVERY = 0.3
"""Seconds between looks at a log."""
_GUARD = Path(__file__).with_name("guard.py")
_QUESTION_SECONDS = 60.0


async def run_job(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], log: Path, say: Say
) -> int:
    """Run a command in `folder` to its end, its output added to the file `log`; its exit code.

    Lines of the log that begin with `MARK` are told to `say`. When the caller is cancelled, or this
    program dies, the command ends with all that it has started. Raises DojoError when it can't be
    watched over.
    """
    start = _size(log)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(_GUARD),
        str(log),
        *command,
        cwd=folder,
        env=dict(environment),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        # A group of its own, to be ended as one.
        start_new_session=True,
    )
    assert process.stdout
    following = asyncio.create_task(_follow(log, start, say))
    try:
        said = await process.stdout.readline()
    finally:
        # The guard is still there: the number of its group can't belong to somebody else.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        following.cancel()
        await process.wait()
        await asyncio.wait([following])
    if not said.strip():
        raise DojoError(f"{Path(command[0]).name} was ended by somebody else.", "Try again.")
    return int(said)


async def answer_of(*command: str, folder: Path) -> str | None:
    """What a short-lived command prints; None when it is not there, fails, or takes a minute."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        return None
    try:
        said, _ = await asyncio.wait_for(process.communicate(), _QUESTION_SECONDS)
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return said.decode(errors="replace") if process.returncode == 0 else None


def last_line(log: Path) -> str:
    """The last line of a log that says something, at most 300 characters of it."""
    with log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - 8192))
        lines = stream.read().decode(errors="replace").split("\n")
    said = [line.strip() for line in lines if line.strip()]
    return said[-1].removeprefix(MARK).removeprefix(FAULT)[:300] if said else ""


def _size(log: Path) -> int:
    """The bytes of a log, which is made when it is not there."""
    log.touch()
    return log.stat().st_size


async def _follow(log: Path, start: int, say: Say) -> None:
    """Tell the marked lines that are added to a log, until cancelled, and then the last ones."""
    place = start
    try:
        while True:
            place = _tell(log, place, say)
            await asyncio.sleep(LOOK_EVERY)
    finally:
        _tell(log, place, say)


def _tell(log: Path, place: int, say: Say) -> int:
    """Tell the whole lines after a place in the log; where they end."""
    with log.open("rb") as stream:
        stream.seek(place)
        whole, found, _ = stream.read().rpartition(b"\n")
    for line in whole.decode(errors="replace").split("\n"):
        if line.startswith(MARK):
            say(line.removeprefix(MARK))
    return place + len(whole) + len(found)
