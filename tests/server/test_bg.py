"""`unsorry bg` as a user or a program runs it: what it reads, what it tells, and that it ends."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import psutil

from search.ledger import Ledger
from server import cli

EASY = "theorem easy (a b : Nat) : a + b = b + a := by sorry\n"
HARD = """theorem hard (a b c n : Nat) (h : n > 2) (ha : a > 0) (hb : b > 0) (hc : c > 0) :
    a ^ n + b ^ n ≠ c ^ n := by sorry
"""
WITHIN = 240
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[1])}
Happening = dict[str, Any]


class Running:
    """A running `unsorry bg --events json`, and the events read from it so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.events: list[Happening] = []

    async def until(self, wanted: Callable[[Happening], bool]) -> Happening:
        """The next event that is wanted."""
        assert self.process.stdout is not None
        async with asyncio.timeout(WITHIN):
            async for line in self.process.stdout:
                event: Happening = json.loads(line)
                self.events.append(event)
                if wanted(event):
                    return event
        raise AssertionError(f"it ended; the last events: {self.events[-5:]}")

    async def end(self, number: int) -> int:
        """Send a signal; the exit code."""
        self.process.send_signal(number)
        assert self.process.stdout is not None
        async with asyncio.timeout(WITHIN):
            self.events += [json.loads(line) async for line in self.process.stdout]
            return await self.process.wait()


@contextlib.asynccontextmanager
async def background(folder: Path, *arguments: str) -> AsyncIterator[Running]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server.cli", "bg", "--events", "json", "--log-json"),
        *("--jobs", "1", "--cpu-target", "1", *arguments),
        cwd=folder,
        env=ENVIRONMENT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield Running(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def unsorry(cwd: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "server.cli", *map(str, arguments)],
        cwd=cwd,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=WITHIN,
    )


def told(kind: str, file: str) -> Callable[[Happening], bool]:
    return lambda event: event["event"] == kind and event.get("file") == file


async def test_it_follows_what_is_saved_imported_and_deleted(tmp_path: Path) -> None:
    (tmp_path / "Base.lean").write_text("def two : Nat := 2\n")
    (tmp_path / "User.lean").write_text("import Base\ntheorem t : two = 2 := by sorry\n")
    for hidden in (".lake", ".git"):
        (tmp_path / hidden).mkdir()
        (tmp_path / hidden / "Hidden.lean").write_text(EASY)
    async with background(tmp_path) as running:
        # What is there when it starts.
        first = await running.until(told("proof_found", "User.lean"))
        assert first["line"] == 2 and first["script"]
        assert not [event for event in running.events if event.get("file") == "Base.lean"]
        # A new file.
        (tmp_path / "New.lean").write_text(EASY)
        await running.until(told("proof_found", "New.lean"))
        # A file that another one imports.
        (tmp_path / "Base.lean").write_text("def two : Nat := 3\n")
        await running.until(told("refuted", "User.lean"))
        # A search whose goal is taken away, and files that are gone.
        (tmp_path / "New.lean").write_text(HARD)
        await running.until(told("goal_found", "New.lean"))
        (tmp_path / "New.lean").write_text(HARD.replace("sorry", "exact h"))
        await running.until(told("goal_stale", "New.lean"))
        (tmp_path / "User.lean").unlink()
        await running.until(lambda event: event["event"] == "status" and event["goals"] == 0)
        family = psutil.Process(running.process.pid).children(recursive=True)
        assert family and await running.end(signal.SIGTERM) == 0
    assert not psutil.wait_procs(family, timeout=30)[1]
    assert not [event for event in running.events if "Hidden" in event.get("file", "")]
    assert running.events[-1]["event"] == "status"


async def test_ctrl_c_ends_it_cleanly_in_the_middle_of_a_search(tmp_path: Path) -> None:
    (tmp_path / "Hard.lean").write_text(EASY + HARD)
    async with background(tmp_path, "--timeout", "60") as running:
        await running.until(told("proof_found", "Hard.lean"))
        await running.until(told("attempt_finished", "Hard.lean"))
        family = psutil.Process(running.process.pid).children(recursive=True)
        assert family
        assert await running.end(signal.SIGINT) == 0
        assert running.process.stderr is not None
        log = (await running.process.stderr.read()).decode()
    assert not psutil.wait_procs(family, timeout=30)[1]
    assert not [line for line in log.splitlines() if json.loads(line)["level"] == "critical"]
    ledger = Ledger.open(tmp_path / ".unsorry" / "ledger.db")
    try:
        goals = {goal.declaration: goal for goal in ledger.goals()}
        finished = [event for event in running.events if event["event"] == "attempt_finished"]
        kept = [attempt for goal in goals.values() for attempt in ledger.attempts(goal.key)]
        assert goals["easy"].status == "proved" and goals["hard"].status == "open"
        assert len(kept) >= len(finished) > 0
    finally:
        ledger.close()


def test_once_ends_by_itself_and_the_next_time_everything_is_known(tmp_path: Path) -> None:
    (tmp_path / "Easy.lean").write_text(EASY)
    first = unsorry(tmp_path, "bg", "--once", "--jobs", "1", "--cpu-target", "1")
    assert first.returncode == 0, first.stderr
    assert "Easy.lean:1:48  proved by" in first.stdout
    assert "1 proved, 0 refuted, 0 open of 1" in first.stdout.splitlines()[-1]
    (tmp_path / "Other.lean").write_text("example (x y : Nat) : x + y = y + x := by sorry\n")
    again = unsorry(tmp_path, "bg", "--once", "--jobs", "1", "--cpu-target", "1")
    assert again.stdout.count(", known)") == 2, again.stdout + again.stderr


def test_a_duration_ends_it(tmp_path: Path) -> None:
    done = unsorry(tmp_path, "bg", "--duration", "3", "--jobs", "1", "--no-ledger")
    assert done.returncode == 0 and "0 proved" in done.stdout
    assert not list(tmp_path.iterdir())


def test_one_workspace_at_a_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "lean-toolchain").write_text("leanprover/lean4:v4.28.0\n")
    done = unsorry(tmp_path, "bg", "one", "two")
    assert done.returncode == 2 and "start one bg for each" in done.stderr


def test_a_wrong_setting_is_told_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "unsorry.toml").write_text("cpu_target = 50\n")
    done = unsorry(tmp_path, "bg")
    assert done.returncode == 2
    assert done.stderr == (
        f"unsorry: {tmp_path}/unsorry.toml, line 1: cpu_target = 50 is not possible. "
        "Allowed: a number from 0.05 to 1.\n"
    )
