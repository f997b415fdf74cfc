"""Trains the embedded Lean once for each Node version, so that every later start is quick.

A training run serves `driver/training.lean` like a user's file; the machine code that V8 made on
the way is kept and read by later runs (`driver/launch.cjs`). It is only an optimisation: when it
fails, Lean starts slower and nothing else.
"""

import asyncio
import contextlib
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from filelock import AsyncFileLock

from lean.driver_source import FOLDER
from lean.embedded_install import Installation
from lean.embedded_node import Node
from lean.toolchain import Launch, Progress

_WITHIN = 180.0
"""Seconds; it takes 20 on two quiet cores."""
_MAX_LINE = 1 << 24
_TEMPORARY = "training-"
_SCRIPTS = """
rfl
assumption
trivial
decide
omega
simp
simp_all
grind
exact?
contradiction
intro x
constructor
ext x
funext x
split
ac_rfl
exact Nat.add_comm _ _
cases o <;> simp_all
cases a <;> cases b <;> rfl
rcases h with h | h <;> omega
rcases h with ⟨h, g⟩ | h <;> simp [*]
unfold double; omega
simp [Tree.mirror, Tree.size, *]; omega
""".strip().splitlines()


async def train(
    files: Installation, node: Node, command: Callable[[Path], Launch], progress: Progress
) -> None:
    """Make the machine code for this Node unless that was tried before. `command(output)` starts
    the driver.
    """
    target = files.program / f"machine-code-{node.version}.bin"
    if target.exists():
        return
    try:
        async with AsyncFileLock(files.program.parent / f"{files.program.name}.lock"):
            if target.exists():
                return
            progress("making Lean start faster", None)
            for leftover in files.program.glob(f"{_TEMPORARY}*"):
                shutil.rmtree(leftover)
            with tempfile.TemporaryDirectory(dir=files.program, prefix=_TEMPORARY) as name:
                made = Path(name) / target.name
                await _run(command(Path(name)))
                if not made.is_file():
                    # An empty file says that it was tried; Node then compiles as it always does.
                    made.touch()
                made.replace(target)
    except OSError as error:
        progress(f"Lean will start slower: {error}", None)


async def _run(launch: Launch) -> None:
    process = await asyncio.create_subprocess_exec(
        *launch.argv,
        cwd=launch.cwd,
        env=dict(launch.environment),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=_MAX_LINE,
    )
    try:
        # A driver that fails in training fails in earnest too, where it is reported.
        with contextlib.suppress(TimeoutError, ConnectionError, ValueError, KeyError):
            await asyncio.wait_for(_lesson(process), _WITHIN)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _lesson(process: asyncio.subprocess.Process) -> None:
    assert process.stdin
    opened = [reply async for reply in _ask(process, 1, op="open", imports=["Init"])][-1]
    text = (FOLDER / "training.lean").read_text("utf-8")
    proofs = [
        hole["proof"]
        async for reply in _ask(
            process, 2, op="elaborate", state=opened["state"], text=text, start=0, ms=0
        )
        for hole in reply.get("holes", [])
    ]
    for number, proof in enumerate(proofs, 3):
        async for _ in _ask(
            process,
            number,
            op="check",
            proofs=[proof],
            scripts=_SCRIPTS,
            heartbeats=20000,
            ms=4000,
            keep=False,
            first=False,
        ):
            pass
        async for _ in _ask(process, number, op="features", proof=proof):
            pass
    process.stdin.close()
    await process.wait()


async def _ask(
    process: asyncio.subprocess.Process, identity: int, **request: object
) -> AsyncIterator[dict[str, Any]]:
    assert process.stdin and process.stdout
    process.stdin.write(json.dumps({"id": identity, **request}).encode() + b"\n")
    while line := await process.stdout.readline():
        if not line.startswith(b"{"):
            continue
        reply = json.loads(line)
        if reply.get("id") == identity:
            yield reply
            if "event" not in reply:
                return
    raise ConnectionError("the driver ended")
