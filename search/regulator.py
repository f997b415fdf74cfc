"""What a share of the machine allows: slots first, then how long Lean may run in each moment.

Numbers in, an `Allowance` out; it touches no process and no clock. Two loops: a fast one sets the
part of the time in which Lean runs, so that the mean share is held at once and exactly; a slow one
takes away slots (heavy ones first) that would only be spent standing still, and gives them back.
"""

from dataclasses import dataclass

from search.process_tree import Usage

SHORTEST_DUTY = 0.05
"""The least part of the time in which Lean runs, so that every request still ends."""
FULL_DUTY = 0.97
"""From here on, standing still for the rest is not worth two signals."""
SMALLEST_TARGET = 0.1
"""The share of the machine that remains when others want all of it."""
RESERVE = 0.1
"""The share of the machine that is left free beside other programs, so that they can grow."""
SMOOTHING = 0.1
"""α of the moving averages at 4 Hz: they follow a change within some 2.5 s."""
BEAT = 0.25
"""Seconds between measurements."""
BORROWED, SAVED = -1.0, 0.25
"""Bounds of the account of what was used too much or too little, in seconds of the whole machine;
what is saved must stay small, or a pause would be followed by a burst."""
SETTLE = 2.0
"""Seconds in which the account is brought to zero."""
DWELL = 3.0
"""Seconds after a change of slots before the next one: what runs is not stopped, so that a change
takes a while to show."""
TOLERANCE = 0.04
"""A share this much below the target is no reason for another slot."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may run now.

    `light` and `heavy` are slots for strategies. `duty`, in (0, 1], is the part of the time in
    which Lean runs. With `paused_because` nothing new is started by itself; there are no slots.
    """

    light: int
    heavy: int
    duty: float = 1.0
    paused_because: str = ""


class Regulator:
    """Holds the share of the machine at a target; `step` once a measurement."""

    def __init__(self, target: float, light: int, heavy: int, sessions: int, cores: int) -> None:
        self.target = target
        """The share of the whole machine, in (0, 1]; from 1 on nothing is held back."""
        self.load = 0.0
        """The share that we use, as a moving average."""
        self.others = 0.0
        """The share that other programs use, as a moving average."""
        self._most_light = light
        self._most_heavy = heavy
        self._sessions = max(1, sessions)
        self._cores = cores
        # Slots beyond the number of sessions change nothing: the way down begins where they bite.
        self._light = max(1, min(light, self._sessions))
        self._heavy = min(heavy, self._sessions)
        self._duty = 1.0
        self._mean_duty = 1.0
        self._account = 0.0
        self._base = 0.0
        self._rate = 0.0
        self._since_change = DWELL

    @property
    def effective_target(self) -> float:
        """The target, or less while other programs need the machine."""
        if self.target >= 1:
            return self.target
        free = 1.0 - self.others - min(RESERVE, self.others)
        return min(self.target, max(SMALLEST_TARGET, free))

    @property
    def allowance(self) -> Allowance:
        """What may run until the next step."""
        full = self._light >= min(self._most_light, self._sessions)
        light = self._most_light if full else self._light
        heavy = self._most_heavy if self._heavy >= self._sessions else self._heavy
        return Allowance(light, min(heavy, self._most_heavy), self._duty)

    def step(self, usage: Usage) -> Allowance:
        """Takes note of what was used with the allowance so far; the one from now on."""
        share = (usage.own + usage.children) / (usage.elapsed * self._cores)
        weight = 1.0 - (1.0 - SMOOTHING) ** (usage.elapsed / BEAT)
        self.load += weight * (share - self.load)
        self.others += weight * (usage.others - self.others)
        if self.target >= 1:
            self._release()
        else:
            self._set_duty(usage, share)
            self._mean_duty += weight * (self._duty - self._mean_duty)
            self._set_slots(usage.elapsed)
        return self.allowance

    def _release(self) -> None:
        self._duty = self._mean_duty = 1.0
        self._account = 0.0
        self._light = min(self._most_light, self._sessions)
        self._heavy = min(self._most_heavy, self._sessions)

    def _set_duty(self, usage: Usage, share: float) -> None:
        """The part of the time in which Lean uses just what is left to it."""
        target = self.effective_target
        account = self._account + (target - share) * usage.elapsed
        self._account = min(SAVED, max(BORROWED, account))
        weight = min(1.0, usage.elapsed)
        self._base += weight * (usage.own / usage.elapsed - self._base)
        # Cores that Lean takes while it runs: a rise is believed at once, a fall within seconds.
        rate = usage.children / usage.elapsed / self._duty
        rate = min(rate, float(self._cores))
        self._rate = max(rate, self._rate + weight * (rate - self._rate))
        allowed = (target + self._account / SETTLE) * self._cores - self._base
        duty = allowed / max(self._rate, 0.01)
        self._duty = 1.0 if duty >= FULL_DUTY else max(SHORTEST_DUTY, duty)

    def _set_slots(self, elapsed: float) -> None:
        self._since_change += elapsed
        if self._since_change < DWELL:
            return
        running = min(self._sessions, self._light + self._heavy)
        # The work of one slot fewer, without standing still, would do.
        if running > 1 and self._mean_duty <= (running - 1) / running:
            self._shrink()
            return
        # Of a small target only a part: our own load alone would keep slots away for ever.
        tolerance = min(TOLERANCE, self.effective_target / 4)
        if self._mean_duty > FULL_DUTY and self.load < self.effective_target - tolerance:
            self._grow()

    def _shrink(self) -> None:
        self._since_change = 0.0
        if self._heavy:
            self._heavy -= 1
        elif self._light > 1:
            self._light -= 1

    def _grow(self) -> None:
        if self._light < min(self._most_light, self._sessions):
            self._light += 1
        elif self._heavy < min(self._most_heavy, self._sessions):
            self._heavy += 1
        else:
            return
        self._since_change = 0.0
