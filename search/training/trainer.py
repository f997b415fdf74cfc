"""Has a model trained by a process of its own, and hears how it goes.

What is said between the two is described in `worker`. The process ends with the call, whatever
happens; cancelled, it is given the time to convert the best model so far.
"""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from lean.errors import ProtocolError, ToolchainError
from lean.process import DriverProcess
from lean.toolchain import Launch
from search.training.errors import TrainingError, require_packages
from search.training.pairs import Split
from search.training.plan import CHECKPOINT, CONVERTED, Job, Plan, Progress, Trained

LAST_WORK = 60.0
"""Seconds to convert the best model of a training that was cancelled: 1.2 million parameters take
two."""


async def train(
    plan: Plan,
    pairs: Split,
    folder: Path,
    report: Callable[[Progress], None],
) -> Trained:
    """Train on the pairs of one side, choose the best model by those of another.

    What comes of it is in `folder` (see `plan.CONVERTED`) instead of what was there.
    Cancelled, it keeps the best model so far there and ends. Raises TrainingError, OSError.
    """
    require_packages()
    if not pairs.train or not pairs.validation:
        raise TrainingError(
            f"There are {len(pairs.train)} pairs to train on, and {len(pairs.validation)} to "
            "choose a model by: too few.",
            "Name more files with proofs, or give the curriculum more time.",
        )
    job = _written(plan, pairs, folder)
    process = await _started(plan)
    try:
        process.write(json.dumps(job.as_json()).encode() + b"\n")
        listening = asyncio.create_task(_outcome(process, report))
        try:
            return await asyncio.shield(listening)
        except asyncio.CancelledError:
            process.write(b"stop\n")
            await asyncio.wait({listening}, timeout=LAST_WORK)
            raise
        finally:
            listening.cancel()
            await asyncio.wait({listening})
    finally:
        process.kill()
        await process.wait()


def clear(folder: Path) -> None:
    """Remove the models that an earlier job has left in its folder."""
    for left in (CHECKPOINT, CONVERTED):
        shutil.rmtree(folder / left, ignore_errors=True)


def _written(plan: Plan, pairs: Split, folder: Path) -> Job:
    """A job for the pairs, which are in its files."""
    folder.mkdir(parents=True, exist_ok=True)
    clear(folder)
    sides = {"train": pairs.train, "validation": pairs.validation, "held_out": pairs.held_out}
    files = {side: folder / f"{side}.jsonl" for side in sides}
    for side, some in sides.items():
        rows = (json.dumps(pair.as_json(), ensure_ascii=False) for pair in some)
        files[side].write_text("".join(f"{row}\n" for row in rows), "utf-8")
    return Job(plan, folder, **files)


async def _started(plan: Plan) -> DriverProcess:
    here = Path(__file__)
    launch = Launch(
        # -P: a workspace's own `json.py` must not be taken for a module of ours.
        argv=(sys.executable, "-P", "-m", "search.training.worker"),
        cwd=here.parent,
        environment={
            **os.environ,
            "OMP_NUM_THREADS": str(plan.threads),
            "HF_HUB_OFFLINE": "1",
            "TOKENIZERS_PARALLELISM": "false",
        },
        driver=here.with_name("worker.py"),
    )
    try:
        return await DriverProcess.start(launch)
    except ToolchainError as error:
        why = error.__cause__ or error
        raise TrainingError(f"The process that trains can't be started: {why}") from error


async def _outcome(process: DriverProcess, report: Callable[[Progress], None]) -> Trained:
    """Listen until the worker has ended its job. Raises TrainingError."""
    try:
        while text := await process.read_line():
            line = json.loads(text)
            if "progress" in line:
                report(Progress.from_json(line["progress"]))
            elif "done" in line:
                done = line["done"]
                progress = Progress.from_json(done["progress"])
                return Trained(
                    progress, done["held_out_loss"], done["parameters"], done["difference"]
                )
            else:
                raise TrainingError(f"Training failed: {line['error']}")
    except (ValueError, KeyError, ProtocolError) as error:
        raise TrainingError(f"The process that trains does not make sense: {error}") from error
    await process.wait()
    words = process.last_words().split("\n")[-1]
    raise TrainingError(f"The process that trains has ended ({process.ending()}): {words}")
