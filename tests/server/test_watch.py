"""The watch: what the engine knows follows the files of the disk."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from lean.workspace import Workspace
from search.arms import Arm
from search.engine import Engine
from search.settings import Settings
from server.watch import Watch
from tests.search.few_tactics import FewTactics

SETTINGS = Settings(sessions=1, spare=False, remember=False, policy_name="fixed")
PROVED = "theorem a (x y : Nat) : x + y = y + x := by omega\n"
OPEN = "theorem b (f : Nat → Nat) : f 1 = f 2 := by sorry\n"


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    """An engine that watches a folder with one file."""
    (tmp_path / "A.lean").write_text(PROVED + OPEN)
    workspace = Workspace.at(tmp_path)
    async with Engine.open(workspace, SETTINGS, [Arm(FewTactics())]) as engine:
        watch = Watch(engine, workspace, [tmp_path])
        watching = asyncio.create_task(watch.run())
        await watch.swept.wait()
        yield engine
        watching.cancel()
        await asyncio.wait([watching])


async def until(fulfilled: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not fulfilled():
            await asyncio.sleep(0.02)


async def test_a_file_teaches_until_it_is_deleted(engine: Engine, tmp_path: Path) -> None:
    file, learned = tmp_path / "A.lean", len(engine.resources.steps)
    assert learned > 0 and engine.status().goals == 1
    file.write_text(PROVED)
    await until(lambda: engine.status().goals == 0)
    assert len(engine.resources.steps) == learned, "its last hole is gone, its proofs are not"
    file.unlink()
    await until(lambda: len(engine.resources.steps) == 0)
