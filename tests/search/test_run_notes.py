"""What a program that searches says of itself: seen by others while it runs, gone with it."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import pytest

from lean.goal import Goal
from lean.pool import PoolStats
from lean.session import Session
from lean.toolchain import Toolchain
from lean.workspace import Workspace
from search.arms import Arm
from search.budget import Budget
from search.engine import Engine
from search.events import Status
from search.ledger import Ledger
from search.run_notes import RunNote, notes_changed_at, notes_folder, read_notes
from search.settings import Settings
from search.strategies.strategy import Result
from tests.search.few_tactics import FewTactics

TEXT = "theorem t (a b : Nat) (h : a ≤ b) : a < b + 1 := by\n  sorry\n"
STATUS = Status(0.25, 0.5, 2, 1, 0, 1, 3, 1, 0, 1, 0, "")
SESSIONS = PoolStats(2, 1, 1, 0, 2, 0, 0, 10**9)


@dataclass(frozen=True, slots=True)
class WorksUntil(FewTactics):
    """At work for as long as nobody has seen enough."""

    enough: asyncio.Event = field(default_factory=asyncio.Event)
    timeout: float = 600.0

    async def run(self, goal: Goal, session: Session, budget: Budget) -> Result:
        await self.enough.wait()
        return Result(False, self.name, error="it was not meant to")


async def until(true: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        await asyncio.sleep(0.02)


async def test_a_search_is_seen_at_work_and_leaves_nothing(
    tmp_path: Path, toolchain: Toolchain
) -> None:
    workspace, ledger = Workspace.at(tmp_path), tmp_path / ".unsorry" / "ledger.db"
    seen: list[RunNote] = []

    def look() -> bool:
        seen.extend(read_notes(ledger))
        return any(note.attempts for note in seen)

    works = WorksUntil(name="works")
    settings = Settings(sessions=1, timeout=600.0, policy_name="fixed")
    async with Engine.open(workspace, settings, [Arm(works)], command="bg") as engine:
        await engine.update("T.lean", TEXT)
        await until(look)
        note = next(note for note in seen if note.attempts)
        assert (note.command, note.process) == ("bg", os.getpid())
        assert note.sessions.sessions >= 1 and note.status.target == 1.0
        running = note.attempts[0]
        assert running.file.startswith("T") and running.line == 2 and running.seconds > 0
        assert running.strategy == "works"
        opened = Ledger.open(ledger)
        assert opened.goal(running.goal) is not None
        opened.close()
        works.enough.set()
        await until(lambda: not engine.busy)
        await until(lambda: [note.attempts for note in read_notes(ledger)] == [()])
    assert read_notes(ledger) == ()
    assert not list(notes_folder(ledger).iterdir())


async def test_an_engine_that_remembers_nothing_leaves_no_note(
    tmp_path: Path, toolchain: Toolchain
) -> None:
    settings = Settings(sessions=1, remember=False)
    async with Engine.open(Workspace.at(tmp_path), settings) as engine:
        await engine.update("T.lean", TEXT)
    assert not (tmp_path / ".unsorry").exists()


def note(process: int, at: float) -> RunNote:
    return RunNote("run", "bg", process, at, at, STATUS, SESSIONS)


def write(ledger: Path, name: str, text: str) -> None:
    notes_folder(ledger).mkdir(parents=True, exist_ok=True)
    (notes_folder(ledger) / name).write_text(text)


def as_text(note: RunNote, **more: object) -> str:
    return json.dumps({**asdict(note), **more})


def test_who_has_ended_or_fallen_silent_is_passed_over(tmp_path: Path) -> None:
    ledger, now = tmp_path / "ledger.db", time.time()
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    write(ledger, "ended.json", as_text(note(ended.pid, now)))
    write(ledger, "silent.json", as_text(note(os.getpid(), now - 60)))
    assert read_notes(ledger) == ()
    write(ledger, "here.json", as_text(note(os.getpid(), now)))
    assert read_notes(ledger) == (note(os.getpid(), now),)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"run": 1}', "null"])
def test_what_is_no_note_is_passed_over(tmp_path: Path, text: str) -> None:
    ledger = tmp_path / "ledger.db"
    write(ledger, "broken.json", text)
    assert read_notes(ledger) == ()


def test_a_newer_program_may_say_more(tmp_path: Path) -> None:
    ledger, ours = tmp_path / "ledger.db", note(os.getpid(), time.time())
    write(ledger, "newer.json", as_text(ours, mood="good"))
    assert read_notes(ledger) == (ours,)
    assert replace(ours, run="other") not in read_notes(ledger)


def test_a_note_that_comes_or_goes_can_be_told(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.db"
    assert notes_changed_at(ledger) == 0
    write(ledger, "here.json", as_text(note(os.getpid(), time.time())))
    # Some time ago: many file systems tell moments apart only when a tick lies between them.
    os.utime(notes_folder(ledger), (1, 1))
    first = notes_changed_at(ledger)
    (notes_folder(ledger) / "here.json").unlink()
    assert 0 < first < notes_changed_at(ledger)
