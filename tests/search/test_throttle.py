"""The throttle holds our share of the machine: slots first, then standing still; nobody stays
stopped, and no session is taken for dead because it stood still.
"""

import asyncio
import itertools
import os
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

from lean import connection
from lean.document import elaborate
from lean.errors import RequestRefused
from lean.process import DriverProcess, running_drivers, within
from lean.session import Limits, Session
from lean.toolchain import Launch
from search import process_tree
from search.process_tree import ProcessTree, Usage
from search.regulator import BEAT, RESERVE, SMALLEST_TARGET, Regulator
from search.throttle import NICE, Allowance, Throttle, battery_reason

BUSY = "while True: pass"


# The regulator, with numbers: a machine on which every session takes one core while it may run.


class Machine:
    """Sessions that use all they may; `others` is what else goes on."""

    def __init__(self, regulator: Regulator, cores: int, sessions: int) -> None:
        self.regulator = regulator
        self.cores = cores
        self.sessions = self.working = sessions
        self.others = 0.0
        self.shares: list[float] = []
        self.allowances: list[Allowance] = []

    def run(self, seconds: float, noise: Callable[[], float] = lambda: 1.0) -> None:
        for _ in range(round(seconds / BEAT)):
            allowed = self.regulator.allowance
            running = min(self.working, self.sessions, allowed.light + allowed.heavy)
            used = running * allowed.duty * BEAT * noise()
            usage = Usage(BEAT, own=0.02 * BEAT, children=used, others=self.others)
            self.shares.append((usage.own + usage.children) / (BEAT * self.cores))
            self.allowances.append(self.regulator.step(usage))

    def mean(self, seconds: float) -> float:
        last = self.shares[-round(seconds / BEAT) :]
        return sum(last) / len(last)


def machine(target: float, cores: int = 4, light: int = 8, heavy: int = 2) -> Machine:
    return Machine(Regulator(target, light, heavy, cores, cores), cores, cores)


def test_heavy_slots_go_first_then_light_ones_then_lean_stands_still() -> None:
    busy = machine(0.1)
    busy.run(60)
    seen = [(allowed.light, allowed.heavy) for allowed, _ in itertools.groupby(busy.allowances)]
    slots = [slots for slots, _ in itertools.groupby(seen)]
    assert slots == [(8, 2), (8, 1), (8, 0), (3, 0), (2, 0), (1, 0)]
    assert busy.allowances[-1].duty < 1
    assert busy.mean(10) == pytest.approx(0.1, abs=0.005)


def test_where_slots_are_enough_nobody_stands_still() -> None:
    busy = machine(0.52)
    busy.run(60)
    assert busy.allowances[-1] == Allowance(light=2, heavy=0, duty=1.0)


@pytest.mark.parametrize("target", [0.2, 0.35, 0.5, 0.65, 0.9])
@pytest.mark.parametrize("cores", [1, 2, 8])
def test_the_mean_share_is_the_target(target: float, cores: int) -> None:
    busy = machine(target, cores)
    chance = random.Random(0)
    busy.run(120, lambda: chance.uniform(0.8, 1.0))
    assert busy.mean(100) == pytest.approx(target, abs=0.04)
    windows = [busy.shares[start : start + 40] for start in range(len(busy.shares) - 40)]
    assert max(sum(window) / 40 for window in windows) < target + 0.15


def test_the_first_moments_are_paid_back() -> None:
    busy = machine(0.25)
    busy.run(20)
    assert busy.shares[0] > 0.9
    assert busy.mean(20) == pytest.approx(0.25, abs=0.02)


def test_work_that_comes_after_idleness_does_not_burst() -> None:
    busy = machine(0.5)
    busy.working = 0
    busy.run(60)
    busy.working = 4
    busy.run(10)
    assert busy.mean(10) < 0.6


def test_slots_come_back_when_the_target_rises() -> None:
    busy = machine(0.1)
    busy.run(60)
    busy.regulator.target = 0.95
    busy.run(60)
    assert busy.allowances[-1].light == 8
    assert busy.mean(10) == pytest.approx(0.95, abs=0.03)


