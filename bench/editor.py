"""What an editor's user waits for: from a save to the proof, an edit in a long file, the start.

A real client talks to `unsorry lsp`; beside it Lean's own server reads the same edits.
"""

import argparse
import asyncio
import contextlib
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil

from bench.editing import Editing
from bench.generated_goals import EASY
from bench.incremental import generated
from bench.lean_server import LeanServer, LeanServerEnded
from bench.measurement import Measurement, Target, run

ROUNDS, STARTS = 40, 7
LINES = 2000
LONG_EDITS = 5
WARM_UP = 4
PREAMBLE = "def double (n : Nat) : Nat := n + n\n\ntheorem first : double 2 = 4 := rfl\n\n"
FAST_START = {"PYTHONDONTWRITEBYTECODE": ""}
"""As on a user's machine: Python keeps what it has compiled."""


def text(number: int, proof: str = "sorry") -> str:
    """A short file whose last theorem is new each time."""
    statement = EASY[number % len(EASY)].replace("{n}", str(1000 + number))
    return f"{PREAMBLE}theorem last {statement} := by\n  {proof}\n"


async def measure(chosen: argparse.Namespace) -> Measurement:
    """Everything, in folders of its own."""
    with tempfile.TemporaryDirectory(prefix="unsorry-editor-") as folder:
        root = Path(folder)
        starts = [await _start(_made(root / f"start{number}")) for number in range(STARTS)]
        async with Editing.open(_made(root / "short"), environment=FAST_START) as editing:
            saves, own, scripts = await _saves(editing)
            memory = psutil.Process(editing.process.pid).memory_info().rss / 2**20
        async with Editing.open(_made(root / "long"), environment=FAST_START) as editing:
            full, edits = await _long_file(editing)
    middle, late = statistics.median(saves), statistics.quantiles(saves, n=20)[-1]
    lean = statistics.median(own)
    start = statistics.median(starts[1:])
    edit = statistics.median(edits)
    lines = [
        f"save → code action, {len(saves)} easy goals, warm: p50 {middle:.3f} s, p95 {late:.3f} s",
        f"  Lean's own server, edit → diagnostics with the proof in place: p50 {lean:.3f} s, "
        f"p95 {statistics.quantiles(own, n=20)[-1]:.3f} s; ratio of the p50 {middle / lean:.2f}",
        f"  proved by: {', '.join(sorted(set(scripts)))}",
        f"{LINES} lines: opened and read {full:.2f} s, edit in the last declaration saved and read "
        f"{edit:.3f} s (median of {len(edits)}): ratio {full / edit:.0f}",
        f"memory of the server without the Lean sessions: {memory:.0f} MB",
        f"start of the process → initialized: {start:.3f} s (median of {len(starts) - 1})",
    ]
    return Measurement(
        lines,
        {"saves": saves, "lean": own, "full": full, "edits": edits, "starts": starts, "mb": memory},
        [
            Target("save → code action, p50 in s", middle, "<=", 0.6),
            Target("that ÷ Lean's own server", middle / lean, "<=", 1.5),
            Target("whole file ÷ edit at its end", full / edit, ">=", 20.0),
            Target("memory of the server in MB", memory, "<=", 150.0),
            Target("start → initialized in s", start, "<=", 0.7),
        ],
    )


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def _start(folder: Path) -> float:
    """Seconds from the start of the process to the answer to `initialize`, which is sent as bytes:
    the client's own work is no part of it.
    """
    editing = Editing(folder, {}, "utf-16")
    request = editing.first_request()
    started = time.monotonic()
    await editing.start(FAST_START)
    process = editing.process
    assert process.stdin is not None
    answered = asyncio.Event()
    editing.client.protocol.handle_message = lambda message: answered.set()  # type: ignore[method-assign]
    process.stdin.write(request)
    await answered.wait()
    seconds = time.monotonic() - started
    await editing.kill()
    return seconds


async def _saves(editing: Editing) -> tuple[list[float], list[float], list[str]]:
    """Seconds from a save to the code action, and for the same edit by Lean's own server."""
    editing.show("Short.lean", text(0))
    await editing.until(lambda: editing.states("Short.lean") == ["proved"], "a first proof")
    saves, own, scripts = [], [], []
    async with contextlib.AsyncExitStack() as stack:
        lean = await stack.enter_async_context(LeanServer.open(text(0)))
        for number in range(1, ROUNDS + WARM_UP + 1):
            buffer = editing.buffers[editing.uri("Short.lean")]
            editing.edit("Short.lean", 0, len(buffer.text), text(number))
            started = time.monotonic()
            editing.save("Short.lean")
            wanted = str(1000 + number)
            await editing.until(
                lambda wanted=wanted: any(  # type: ignore[misc]
                    goal["state"] == "proved" and wanted in goal["goal"]
                    for goal in editing.goals[editing.uri("Short.lean")]
                ),
                "a proof",
            )
            actions = await editing.actions("Short.lean", "sorry")
            ended = time.monotonic()
            assert actions[0]["title"].startswith("Insert the proof")
            proof = editing.goals[editing.uri("Short.lean")][0]["proof"]
            proved = text(number, proof.replace("\n", "\n  "))
            try:
                beside = await _edited(lean, proved)
            except LeanServerEnded:
                lean = await stack.enter_async_context(LeanServer.open(text(0)))
                await _edited(lean, text(number))
                beside = await _edited(lean, proved)
            if number > WARM_UP:
                saves.append(ended - started)
                own.append(beside)
                scripts.append(proof)
    return saves, own, scripts


async def _edited(lean: LeanServer, text: str) -> float:
    """Seconds that Lean's own server takes for an edit."""
    begun = time.monotonic()
    await lean.edit(text)
    return time.monotonic() - begun


async def _long_file(editing: Editing) -> tuple[float, list[float]]:
    """Seconds to read a long file that was opened, and after an edit at its end was saved."""
    editing.show("Warm.lean", text(0))
    await editing.until(lambda: editing.states("Warm.lean") == ["proved"], "warm sessions")
    editing.shut("Warm.lean")
    started = time.monotonic()
    editing.show("Long.lean", generated(LINES, "sorry"))
    await editing.until(lambda: editing.states("Long.lean"), "the goal of the long file")
    full = time.monotonic() - started
    await editing.until(lambda: editing.states("Long.lean") == ["proved"], "its proof")
    await editing.until(lambda: not editing.status["running"], "rest")
    edits = []
    for number in range(LONG_EDITS):
        editing.replace("Long.lean", "theorem last ", f"theorem last (c{number} : Nat) ")
        started = time.monotonic()
        editing.save("Long.lean")
        await editing.until(
            lambda number=number: any(  # type: ignore[misc]
                f"c{number} " in goal["goal"] for goal in editing.goals[editing.uri("Long.lean")]
            ),
            "the goal after the edit",
        )
        edits.append(time.monotonic() - started)
        await editing.until(lambda: editing.states("Long.lean") == ["proved"], "its proof")
    return full, edits


def main() -> int:
    """The command line."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    return run("editor", "What an editor's user waits for.", measure)


if __name__ == "__main__":
    sys.exit(main())
