"""What a session costs: starting, switching headers, checking scripts, stepping proof states.

One session at a time, asked directly; nothing of the search runs here. Rates depend on the machine
and its load: compare figures of one machine only.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.measurement import Measurement, Target, run
from bench.places import bare_workspace, project_files
from bench.report import table
from lean.document import elaborate
from lean.insertion import apply, insertion
from lean.session import Limits, Session
from lean.toolchain import Launch, find_toolchain

STARTS = 3
BATCH = 100
COMMUTE = "theorem t (a b : Nat) : a + b = b + a := by sorry"
REFERENCE = {"exact": 2700.0, "omega": 84.0, "grind": 129.0}
"""Checks a second of the prototype on two quiet cores (November 2026)."""


SCRIPTS = {"exact": "exact Nat.add_comm a b", "omega": "omega", "grind": "grind"}
"""Checked again and again at the hole of COMMUTE."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`seconds` of wall clock for `count` checks, of which Lean says it worked `inside`."""

    name: str
    count: int
    seconds: float
    inside: float
    rss_before: int
    rss_after: int

    @property
    def per_second(self) -> float:
        """Checks a second."""
        return self.count / self.seconds

    @property
    def overhead(self) -> float:
        """Wall clock over time inside Lean; Lean counts whole milliseconds."""
        return self.seconds / max(self.inside, 1e-3)


async def measure(chosen: argparse.Namespace) -> Measurement:
    """Start sessions, then measure on the last."""
    workspace = bare_workspace()
    launch = (await find_toolchain(workspace)).driver_command(workspace)
    starts = [await _start(launch) for _ in range(STARTS)]
    session = await Session.start(launch)
    try:
        switches = await _switches(session)
        rates = [await _rate(session, name, chosen.count) for name in SCRIPTS]
        step, whole = await _step_and_whole(session, project_files()["Sorting.lean"])
    finally:
        await session.close()
    return _measured(starts, switches, rates, step, whole)


async def _start(launch: Launch) -> float:
    """Seconds from starting the process until it serves."""
    started = time.monotonic()
    session = await Session.start(launch)
    seconds = time.monotonic() - started
    await session.close()
    return seconds


async def _switches(session: Session) -> dict[str, float]:
    """Seconds to open headers for the first time, and again."""
    seconds = {}
    for name, imports in (
        ("Init, first", ("Init",)),
        ("Init and Std, first", ("Init", "Std")),
        ("Init, again", ("Init",)),
        ("Init and Std, again", ("Init", "Std")),
    ):
        started = time.monotonic()
        await elaborate(session, "".join(f"import {module}\n" for module in imports))
        seconds[name] = time.monotonic() - started
    return seconds


async def _rate(session: Session, name: str, count: int) -> Rate:
    document = await elaborate(session, COMMUTE)
    proofs = document.holes[0].proofs
    await _check(session, proofs, [SCRIPTS[name]] * 10)
    before = session.rss_bytes()
    started, inside = time.monotonic(), 0
    for done in range(0, count, BATCH):
        inside += await _check(session, proofs, [SCRIPTS[name]] * min(BATCH, count - done))
    seconds = time.monotonic() - started
    return Rate(name, count, seconds, inside / 1000, before, session.rss_bytes())


async def _check(session: Session, proofs: Sequence[int], scripts: Sequence[str]) -> int:
    """Milliseconds that Lean worked."""
    inside = 0
    async for outcome in session.check(proofs, scripts, Limits()):
        assert outcome.result == "proved", outcome
        inside += outcome.ms
    return inside


async def _step_and_whole(session: Session, text: str) -> tuple[float, float]:
    """Median seconds of one step at a hole, and of reading the whole file with the step in it."""
    document = await elaborate(session, text)
    steps, wholes = [], []
    for hole in [hole for hole in document.holes if hole.syntax_mode == "tactic"][:5]:
        started = time.monotonic()
        outcome = await session.step(hole.proofs[0], "have extra : 1 + 1 = 2 := rfl\nsorry")
        steps.append(time.monotonic() - started)
        session.discard(proofs=[outcome.proof] if outcome.proof else [])
        edit = insertion(document, hole, "have extra : 1 + 1 = 2 := rfl\nsorry")
        started = time.monotonic()
        await elaborate(session, apply(text, [edit]))
        wholes.append(time.monotonic() - started)
    return statistics.median(steps), statistics.median(wholes)


def _measured(
    starts: list[float], switches: dict[str, float], rates: list[Rate], step: float, whole: float
) -> Measurement:
    cold = statistics.median(starts)
    overhead = sum(rate.seconds for rate in rates[1:]) / sum(rate.inside for rate in rates[1:])
    lines = [f"cold start: {cold:.2f} s ({', '.join(f'{value:.2f}' for value in starts)})", ""]
    lines += table(
        ["header", "time"], [[name, f"{1000 * took:.0f} ms"] for name, took in switches.items()]
    )
    lines += [""]
    lines += table(
        ["script", "checks", "a second", "prototype", "wall ÷ Lean", "memory before", "after"],
        [
            [
                rate.name,
                rate.count,
                f"{rate.per_second:.0f}",
                f"{REFERENCE[rate.name]:.0f}",
                f"{rate.overhead:.2f}",
                f"{rate.rss_before >> 20} MB",
                f"{rate.rss_after >> 20} MB",
            ]
            for rate in rates
        ],
    )
    lines += ["", f"step {1000 * step:.1f} ms, whole file {1000 * whole:.0f} ms"]
    growth = max(rate.rss_after / rate.rss_before for rate in rates)
    targets = [Target("cold start, seconds", cold, "<=", 4.0)]
    targets += [
        Target(f"{rate.name}, checks a second", rate.per_second, ">=", REFERENCE[rate.name])
        for rate in rates
    ]
    targets += [
        Target("wall ÷ time inside Lean", overhead, "<=", 1.15),
        Target("memory after ÷ before", growth, "<=", 1.1),
        Target("whole file ÷ step", whole / step, ">=", 10.0),
    ]
    figures = {
        "starts": starts,
        "headers": switches,
        "rates": {
            rate.name: {
                "per_second": round(rate.per_second, 1),
                "overhead": round(rate.overhead, 3),
                "rss_before": rate.rss_before,
                "rss_after": rate.rss_after,
                "count": rate.count,
            }
            for rate in rates
        },
        "overhead": overhead,
        "step_seconds": step,
        "whole_seconds": whole,
    }
    return Measurement(lines, figures, targets)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--count", type=int, default=2000, metavar="N", help="checks a script")


def main() -> int:
    """The command line."""
    return run("driver", "What a Lean session costs.", measure, _options)


if __name__ == "__main__":
    sys.exit(main())
