"""When the next call may start: so many a minute, none while the endpoint wants its peace, and
longer and longer waits after failures.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

FIRST_WAIT = 0.5
"""Seconds; the bound of the random wait doubles with every failure, up to LONGEST_RANDOM_WAIT."""
LONGEST_RANDOM_WAIT = 8.0
MINUTE = 60.0


@dataclass(slots=True)
class Pace:
    """At most `per_minute` starts in any sixty seconds. `clock` is monotonic, in seconds."""

    per_minute: int
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _starts: deque[float] = field(default_factory=deque)
    _not_before: float = 0.0

    async def turn(self) -> None:
        """Wait until a call may start; it counts as started then."""
        while (wait := self._wait()) > 0:
            await self.sleep(wait)
        self._starts.append(self.clock())

    def pause(self, seconds: float) -> None:
        """Let no call start for so long."""
        self._not_before = max(self._not_before, self.clock() + seconds)

    def _wait(self) -> float:
        now = self.clock()
        while self._starts and self._starts[0] <= now - MINUTE:
            self._starts.popleft()
        full = len(self._starts) >= self.per_minute
        return max(self._not_before - now, self._starts[0] + MINUTE - now if full else 0.0)


def random_wait(failures: int, chance: random.Random) -> float:
    """Seconds to wait after so many failures in a row: exponential backoff with full jitter."""
    return chance.uniform(0.0, min(LONGEST_RANDOM_WAIT, FIRST_WAIT * 2.0 ** min(failures - 1, 16)))


def asked_wait(headers: Mapping[str, str], now: float) -> float:
    """Seconds that an answer asks to wait (`Retry-After`: seconds or a date; `now` is in seconds
    since the epoch); 0 where it asks for nothing that makes sense.
    """
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) / unit
        except ValueError:
            continue
        return seconds if 0 < seconds < float("inf") else 0.0
    try:
        return max(0.0, parsedate_to_datetime(headers.get("retry-after", "")).timestamp() - now)
    except (TypeError, ValueError, OverflowError):
        return 0.0
