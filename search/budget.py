"""What a strategy may spend on one goal."""

import time
from dataclasses import dataclass

from lean.session import Limits


@dataclass(slots=True)
class Budget:
    """Seconds of wall clock and heartbeats for one strategy on one goal, counted from its making.

    `heartbeats`, in the unit of Lean's `maxHeartbeats`, bound each script and are the same on every
    machine; `seconds` are the safety net for the whole run.
    """

    seconds: float = 8.0
    heartbeats: int = 200_000
    started: float = 0.0

    def __post_init__(self) -> None:
        self.started = time.monotonic()

    @property
    def left(self) -> float:
        """Seconds that are left; never negative."""
        return max(0.0, self.started + self.seconds - time.monotonic())

    @property
    def exhausted(self) -> bool:
        """Is there no time for another script?"""
        return self.left < 0.01

    def limits(self, heartbeats: int = 0, seconds: float = 0.0) -> Limits:
        """Limits for one script: those asked for (0: all there is), and never more than is left."""
        beats = min(heartbeats or self.heartbeats, self.heartbeats)
        return Limits(beats, max(0.02, min(seconds or self.left, self.left)))
