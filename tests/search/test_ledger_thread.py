"""The ledger seen from an event loop: it waits, says so, and goes on by itself."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from search import ledger_file
from search.errors import LedgerError, LedgerUnwritable
from search.ledger import Ledger
from search.ledger_thread import LedgerThread
from tests.search.ledger_rows import attempt, goal


class Listener:
    """Collects what `on_trouble` is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    def __call__(self, kind: str, message: str) -> None:
        self.heard.append((kind, message))

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.heard]


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
async def thread(path: Path, listener: Listener) -> AsyncIterator[LedgerThread]:
    async with LedgerThread.open(path, listener, lock_timeout=0.05) as thread:
        yield thread


def fill_disk(ledger: Ledger) -> None:
    """From now on the database may not grow, as on a full disk."""
    (pages,) = ledger.database.execute("PRAGMA page_count").fetchone()
    ledger.database.execute(f"PRAGMA max_page_count = {pages}")


def free_disk(ledger: Ledger) -> None:
    """It may grow again."""
    ledger.database.execute("PRAGMA max_page_count = 1000000")


def write(key: str = "key") -> Callable[[Ledger], int]:
    """An attempt that needs new pages."""
    return lambda ledger: ledger.record_attempt(attempt(key, script="x" * 20_000))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)


async def test_everything_runs_on_one_thread_that_is_not_the_loops(thread: LedgerThread) -> None:
    async def user() -> int:
        return await thread.do(lambda ledger: threading.get_ident())

    threads = set(await asyncio.gather(*[user() for _ in range(10)]))
    assert len(threads) == 1
    assert threading.get_ident() not in threads


async def test_the_loop_goes_on_while_the_ledger_is_slow(thread: LedgerThread) -> None:
    begun, released = threading.Event(), threading.Event()

    def wait(ledger: Ledger) -> bool:
        begun.set()
        return released.wait(20)

    slow = asyncio.create_task(thread.do(wait))
    await until(begun.is_set)
    released.set()
    assert await slow, "the loop stood still until nobody waited any more"


async def test_a_full_disk_pauses_who_waits_and_is_said_once(
    thread: LedgerThread, listener: Listener
) -> None:
    await thread.do(fill_disk)
    writes = [asyncio.create_task(thread.do(write(f"goal-{i}"))) for i in range(3)]
    await until(lambda: bool(listener.heard))
    await asyncio.sleep(0.3)
    assert not any(task.done() for task in writes)
    assert listener.kinds == ["storage_full"]
    assert "Free some space" in listener.heard[0][1]
    await thread.do(lambda ledger: ledger.goals())
    assert listener.kinds == ["storage_full"], "reading works, but the disk is still full"
    await thread.do(free_disk)
    await asyncio.gather(*writes)
    assert listener.heard[1:] == [("", "")]
    for number in range(3):
        key = f"goal-{number}"
        assert len(await thread.do(partial(Ledger.attempts, goal=key))) == 1


async def test_a_lock_of_another_is_waited_for(
    thread: LedgerThread, listener: Listener, path: Path
) -> None:
    with closing(Ledger.open(path)) as other:
        with other.transaction():
            writing = asyncio.create_task(thread.do(write()))
            await until(lambda: bool(listener.heard))
            assert listener.kinds == ["ledger_busy"]
            assert not writing.done()
        await writing
    assert listener.kinds == ["ledger_busy", ""]


async def test_who_is_cancelled_while_the_disk_is_full_wrote_nothing(
    thread: LedgerThread, listener: Listener
) -> None:
    await thread.do(fill_disk)
    writing = asyncio.create_task(thread.do(write()))
    await until(lambda: bool(listener.heard))
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    await thread.do(free_disk)
    assert await thread.do(lambda ledger: ledger.attempts("key")) == []
    assert listener.kinds == ["storage_full", ""]


async def test_a_write_that_was_asked_for_is_made_although_its_asker_is_cancelled(
    path: Path, listener: Listener
) -> None:
    async with LedgerThread.open(path, listener) as thread:
        released = threading.Event()
        blocking = asyncio.create_task(thread.do(lambda ledger: released.wait(60)))
        tasks = [asyncio.create_task(thread.do(write(f"goal-{i}"))) for i in range(20)]
        await asyncio.sleep(0.02)
        for task in tasks:
            task.cancel()
        released.set()
        assert await blocking
    with closing(Ledger.open(path)) as ledger:
        assert ledger.stats().attempts == 20
    assert listener.heard == []


async def test_an_error_of_the_use_itself_is_raised_at_once(thread: LedgerThread) -> None:
    with pytest.raises(ZeroDivisionError):
        await thread.do(lambda ledger: 1 // 0)
    with pytest.raises(LedgerError, match="refused"):
        await thread.do(_nonsense)


def _nonsense(ledger: Ledger) -> None:
    with ledger.transaction() as database:
        database.execute("INSERT INTO nowhere VALUES (1)")


async def test_a_ledger_found_damaged_is_replaced_under_the_running_search(
    path: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_file, "CHECKED_BYTES", 0)
    with closing(Ledger.open(path)) as ledger:
        ledger.see([goal(f"goal-{number}") for number in range(2000)], seen_at=1.0)
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"\xa5" * (path.stat().st_size // 2))
    async with LedgerThread.open(path, listener) as thread:
        assert await thread.do(lambda ledger: ledger.goals()) == []
        await thread.do(write())
        assert listener.kinds == ["ledger_set_aside"]
        assert "was found damaged" in listener.heard[0][1]
    with closing(Ledger.open(path)) as ledger:
        assert len(ledger.attempts("key")) == 1


async def test_without_a_file_it_remembers_until_it_is_closed(listener: Listener) -> None:
    async with LedgerThread.open(None, listener) as thread:
        await thread.do(write())
        assert len(await thread.do(lambda ledger: ledger.attempts("key"))) == 1
    with pytest.raises(LedgerError, match="closed"):
        await thread.do(write())


async def test_a_place_that_can_not_be_written_is_no_reason_to_wait(
    tmp_path: Path, listener: Listener
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LedgerUnwritable):
        async with LedgerThread.open(tmp_path / "file" / "ledger.db", listener):
            raise AssertionError
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ledger")]