def test_it_yields_to_others_and_returns_when_they_have_gone() -> None:
    busy = machine(0.5)
    busy.run(60)
    busy.others = 0.7
    busy.run(60)
    assert busy.mean(10) == pytest.approx(1 - 0.7 - RESERVE, abs=0.02)
    busy.others = 1.0
    busy.run(60)
    assert busy.mean(10) == pytest.approx(SMALLEST_TARGET, abs=0.02)
    busy.others = 0.0
    busy.run(60)
    assert busy.mean(10) == pytest.approx(0.5, abs=0.02)


def test_with_the_whole_machine_as_target_nothing_is_held_back() -> None:
    busy = machine(1.0)
    busy.others = 0.9
    busy.run(10)
    assert set(busy.allowances) == {Allowance(8, 2, 1.0)}
    assert busy.regulator.load > 0.9


def test_the_load_is_a_moving_average_of_a_tenth_at_4_hz() -> None:
    regulator = Regulator(1.0, 1, 1, 1, cores=2)
    loads = []
    for _ in range(2):
        regulator.step(Usage(BEAT, own=0.0, children=2 * BEAT, others=0.0))
        loads.append(regulator.load)
    assert loads == pytest.approx([0.1, 0.19])


@pytest.mark.parametrize(
    ("battery", "pauses"),
    [(None, False), ((20.0, True), False), ((20.0, False), True), ((30.0, False), False)],
)
def test_a_low_battery_is_a_reason_to_pause(
    battery: tuple[float, bool] | None, pauses: bool
) -> None:
    assert bool(battery_reason(battery, 30.0)) == pauses


# The measuring, with real processes.


def burn(seconds: float) -> list[str]:
    program = f"import time\nwhile time.process_time() < {seconds}: pass"
    return [sys.executable, "-S", "-c", program]


CHILDREN = """
import resource, subprocess, sys, time
from search.process_tree import ProcessTree

tree = ProcessTree()
burn = sys.argv[1:]
subprocess.run(burn)  # no look sees it
shell = subprocess.Popen(["/bin/sh", "-c", '"$@"; exec "$@"', "sh", *burn])  # one below another
total = 0.0
while shell.poll() is None:
    total += tree.look().children
    time.sleep(0.05)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(total + sum(tree.look().children for _ in range(3)), used.ru_utime + used.ru_stime)
"""


def test_what_ended_children_used_is_counted_once() -> None:
    # In a program of its own: the tests' sessions are children of this one.
    command = [sys.executable, "-c", CHILDREN, *burn(0.3)]
    done = subprocess.run(command, capture_output=True, check=True)
    total, used = map(float, done.stdout.split())
    assert total == pytest.approx(used, rel=0.1) and total > 0.85


def test_the_machine_is_shared_between_us_and_others() -> None:
    tree = ProcessTree()
    time.sleep(0.1)
    usage = tree.look()
    assert 0 <= usage.others <= 1
    assert usage.own < usage.elapsed


def test_looking_for_new_processes_costs_its_share_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cost, scans = 0.002, 0

    def dear(root: psutil.Process) -> list[psutil.Process]:
        nonlocal scans
        scans += 1
        began = time.thread_time()
        while time.thread_time() - began < cost:
            pass
        return []

    monkeypatch.setattr(process_tree, "_descendants", dear)
    began = time.monotonic()
    tree = ProcessTree()
    looks = 0
    while scans < 3:
        tree.look()
        looks += 1
        time.sleep(0.01)
    # The last one is not paid for yet.
    assert (scans - 1) * cost <= process_tree.SCAN_SHARE * (time.monotonic() - began)
    assert looks >= scans


# The acting, with busy stand-ins for the driver.


@pytest.fixture
async def driver(tmp_path: Path) -> AsyncIterator[DriverProcess]:
    process = await DriverProcess.start(
        Launch((sys.executable, "-S", "-c", BUSY), tmp_path, dict(os.environ), tmp_path)
    )
    yield process
    process.kill()
    await process.wait()


def is_stopped(pid: int) -> bool:
    return psutil.Process(pid).status() == psutil.STATUS_STOPPED


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(120):
        while not condition():
            await asyncio.sleep(0.005)


