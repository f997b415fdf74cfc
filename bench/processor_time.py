"""A strategy's clock that a busy machine does not push on: seconds of processor, not of wall.

For recordings that have to be comparable although other programs run beside them. What an engine
allows is wall clock (`search.budget`).
"""

import os
import sys
import time
from dataclasses import dataclass

import psutil

from lean.session import Limits
from search.budget import Budget

PATIENCE = 4.0
"""Seconds of wall clock that Lean may take for a script in place of each second of processor."""


def processor_seconds(pid: int) -> float:
    """Processor time of a process with all its threads, and of this one."""
    own = time.process_time()
    if sys.platform == "linux":
        # The clock that clock_getcpuclockid(3) makes for a process; psutil has steps of 10 ms.
        return own + time.clock_gettime((~pid << 3) | 2)
    times = psutil.Process(pid).cpu_times()
    return own + float(times.user + times.system)


@dataclass(slots=True)
class ProcessorBudget(Budget):
    """A budget of processor seconds of the driver `pid`, or of wall clock where that is less: on an
    idle machine the threads that help Lean run beside it.
    """

    pid: int = 0
    spent_before: float = 0.0

    def __post_init__(self) -> None:
        # By name: `super()` finds nothing in a data class that slots have made anew.
        Budget.__post_init__(self)
        self.spent_before = processor_seconds(self.pid or os.getpid())

    @property
    def spent(self) -> float:
        """Seconds since its making."""
        wall = time.monotonic() - self.started
        return min(wall, processor_seconds(self.pid or os.getpid()) - self.spent_before)

    @property
    def left(self) -> float:
        """Seconds that are left; never negative."""
        return max(0.0, self.seconds - self.spent)

    def limits(self, heartbeats: int = 0, seconds: float = 0.0) -> Limits:
        """Limits for one script, with patience for a busy machine."""
        usual = Budget.limits(self, heartbeats, seconds)
        return Limits(usual.heartbeats, PATIENCE * usual.seconds)
