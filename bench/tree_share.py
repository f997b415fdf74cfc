"""The share of the machine that a tree of processes takes, seen from outside it: for checking the
throttle, and independent of how that measures itself.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

SAMPLE = 0.5
"""Seconds between samples."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Seconds since some moment: of the clock, of the tree's processors, of all busy processors."""

    at: float
    used: float
    busy: float


def tree_of(pid: int) -> list[psutil.Process]:
    """A process and all below it; empty when it has ended."""
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.Error:
        return []


def used_seconds(pid: int) -> float:
    """What a tree has used since it began, with what its ended processes have."""
    total = 0.0
    for process in tree_of(pid):
        try:
            total += sum(process.cpu_times()[:4])
        except psutil.Error:
            # It ended just now; its parent's next reading tells of it.
            continue
    return total


async def observe(pid: int, seconds: float) -> list[Sample]:
    """Samples of the tree below `pid` for some time."""
    samples = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        samples.append(Sample(time.monotonic(), used_seconds(pid), _busy_seconds()))
        await asyncio.sleep(SAMPLE)
    return samples


def mean_share(samples: Sequence[Sample]) -> float:
    """The tree's share of the whole machine between the first and the last sample."""
    return (samples[-1].used - samples[0].used) / _capacity(samples[0], samples[-1])


def mean_total(samples: Sequence[Sample]) -> float:
    """The share of the machine that was busy with anything."""
    return (samples[-1].busy - samples[0].busy) / _capacity(samples[0], samples[-1])


def window_shares(samples: Sequence[Sample], seconds: float = 10.0) -> list[float]:
    """The tree's share in every window of some length, one beginning with each sample."""
    shares = []
    for number, first in enumerate(samples):
        for last in samples[number:]:
            if last.at - first.at >= seconds:
                shares.append((last.used - first.used) / _capacity(first, last))
                break
    return shares


def _busy_seconds() -> float:
    times = psutil.cpu_times()
    names = ("user", "nice", "system", "irq", "softirq")
    return sum(float(getattr(times, name, 0.0)) for name in names)


def _capacity(first: Sample, last: Sample) -> float:
    return (last.at - first.at) * (psutil.cpu_count() or 1)
