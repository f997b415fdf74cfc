"""How much processor time this program, its children and everybody else use.

It measures and decides nothing; `search.regulator` decides. The time of children that have ended is
neither lost nor counted twice.
"""

import time
from dataclasses import dataclass

import psutil

SCAN_SHARE = 0.005
"""The share of one core that looking for new processes may cost: a scan takes 0.6 ms with 80
processes on the machine, and grows with their number."""

LATE = 0.5
"""Seconds by which a reading on a busy machine may come after its time."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What happened since the last look.

    `elapsed` in seconds of wall clock. `own` (this process) and `children` (all its descendants)
    are seconds of processor time; `others` is the share of the whole machine, in [0, 1], that
    programs beside us had. `descendants` are the ids of the processes that are there now.
    """

    elapsed: float
    own: float
    children: float
    others: float
    descendants: tuple[int, ...] = ()


@dataclass(slots=True)
class _Member:
    """A living process of the tree, and the seconds that it has used as far as they are counted."""

    process: psutil.Process
    used: float = 0.0
    reaped: float = 0.0


class ProcessTree:
    """The tree below this process, looked at from time to time by `look`."""

    def __init__(self) -> None:
        self.cores = psutil.cpu_count() or 1
        """Logical processors of the machine."""
        self._root = psutil.Process()
        self._members: dict[int, _Member] = {}
        self._owed = 0.0
        self._scan_after = 0.0
        self._looked = time.monotonic()
        self._machine = _machine_seconds()
        # What was used before now is nobody's business.
        self._look_at_members()

    def look(self) -> Usage:
        """What was used since the last call (or the making)."""
        now = time.monotonic()
        elapsed = max(1e-3, now - self._looked)
        self._looked = now
        own, children = self._look_at_members()
        # A process that ends between two readings may be counted twice for one look.
        children = min(children, (elapsed + LATE) * self.cores)
        busy, total = _machine_seconds()
        busy_before, total_before = self._machine
        self._machine = busy, total
        share = (busy - busy_before) / total_passed if (total_passed := total - total_before) else 0
        ours = (own + children) / (elapsed * self.cores)
        return Usage(
            elapsed=elapsed,
            own=own,
            children=children,
            others=min(1.0, max(0.0, share - ours)),
            descendants=tuple(pid for pid in self._members if pid != self._root.pid),
        )

    def _look_at_members(self) -> tuple[float, float]:
        """Seconds used by this process and by the others since the last look."""
        vanished = self._scan()
        own = children = reaped = 0.0
        # Parents come before their children: one that is reaped meanwhile is missing from the next
        # look and not counted twice in this one.
        for pid, member in list(self._members.items()):
            try:
                times = member.process.cpu_times()
            except psutil.Error:
                vanished += self._forget(pid)
                continue
            used = times.user + times.system
            if pid == self._root.pid:
                own = used - member.used
            else:
                children += max(0.0, used - member.used)
            member.used = used
            # Where a system does not tell the time of ended children (Windows), it is lost.
            ended = getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
            reaped += ended - member.reaped
            member.reaped = ended
        # Of those that ended, what they used before the last look is counted already. What is never
        # reaped by one of us (a grandchild whose parent has gone) is owed for one look only.
        owed = vanished - reaped
        children += max(0.0, -owed - self._owed)
        self._owed = max(0.0, owed)
        return own, children

    def _scan(self) -> float:
        """Looks for new processes, unless that was done only just now.

        Returns what the processes whose ids are used again had used.
        """
        if time.monotonic() < self._scan_after:
            return 0.0
        began = time.thread_time()
        vanished = 0.0
        for process in [self._root, *_descendants(self._root)]:
            known = self._members.get(process.pid)
            # Equal means: the same id and the same time of birth.
            if known is not None and known.process != process:
                vanished += self._forget(process.pid)
            self._members.setdefault(process.pid, _Member(process))
        cost = time.thread_time() - began
        self._scan_after = time.monotonic() + cost / SCAN_SHARE
        return vanished

    def _forget(self, pid: int) -> float:
        member = self._members.pop(pid)
        return member.used + member.reaped


def _descendants(root: psutil.Process) -> list[psutil.Process]:
    try:
        return root.children(recursive=True)
    except psutil.Error:
        # One of them ended while it was looked at.
        return []


def _machine_seconds() -> tuple[float, float]:
    """Processor seconds of the whole machine since it started: busy ones, and all."""
    times = psutil.cpu_times()
    # Linux counts guests among `user`; time that a hypervisor gave to somebody else is not ours to
    # yield.
    everything = times.user + times.system + times.idle
    for name in ("nice", "iowait", "irq", "softirq"):
        everything += getattr(times, name, 0.0)
    idle = times.idle + getattr(times, "iowait", 0.0)
    return everything - idle, everything
