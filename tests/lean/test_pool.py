"""Sessions are leased, returned, replaced and ended; nothing is left behind on any path."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from lean.document import elaborate
from lean.errors import ImportFailed, SessionDied, ToolchainError
from lean.pool import HEADER_LIMIT, Pool, default_sessions
from lean.session import Session
from lean.toolchain import Launch, Toolchain
from lean.workspace import Workspace


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


async def soon(condition: "Sequence[Session] | object", seconds: float = 120.0) -> None:
    """Waits until `condition()` holds."""
    assert callable(condition)
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.05)


async def test_a_lease_has_its_header_and_comes_back_to_who_wants_it_again(pool: Pool) -> None:
    async with pool.lease(["Init"]) as first:
        assert ("Init",) in first.headers
    async with pool.lease(["Init", "Init.Omega"]) as other:
        serial = other.serial
    async with pool.lease(["Init", "Init.Omega"]) as again:
        assert again.serial == serial


async def test_leases_beyond_the_size_wait(pool: Pool) -> None:
    async with pool.lease() as one, pool.lease() as two:
        assert one is not two
        third = asyncio.create_task(pool.lease().__aenter__())
        await asyncio.sleep(0.1)
        assert not third.done()
        third.cancel()
        with pytest.raises(asyncio.CancelledError):
            await third
    assert pool.stats().leased == 0


async def test_a_lease_returns_on_every_path(pool: Pool) -> None:
    with pytest.raises(ValueError, match="mine"):
        async with pool.lease():
            raise ValueError("mine")
    with pytest.raises(ImportFailed):
        async with pool.lease(["Nowhere"]):
            pass

    async def forever() -> None:
        async with pool.lease():
            await asyncio.sleep(3600)

    task = asyncio.create_task(forever())
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert pool.stats().leased == 0


async def test_a_dead_session_is_replaced(pool: Pool) -> None:
    before = pool.stats()
    async with pool.lease() as session:
        os.kill(session.pid, signal.SIGKILL)
        with pytest.raises(SessionDied):
            await session.stats()
    await soon(lambda: pool.stats().idle == 2)
    after = pool.stats()
    assert after.died == before.died + 1
    assert after.started == before.started + 1


async def test_one_that_dies_idle_is_never_handed_out(pool: Pool) -> None:
    async with pool.lease() as session:
        pid = session.pid
    os.kill(pid, signal.SIGKILL)
    while session.alive:
        await asyncio.sleep(0.05)
    async with pool.lease(["Init"]) as session:
        assert session.pid != pid
        assert (await elaborate(session, "theorem t : True := trivial")).elaborates
    await soon(lambda: pool.stats().idle == 2)


async def test_two_at_once_use_two_processes(pool: Pool) -> None:
    async def pid() -> int:
        async with pool.lease(["Init"]) as session:
            await asyncio.sleep(0.2)
            return session.pid

    await soon(lambda: pool.stats().idle == 2)
    assert len(set(await asyncio.gather(pid(), pid()))) == 2


async def test_stats_say_what_there_is(pool: Pool) -> None:
    await soon(lambda: pool.stats().idle == 2)
    stats = pool.stats()
    assert (stats.sessions, stats.idle, stats.leased, stats.starting) == (2, 2, 0, 0)
    assert stats.rss_bytes > 2 * 100 * 2**20


def test_the_size_fits_the_machine() -> None:
    assert 1 <= default_sessions() <= (os.cpu_count() or 1)


# With a stand-in for the driver that starts at once: a Python program that greets and obeys.

OBEYS = """
import json, sys
print(json.dumps({"ready": True, "protocol": 1, "lean": "0"}), flush=True)
for state, line in enumerate(sys.stdin, 1):
    request = json.loads(line)
    print(json.dumps({"id": request["id"], "done": True, "state": state, "cached": False, "ms": 0,
        "states": 0, "proofs": 0, "environments": 0, "requests": 0, "uptime_ms": 0}), flush=True)
"""


def standin(folder: Path, program: str = OBEYS) -> Launch:
    return Launch((sys.executable, "-c", program), folder, dict(os.environ), Path("nothing.lean"))


class StandinToolchain:
    """Starts the stand-in where a driver would be started."""

    def __init__(self, launch: Launch) -> None:
        self.launch = launch

    def driver_command(self, workspace: Workspace, search_path: Sequence[Path] = ()) -> Launch:
        return self.launch


def toolchain_of(launch: Launch) -> Toolchain:
    toolchain: object = StandinToolchain(launch)
    return toolchain  # type: ignore[return-value]


async def test_a_session_with_too_many_headers_is_recycled(
    workspace: Workspace, tmp_path: Path
) -> None:
    launch = standin(tmp_path)
    async with Pool.open(workspace, toolchain_of(launch), sessions=1, spare=False) as pool:
        serials = set()
        for number in range(3 * HEADER_LIMIT):
            async with pool.lease([f"Module{number}"]) as session:
                assert len(session.headers) <= HEADER_LIMIT
                serials.add(session.serial)
        assert len(serials) == 3
        assert pool.stats().recycled == 2


async def test_a_session_above_its_ceiling_is_recycled(
    workspace: Workspace, tmp_path: Path
) -> None:
    launch = standin(tmp_path)
    async with Pool.open(
        workspace, toolchain_of(launch), sessions=1, spare=False, memory_ceiling=1
    ) as pool:
        async with pool.lease() as first:
            pass
        async with pool.lease() as second:
            assert first is not second
        assert not first.alive


async def test_a_spare_stands_ready(workspace: Workspace, tmp_path: Path) -> None:
    launch = standin(tmp_path)
    async with Pool.open(workspace, toolchain_of(launch), sessions=1, spare=True) as pool:
        await soon(lambda: pool.stats().idle == 2)
        async with pool.lease() as session:
            session.kill()
        began = pool.stats().started
        async with pool.lease() as other:
            assert other.alive
            assert pool.stats().started == began


async def test_what_does_not_start_is_said_to_whoever_waits(
    workspace: Workspace, tmp_path: Path
) -> None:
    missing = Launch(("/nowhere/lean",), tmp_path, {}, Path("nothing.lean"))
    async with Pool.open(workspace, toolchain_of(missing), sessions=1) as pool:
        for _ in range(2):
            with pytest.raises(ToolchainError, match="can't be started"):
                async with pool.lease():
                    pass
    broken = standin(tmp_path, "import sys; sys.exit('broken to pieces')")
    async with Pool.open(workspace, toolchain_of(broken), sessions=1) as pool:
        with pytest.raises(SessionDied, match="broken to pieces"):
            async with pool.lease():
                pass


@pytest.mark.parametrize("path", ["leave", "raise", "cancel", "while starting", "leased"])
async def test_nothing_is_left_when_a_pool_is_left(
    workspace: Workspace, tmp_path: Path, path: str
) -> None:
    before = children()
    slow = "import time; time.sleep(60)"
    launch = standin(tmp_path, slow if path == "while starting" else OBEYS)

    async def use() -> None:
        async with Pool.open(workspace, toolchain_of(launch), sessions=2) as pool:
            if path == "while starting":
                await asyncio.sleep(0.2)
                return
            async with pool.lease(["A"]) as session:
                if path == "raise":
                    raise ValueError
                if path == "cancel":
                    await asyncio.sleep(3600)
            if path == "leased":
                session = await pool.lease().__aenter__()
                assert session.alive

    task = asyncio.create_task(use())
    if path == "cancel":
        await asyncio.sleep(0.5)
        task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert children() <= before
