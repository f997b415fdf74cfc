"""The fire drill: what happens to Lean, to its package and to the network, and what a user sees.

Each drill lights one fire, notes what the caller is told, and asks again: the next request must
work. The fires of sessions are here, those of the installation in `bench.fire_installation`.
"""

import argparse
import asyncio
import dataclasses
import os
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench import fire_installation
from bench.fire_drill import Drill
from bench.measurement import Measurement, Target, run
from bench.places import bare_workspace
from bench.report import table
from lean.document import elaborate
from lean.errors import LeanError
from lean.pool import Pool
from lean.session import Limits, Session
from lean.toolchain import Launch, Toolchain, find_toolchain

TRUE = "theorem t : 2 + 2 = 4 := by sorry"
LOOP = "theorem t : (List.range 30000).foldl (fun a b => (a * 7 + b) % 1000003) 1 = 5 := by sorry"

Fire = Callable[[Pool], Awaitable[str]]
"""Lights a fire on a session of the pool, and returns what the caller was told."""


async def measure(chosen: argparse.Namespace) -> Measurement:
    """Light every fire, one after the other."""
    drills: list[Drill] = []
    if not chosen.only_installation:
        drills += await _session_drills()
    if not chosen.only_sessions:
        with tempfile.TemporaryDirectory(prefix="unsorry-fire-") as folder:
            drills += await asyncio.to_thread(fire_installation.drills, Path(folder))
    lines: list[str] = []
    for drill in drills:
        lines += [
            f"{drill.what} ({drill.seconds:.1f} s)",
            f"    sees: {drill.seen}",
            f"    next: {drill.after}",
        ]
    unharmed = sum(drill.survived for drill in drills)
    lines += ["", *table(["drills", "next request works"], [[len(drills), unharmed]])]
    figures = {"drills": [dataclasses.asdict(drill) for drill in drills]}
    lost = len(drills) - unharmed
    return Measurement(lines, figures, [Target("drills not survived", lost, "<=", 0)])


async def _session_drills() -> list[Drill]:
    workspace = bare_workspace()
    toolchain = await find_toolchain(workspace)
    async with Pool.open(workspace, toolchain, sessions=1, spare=False) as pool:
        drills = [await _drill(pool, what, fire) for what, fire in FIRES.items()]
    drills.append(await _truncated_reply(toolchain))
    return drills


async def _drill(pool: Pool, what: str, fire: Fire) -> Drill:
    started = time.monotonic()
    try:
        seen = await fire(pool)
    except LeanError as error:
        seen = f"{type(error).__name__}: {error}"
    seconds = time.monotonic() - started
    after, survived = await _next_request(pool)
    return Drill(what, " ".join(seen.split())[:300], after, survived, seconds)


async def _next_request(pool: Pool) -> tuple[str, bool]:
    started = time.monotonic()
    try:
        async with asyncio.timeout(120), pool.lease() as session:
            result = await _outcome(session, TRUE, "decide", Limits())
    except (LeanError, TimeoutError) as error:
        return f"{type(error).__name__}: {error}", False
    return f"{result} after {time.monotonic() - started:.1f} s", result == "proved"


async def _outcome(session: Session, text: str, script: str, limits: Limits) -> str:
    document = await elaborate(session, text)
    outcome = await session.step(document.holes[0].proofs[0], script, limits)
    return outcome.result if outcome.result == "proved" else f"{outcome.result}: {outcome.message}"


async def _killed(pool: Pool) -> str:
    async with pool.lease() as session:
        task = asyncio.create_task(_outcome(session, LOOP, "decide +kernel", Limits(0, 30.0)))
        await asyncio.sleep(1.0)
        os.kill(session.pid, signal.SIGKILL)
        return await task


async def _endless(pool: Pool) -> str:
    limits = Limits(0, 2.0)
    async with pool.lease() as session:
        return await _outcome(session, LOOP.replace("30000", "30000000"), "decide +kernel", limits)


async def _stack(pool: Pool) -> str:
    deep = "(List.range 300000).length = 300000"
    script = f"set_option maxRecDepth 1000000000 in exact absurd (by decide : {deep}) (by decide)"
    async with pool.lease() as session:
        return await _outcome(session, TRUE, script, Limits(0, 20.0))


async def _memory(pool: Pool) -> str:
    program = "#eval (Array.replicate 900000000 (1 : Nat)).size"
    async with pool.lease() as session:
        document = await elaborate(session, program)
        return f"{[message.text for message in document.messages]}"


async def _flood(pool: Pool) -> str:
    async with pool.lease() as session:
        document = await elaborate(session, f"/- {'x' * 10_000_000} -/\n{TRUE}")
        return f"read {len(document.source.data) >> 20} MB, {len(document.holes)} hole"


async def _garbage(pool: Pool) -> str:
    async with pool.lease() as session:
        script = "x" * 10_000_000
        return (await _outcome(session, TRUE, script, Limits()))[:200]


FIRES: dict[str, Fire] = {
    "the session is killed in the middle of a check": _killed,
    "an endless reduction in `decide +kernel`": _endless,
    "stack overflow: `decide` 300,000 calls deep, without Lean's own limit": _stack,
    "out of memory: an array of 900 million numbers": _memory,
    "10 MB on stdin, a text": _flood,
    "10 MB on stdin, a script": _garbage,
}


async def _truncated_reply(toolchain: Toolchain) -> Drill:
    """The real driver, whose output ends in the middle of a line."""
    started = time.monotonic()
    workspace = bare_workspace()
    launch: Launch = toolchain.driver_command(workspace)
    cut = dataclasses.replace(
        launch, argv=("/bin/sh", "-c", '"$@" | dd bs=1 count=300 2>/dev/null', "sh", *launch.argv)
    )
    try:
        session = await Session.start(cut)
        try:
            seen = await _outcome(session, TRUE, "decide", Limits())
        finally:
            await session.close()
    except LeanError as error:
        seen = f"{type(error).__name__}: {error}"
    seconds = time.monotonic() - started
    async with Pool.open(workspace, toolchain, sessions=1, spare=False) as pool:
        after, survived = await _next_request(pool)
    return Drill(
        "a reply that ends in the middle", " ".join(seen.split()), after, survived, seconds
    )


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--only-sessions", action="store_true", help="not the installation")
    parser.add_argument("--only-installation", action="store_true", help="not the sessions")


def main() -> int:
    """The command line."""
    return run("fire", "The fire drill.", measure, _options)


if __name__ == "__main__":
    sys.exit(main())
