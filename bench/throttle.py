"""Does the engine keep to its share of the machine, and does it yield?

The engine works in a process of its own, on hard goals without end; this process observes it, first
alone, then while another program wants a whole core.
"""

import argparse
import asyncio
import contextlib
import signal
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path

import psutil

from bench.generated_goals import file_text, goal
from bench.measurement import Measurement, Target, run
from bench.report import table
from bench.tree_share import (
    Sample,
    mean_share,
    mean_total,
    observe,
    used_seconds,
    window_shares,
)
from lean.workspace import Workspace
from search.engine import Engine
from search.events import DocumentElaborated, GoalFound, GoalOpen, ProofFound, Refuted
from search.settings import Settings

TOLERANCE = 0.05
"""How far the mean may be from the target."""
BURST = 0.15
"""How far a window of 10 s may be above it."""
START_WITHIN = 300.0
SETTLE = 10.0
"""Seconds after a change before it is measured what came of it."""
AT_HAND = 24
"""Unsettled goals that the engine always has."""
A_FILE = 8
HOG = "while True: pass"


async def measure(chosen: argparse.Namespace) -> Measurement:
    """Observe the engine alone, then beside a busy program."""
    with tempfile.TemporaryDirectory(prefix="unsorry-throttle-") as folder:
        async with _program(
            "-m", "bench.throttle", "--work", folder, *_passed_on(chosen)
        ) as engine:
            assert engine.stdout
            async with asyncio.timeout(START_WITHIN):
                await engine.stdout.readline()
            alone = await observe(engine.pid, chosen.seconds)
            async with _program("-c", HOG) as hog:
                await asyncio.sleep(SETTLE)
                before = used_seconds(hog.pid)
                beside = await observe(engine.pid, chosen.seconds)
                hogged = used_seconds(hog.pid) - before
    core = hogged / (beside[-1].at - beside[0].at)
    return _judged(chosen.target, alone, beside, core)


def _judged(target: float, alone: list[Sample], beside: list[Sample], core: float) -> Measurement:
    share, yielded = mean_share(alone), mean_share(beside)
    windows = window_shares(alone)
    above = sum(window > target + BURST for window in windows) / len(windows)
    cores = psutil.cpu_count() or 1
    rows = [
        ["alone", share, max(windows), mean_total(alone)],
        ["beside a busy program", yielded, max(window_shares(beside)), mean_total(beside)],
    ]
    shown = [[name, *(f"{value:.3f}" for value in values)] for name, *values in rows]
    lines = [
        f"Target {target:g} of {cores} cores. Shares of the whole machine:",
        *table(["", "ours, mean", "ours, most in 10 s", "everybody"], shown),
        f"The busy program had {core:.0%} of a core.",
        # More than a few per cent, and it was not alone: it has yielded, as it should.
        f"Other programs had {mean_total(alone) - share:.0%} of the machine while it was alone.",
    ]
    return Measurement(
        lines=lines,
        figures={
            "target": target,
            "cores": cores,
            "alone": {"mean": share, "windows": windows, "everybody": mean_total(alone)},
            "beside": {"mean": yielded, "everybody": mean_total(beside), "other_program": core},
        },
        targets=[
            Target("mean share - target, either way", abs(share - target), "<=", TOLERANCE),
            Target("share of 10 s windows above target + 0.15", above, "<=", 0.0),
            # What a whole core leaves, which may be more than the target.
            Target("share beside it", yielded, "<=", min(target, 1 - 1 / cores) + TOLERANCE),
            Target("of a core for the other program", core, ">=", 0.9),
        ],
    )


async def work(folder: Path, target: float, sessions: int | None) -> None:
    """The engine, with hard goals as fast as it is through with them, until cancelled."""
    settings = Settings(
        profile=1, cpu_target=target, sessions=sessions, ledger=folder / "ledger.db"
    )
    async with Engine.open(Workspace.at(folder), settings) as engine:
        events = engine.events()
        number = unsettled = 0
        async with asyncio.TaskGroup() as reading:
            read: asyncio.Task[object] | None = None
            while True:
                if unsettled < AT_HAND and (read is None or read.done()):
                    goals = [goal("impossible", number + each) for each in range(A_FILE)]
                    number += A_FILE
                    read = reading.create_task(engine.update(f"F{number}.lean", file_text(goals)))
                event = await anext(events)
                if isinstance(event, DocumentElaborated) and number == A_FILE:
                    print("ready", flush=True)
                unsettled += isinstance(event, GoalFound)
                unsettled -= isinstance(event, GoalOpen | ProofFound | Refuted)


@contextlib.asynccontextmanager
async def _program(*arguments: str) -> AsyncIterator[Process]:
    """A Python program beside this one, asked to end afterwards."""
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=PIPE)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _work_until_told(chosen: argparse.Namespace) -> None:
    working = asyncio.create_task(work(chosen.work, chosen.target, chosen.jobs))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, working.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await working


def _passed_on(chosen: argparse.Namespace) -> list[str]:
    jobs = [] if chosen.jobs is None else ["--jobs", str(chosen.jobs)]
    return ["--target", str(chosen.target), *jobs]


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--target", type=float, default=0.5, help="share of the whole machine")
    parser.add_argument("--seconds", type=float, default=180.0, help="of each of the two parts")
    parser.add_argument("--jobs", type=int, metavar="N", help="Lean sessions at a time")


def main() -> int:
    """The command line."""
    if "--work" in sys.argv:
        parser = argparse.ArgumentParser()
        parser.add_argument("--work", type=Path)
        _options(parser)
        asyncio.run(_work_until_told(parser.parse_args()))
        return 0
    return run("throttle", "Keeping to a share of the machine.", measure, _options)


if __name__ == "__main__":
    sys.exit(main())
