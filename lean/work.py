"""A clock that goes on with what Lean does instead of with the time, so that it goes the same on a
fast machine, a slow one and a busy one.

It knows scripts and their heartbeats; whose time it measures is `lean.session`'s business.
"""

from lean.protocol import Outcome

HEARTBEATS_A_SECOND = 10_000
"""Heartbeats (unit of `maxHeartbeats`) that count as a second: what the embedded Lean does in one
(8,000 to 12,500 in searches on hard goals, on a quiet machine; a native Lean does several times as
much)."""
SECONDS_A_SCRIPT = 0.004
"""What a script costs beside its heartbeats: parsing it, and the way to Lean and back."""
PATIENCE = 5.0
"""Times the seconds that are left for a script, before the real clock ends it all the same."""
LEAST_PATIENCE = 10.0
"""Real seconds that every script may have; only one whose work Lean does not count needs them."""


class WorkClock:
    """Counts the work of one session in seconds."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def allow(self, seconds: float) -> float:
        """The real seconds after which a script that may work for `seconds` has gone astray."""
        return max(LEAST_PATIENCE, PATIENCE * seconds)

    def count(self, outcome: Outcome, seconds: float) -> None:
        """Count a script that might have worked for `seconds`; if the real clock had to end it, it
        counts as if it had.
        """
        work = SECONDS_A_SCRIPT + outcome.heartbeats / HEARTBEATS_A_SECOND
        if outcome.result == "interrupted" and outcome.message != "heartbeats":
            work = max(work, seconds)
        self.seconds += work
