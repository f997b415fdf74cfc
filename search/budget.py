"""What a strategy may spend on one goal: its clock, and the account that its calls go to.

What a goal or a run may spend in all is `search.accounts`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from lean.session import Limits
from search.accounts import Account


@dataclass(slots=True)
class Budget:
    """Seconds of wall clock and heartbeats for one strategy on one goal, counted from its making.

    `heartbeats`, in the unit of Lean's `maxHeartbeats`, bound each script and are the same on every
    machine; `seconds` of `clock` are the safety net for the whole run. `account`: where tokens and
    calls of a language model are booked; the seconds are booked by whoever runs the strategy.
    """

    seconds: float = 8.0
    heartbeats: int = 200_000
    started: float = 0.0
    account: Account | None = None
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self.started = self.clock()

    @property
    def spent(self) -> float:
        """Seconds since its making."""
        return self.clock() - self.started

    @property
    def left(self) -> float:
        """Seconds that are left; never negative."""
        return max(0.0, self.seconds - self.spent)

    @property
    def exhausted(self) -> bool:
        """Is there no time for another script?"""
        return self.left < 0.01

    def limits(self, heartbeats: int = 0, seconds: float = 0.0) -> Limits:
        """Limits for one script: those asked for (0: all there is), and never more than is left."""
        beats = min(heartbeats or self.heartbeats, self.heartbeats)
        return Limits(beats, max(0.02, min(seconds or self.left, self.left)))

    def spend(self, tokens: float = 0.0, calls: float = 0.0) -> None:
        """Book what a service has charged. Raises BudgetExceeded when there is no more."""
        if self.account is not None:
            self.account.spend(tokens=tokens, calls=calls)
