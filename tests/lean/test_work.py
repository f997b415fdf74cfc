"""The clock that counts work: the same scripts cost the same, whatever the time."""

import asyncio
from collections.abc import Iterator

import pytest

from lean.document import elaborate
from lean.session import Limits, Session
from lean.work import LEAST_PATIENCE, PATIENCE, SECONDS_A_SCRIPT, WorkClock

TEXT = "theorem t (a b c : Nat) (h : a < b) : a + c < b + c := by sorry\n"
SCRIPTS = ("simp", "omega", "grind", "exact nothing")
SLOW = "exact absurd (by decide +kernel) (show ¬ (List.range 400000).length = 0 by decide +kernel)"


@pytest.fixture
def worker(session: Session) -> Iterator[Session]:
    """A session whose clock counts work, until the test is over."""
    session.work = WorkClock()
    yield session
    session.work = None


async def cost(session: Session, *scripts: str, seconds: float = 8.0) -> float:
    """What trying these scripts adds to the session's clock."""
    document = await elaborate(session, TEXT)
    before = session.clock()
    proofs = document.holes[0].proofs
    await session.check(proofs, scripts, Limits(200_000, seconds)).finish()
    return session.clock() - before


async def test_time_alone_does_not_count(worker: Session) -> None:
    before = worker.clock()
    await asyncio.sleep(0.1)
    await worker.stats()
    assert worker.clock() == before


async def test_the_same_scripts_cost_the_same(worker: Session) -> None:
    await cost(worker, *SCRIPTS)
    first, second = await cost(worker, *SCRIPTS), await cost(worker, *SCRIPTS)
    assert first == pytest.approx(second, rel=0.02) and first > len(SCRIPTS) * SECONDS_A_SCRIPT


async def test_a_script_that_does_not_parse_costs_something(worker: Session) -> None:
    assert await cost(worker, "exact (") == pytest.approx(SECONDS_A_SCRIPT)


async def test_what_the_real_clock_has_to_end_costs_all_it_had(
    worker: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel computes without heartbeats."""
    monkeypatch.setattr("lean.work.LEAST_PATIENCE", 0.5)
    monkeypatch.setattr("lean.work.PATIENCE", 0.1)
    assert await cost(worker, SLOW, seconds=3.0) >= 3.0


def test_there_is_patience_with_a_slow_machine() -> None:
    assert WorkClock().allow(60.0) == PATIENCE * 60.0
    assert WorkClock().allow(0.0) == LEAST_PATIENCE
