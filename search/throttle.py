"""Keeps the machine usable: measures what we use, and holds it at a target.

It says how many strategies may run (`allowance`), lowers the priority of Lean's processes, and lets
them stand still for part of the time where slots are too coarse a measure. How much is right is
`search.regulator`; what is used is `search.process_tree`; who runs is the queue's business.
"""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

import psutil

from lean.process import CAN_SUSPEND, running_drivers
from search.process_tree import ProcessTree
from search.regulator import BEAT, Allowance, Regulator

__all__ = ["Allowance", "Throttle"]

MEASURE_ONLY = 1.0
"""Seconds between measurements when nothing is held back."""
SHORTEST_RUN = 0.02
"""Seconds that Lean runs at a time: with less, most would be spent on waking up."""
NICE = 10
"""The priority of Lean's processes where lower numbers come first and 0 is usual."""
BATTERY_EVERY = 10.0
"""Seconds between looks at the battery."""


def _ignore(allowance: Allowance) -> None:
    pass


class Throttle:
    """Holds this program and its children at `target` while `run` runs.

    `on_change` is called when slots change or work pauses or resumes (not for every change of
    duty). Throttling needs one event loop that is not blocked for long: Lean stands still while it
    is.
    """

    def __init__(
        self,
        target: float,
        light: int,
        heavy: int,
        sessions: int,
        battery_floor: float = 0.0,
        on_change: Callable[[Allowance], None] = _ignore,
    ) -> None:
        """`target`: the share of the whole machine, in (0, 1]; from 1 on it only measures.

        `light`, `heavy`: the most slots of each kind. `battery_floor`: the charge in per cent below
        which it pauses on battery (0: never).
        """
        self._tree = ProcessTree()
        self._regulator = Regulator(target, light, heavy, sessions, self._tree.cores)
        self._on_change = on_change
        self._battery_floor = battery_floor
        self._battery_looked: float | None = None
        self._battery_reason = ""
        self._pause_reason = ""
        self._lowered: set[int] = set()
        self._woken = asyncio.Event()
        self._told = self.allowance

    @property
    def allowance(self) -> Allowance:
        """What may run now."""
        allowed = self._regulator.allowance
        if because := self.paused_because:
            return replace(allowed, light=0, heavy=0, paused_because=because)
        return allowed

    @property
    def load(self) -> float:
        """The share of the whole machine that we use: a moving average over some 2.5 s."""
        return self._regulator.load

    @property
    def others(self) -> float:
        """The share of the whole machine that other programs use, likewise."""
        return self._regulator.others

    @property
    def effective_target(self) -> float:
        """What the load is held at: the target, or less while other programs need the machine."""
        return self._regulator.effective_target

    @property
    def target(self) -> float:
        """The share of the whole machine that we may use; can be set at any time."""
        return self._regulator.target

    @target.setter
    def target(self, share: float) -> None:
        self._regulator.target = share
        self._woken.set()

    @property
    def paused_because(self) -> str:
        """Why nothing is started; empty when it is."""
        return self._pause_reason or self._battery_reason

    def pause(self, reason: str = "paused by the user") -> None:
        """Start nothing more, until `resume`; what runs goes on at the target."""
        self._pause_reason = reason
        self._tell()

    def resume(self) -> None:
        """End a pause; one for the battery's sake ends by itself."""
        self._pause_reason = ""
        self._tell()

    async def run(self) -> None:
        """Measure and hold until cancelled; then nothing stands still any more."""
        try:
            while True:
                await self._beat()
                usage = self._tree.look()
                if self.target < 1:
                    self._step_back(usage.descendants)
                self._regulator.step(usage)
                self._look_at_battery()
                self._tell()
        finally:
            for driver in running_drivers():
                driver.slowdown = 1.0
                driver.resume()

    async def _beat(self) -> None:
        """Let Lean run for its part of a beat, and stand still for the rest."""
        duty = self._regulator.allowance.duty
        if self.target >= 1:
            _set_pace(1.0)
            await self._sleep(MEASURE_ONLY)
        elif duty == 1.0 or not CAN_SUSPEND:
            _set_pace(1.0)
            await self._sleep(BEAT)
        else:
            _set_pace(duty)
            beat = max(BEAT, SHORTEST_RUN / duty)
            await asyncio.sleep(duty * beat)
            try:
                for driver in running_drivers():
                    driver.suspend()
                await asyncio.sleep((1 - duty) * beat)
            finally:
                for driver in running_drivers():
                    driver.resume()

    async def _sleep(self, seconds: float) -> None:
        """Sleep, but not on when the target is changed."""
        self._woken.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), seconds)

    def _step_back(self, descendants: Iterable[int]) -> None:
        """Give way to the rest of the machine, once for each process."""
        living = set(descendants)
        for pid in living - self._lowered:
            _lower_priority(pid)
        self._lowered = living

    def _look_at_battery(self) -> None:
        now = time.monotonic()
        if not self._battery_floor or (
            self._battery_looked is not None and now < self._battery_looked + BATTERY_EVERY
        ):
            return
        self._battery_looked = now
        self._battery_reason = battery_reason(_battery(), self._battery_floor)

    def _tell(self) -> None:
        allowance = self.allowance
        # Duty changes with every beat, and matters to nobody else.
        if replace(allowance, duty=1.0) != replace(self._told, duty=1.0):
            self._told = allowance
            self._on_change(allowance)


def battery_reason(battery: "tuple[float, bool] | None", floor: float) -> str:
    """Why a battery of (per cent, plugged in) is a reason to pause; empty when it is none."""
    if battery is None:
        return ""
    percent, plugged = battery
    if plugged or percent >= floor:
        return ""
    return f"on battery, {percent:.0f} % left (below {floor:.0f} %)"


def _battery() -> "tuple[float, bool] | None":
    # Not on every system, and None without a battery.
    sensors = getattr(psutil, "sensors_battery", None)
    battery = sensors() if sensors else None
    # `power_plugged` is None where it can't be told.
    return None if battery is None else (battery.percent, battery.power_plugged is not False)


def _set_pace(duty: float) -> None:
    for driver in running_drivers():
        driver.slowdown = 1.0 / duty


def _lower_priority(pid: int) -> None:
    with contextlib.suppress(psutil.Error, OSError):
        if sys.platform == "win32":
            psutil.Process(pid).nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
            return
        # Of a group every thread is reached, of a process only its first one.
        kind = os.PRIO_PGRP if os.getpgid(pid) == pid else os.PRIO_PROCESS
        if os.getpriority(kind, pid) < NICE:
            os.setpriority(kind, pid, NICE)
