"""What each program that searches a workspace says of itself now, in a file beside the ledger.

The ledger has what is finished; a note has what is not: the strategies at work, the load, the
sessions. A note is nothing to rely on: it may be some seconds old, and one whose program has ended
or fallen silent is passed over.
"""

import asyncio
import contextlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import psutil

from lean.pool import PoolStats
from search.announcing import Events
from search.events import (
    VERDICT_EVENTS,
    AttemptFinished,
    AttemptStarted,
    GoalHandle,
    GoalStale,
    Status,
)

EVERY = 0.5
"""Seconds between two looks at what has changed."""
AT_LEAST_EVERY = 5.0
"""Seconds after which a note is written again, though nothing has changed."""
SILENT_AFTER = 20.0
"""Seconds after which a note counts for nothing."""

_VERDICTS = tuple(VERDICT_EVENTS.values())
Shape = TypeVar("Shape")


@dataclass(frozen=True, slots=True)
class RunningAttempt:
    """A strategy at work on a goal, since `started_at`; it may use `seconds`."""

    goal: str
    file: str
    line: int
    declaration: str
    strategy: str
    seconds: float
    started_at: float


@dataclass(frozen=True, slots=True)
class RunNote:
    """A program that searches: what it said at `at` (seconds since the epoch).

    `command` and `process` say which program; `attempts` are what it tries, the oldest first.
    """

    run: str
    command: str
    process: int
    started_at: float
    at: float
    status: Status
    sessions: PoolStats
    attempts: tuple[RunningAttempt, ...] = ()


class RunNotes:
    """Keeps the note of one run up to date while `run` runs, and removes it in the end."""

    def __init__(
        self,
        ledger: Path,
        run: str,
        command: str,
        events: Events,
        status: Callable[[], Status],
        sessions: Callable[[], PoolStats],
    ) -> None:
        self._folder = notes_folder(ledger)
        self._name = f"{run}.json"
        self._events = events
        self._status = status
        self._sessions = sessions
        self._attempts: dict[tuple[str, str], RunningAttempt] = {}
        self._began = (run, command, os.getpid(), time.time())
        self._written: RunNote | None = None

    async def run(self) -> None:
        """Write what there is to say, again and again, until cancelled."""
        listening = asyncio.create_task(self._listen())
        try:
            # Without a place for it there is no note; the search does not depend on it.
            with contextlib.suppress(OSError):
                await asyncio.to_thread(_tidy, self._folder)
            while True:
                note = RunNote(
                    *self._began,
                    time.time(),
                    self._status(),
                    self._sessions(),
                    tuple(self._attempts.values()),
                )
                if _differs(note, self._written):
                    with contextlib.suppress(OSError):
                        await asyncio.to_thread(self._write, note)
                    self._written = note
                await asyncio.sleep(EVERY)
        finally:
            listening.cancel()
            with contextlib.suppress(OSError):
                (self._folder / self._name).unlink(missing_ok=True)

    async def _listen(self) -> None:
        async for event in self._events:
            match event:
                case AttemptStarted(goal, strategy, seconds):
                    self._attempts[goal.hole.identity, strategy] = _running(goal, strategy, seconds)
                case AttemptFinished(goal, attempt):
                    self._attempts.pop((goal.hole.identity, attempt.strategy), None)
                case GoalStale(goal):
                    self._drop(goal)
                case _ if isinstance(event, _VERDICTS):
                    self._drop(event.goal)
                case _:
                    pass

    def _drop(self, goal: GoalHandle) -> None:
        """Nothing is tried on a goal any more."""
        for key in [key for key in self._attempts if key[0] == goal.hole.identity]:
            del self._attempts[key]

    def _write(self, note: RunNote) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        new = self._folder / f"{self._name}.new"
        new.write_text(json.dumps(asdict(note), ensure_ascii=False), "utf-8")
        new.replace(self._folder / self._name)


def notes_folder(ledger: Path) -> Path:
    """Where the notes of the programs that use a ledger are."""
    return ledger.with_name(f"{ledger.stem}-running")


def read_notes(ledger: Path, now: float | None = None) -> tuple[RunNote, ...]:
    """The notes of the programs that are running, those that began first first."""
    at = time.time() if now is None else now
    found = []
    for path in notes_folder(ledger).glob("*.json"):
        # It may vanish or be of another version; the next look is another chance.
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            note = _note(json.loads(path.read_text("utf-8")))
            if at - note.at < SILENT_AFTER and psutil.pid_exists(note.process):
                found.append(note)
    return tuple(sorted(found, key=lambda note: (note.started_at, note.run)))


def notes_changed_at(ledger: Path) -> int:
    """A number that differs from the one before when a note was written or removed since."""
    try:
        return notes_folder(ledger).stat().st_mtime_ns
    except OSError:
        return 0


def _running(goal: GoalHandle, strategy: str, seconds: float) -> RunningAttempt:
    hole = goal.hole
    return RunningAttempt(
        goal.key.key, goal.path, hole.line, hole.declaration, strategy, seconds, time.time()
    )


def _differs(note: RunNote, before: RunNote | None) -> bool:
    """Is it worth writing again?"""
    if before is None or note.at - before.at >= AT_LEAST_EVERY:
        return True
    return _worth(note) != _worth(before)


def _worth(note: RunNote) -> tuple[object, ...]:
    """What a reader would notice: the load in per cent, memory not at all."""
    status, sessions = asdict(note.status), asdict(note.sessions)
    status["load"] = round(note.status.load, 2)
    del sessions["rss_bytes"]
    return status, sessions, note.attempts


def _tidy(folder: Path) -> None:
    """Remove what programs have left that were killed."""
    for path in folder.glob("*.json*"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > SILENT_AFTER:
                path.unlink()


def _note(said: dict[str, Any]) -> RunNote:
    parts = {
        "status": _made(Status, said["status"]),
        "sessions": _made(PoolStats, said["sessions"]),
        "attempts": tuple(_made(RunningAttempt, entry) for entry in said["attempts"]),
    }
    return _made(RunNote, {**said, **parts})


def _made(shape: type[Shape], said: dict[str, Any]) -> Shape:
    """A data class from what JSON has; what a newer version says besides is passed over."""
    names = {field.name for field in fields(shape)}  # type: ignore[arg-type]
    return shape(**{name: value for name, value in said.items() if name in names})