async def ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_busy_process_stands_still_for_part_of_the_time(driver: DriverProcess) -> None:
    throttle = Throttle(0.1, light=8, heavy=2, sessions=2)
    holding = asyncio.create_task(throttle.run())
    for _ in range(3):
        await until(lambda: is_stopped(driver.pid))
        await until(lambda: not is_stopped(driver.pid))
    assert driver.slowdown > 1
    assert psutil.Process(driver.pid).nice() >= NICE
    await until(lambda: is_stopped(driver.pid))
    await ended(holding)
    assert not is_stopped(driver.pid)
    assert driver.slowdown == 1
    assert throttle.load > 0


async def test_nobody_stays_stopped_when_it_breaks(driver: DriverProcess) -> None:
    def stumble(allowance: Allowance) -> None:
        raise ValueError("no")

    throttle = Throttle(0.05, light=2, heavy=2, sessions=2, on_change=stumble)
    holding = asyncio.create_task(throttle.run())
    await until(lambda: is_stopped(driver.pid))
    # Slots shrink after a while, and whoever hears about it raises.
    with pytest.raises(ValueError, match="no"):
        await asyncio.wait_for(holding, 120)
    assert not is_stopped(driver.pid)


async def test_a_stopped_process_can_be_ended(driver: DriverProcess) -> None:
    driver.suspend()
    await until(lambda: is_stopped(driver.pid))
    driver.kill()
    await driver.wait()
    assert driver.ending() == "signal SIGKILL"
    driver.resume()
    assert driver not in running_drivers()


async def test_a_target_of_one_stops_nobody(driver: DriverProcess) -> None:
    throttle = Throttle(1.0, light=8, heavy=2, sessions=2)
    holding = asyncio.create_task(throttle.run())
    seen = set()
    for _ in range(50):
        await asyncio.sleep(0.02)
        seen.add(is_stopped(driver.pid))
    assert seen == {False}
    # From now on it holds: a new target needs no new throttle.
    throttle.target = 0.1
    await until(lambda: is_stopped(driver.pid))
    await ended(holding)


async def test_a_pause_takes_the_slots_and_says_why() -> None:
    told: list[Allowance] = []
    throttle = Throttle(0.5, light=4, heavy=2, sessions=2, on_change=told.append)
    throttle.pause("the user wants quiet")
    assert throttle.paused_because == "the user wants quiet"
    assert throttle.allowance == told[0] == Allowance(0, 0, 1.0, "the user wants quiet")
    throttle.resume()
    assert throttle.allowance == told[1] == Allowance(4, 2)


# What sessions make of it.


async def test_a_clock_that_stands_still_brings_no_deadline_nearer(driver: DriverProcess) -> None:
    async def patient(seconds: float) -> str:
        await asyncio.sleep(seconds)
        return "done"

    driver.suspend()
    before = driver.clock()
    assert await within(0.3, driver.clock, patient(0.6)) == "done"
    assert driver.clock() == before
    driver.resume()
    with pytest.raises(TimeoutError):
        await within(0.3, driver.clock, patient(3600))


async def test_a_session_that_stood_still_is_not_dead(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "KILL_AFTER", 2.0)
    theirs = next(driver for driver in running_drivers() if driver.pid == session.pid)
    theirs.suspend()
    unknown = 10**9
    answer = asyncio.create_task(session.step(unknown, "rfl", Limits(seconds=0.1)))
    await asyncio.sleep(3.0)
    theirs.resume()
    with pytest.raises(RequestRefused, match="no proof"):
        await answer
    assert session.alive


async def test_a_check_under_the_throttle_comes_to_its_end(session: Session) -> None:
    value = 1
    for number in range(8000):
        value = (value * 7 + number) % 1000003
    folded = "(List.range 8000).foldl (fun a b => (a * 7 + b) % 1000003) 1"
    document = await elaborate(session, f"theorem t : {folded} = {value} := by sorry")
    proof = document.holes[0].proofs[0]
    throttle = Throttle(0.05, light=1, heavy=0, sessions=2)
    holding = asyncio.create_task(throttle.run())
    try:
        stops = 0
        # A fast machine may do it before it is stopped for the first time.
        async with asyncio.timeout(300):
            while not stops:
                check = asyncio.create_task(
                    session.step(proof, "decide +kernel", Limits(heartbeats=0, seconds=60.0))
                )
                while not check.done():
                    stops += is_stopped(session.pid)
                    await asyncio.sleep(0.01)
                assert (await check).result == "proved"
    finally:
        await ended(holding)
    assert session.alive
    assert not is_stopped(session.pid)
