"""How soon are the losers of a race stopped? From a first success to the last rival's end.

The bank, one goal at a time on two sessions, so that there is always one to spare and strategies
race. Counted is until Lean itself has let go and the session can serve again.
"""

import argparse
import math
import sys

from bench.lemmas import bank_options, default_bank, load_bank
from bench.measurement import Measurement, Target, run
from bench.places import bare_workspace
from bench.report import table
from search.engine import Engine
from search.events import GoalVerdict, RaceWon
from search.settings import Settings

TARGET = 0.25
"""Seconds."""


async def measure(chosen: argparse.Namespace) -> Measurement:
    """Prove the bank goal by goal and listen to the races."""
    lemmas = load_bank(chosen.bank or default_bank(), chosen.limit)
    settings = Settings(sessions=2, spare=False, remember=False, tickets=False)
    verdicts: list[GoalVerdict] = []
    async with Engine.open(bare_workspace(), settings) as engine:
        events = engine.events()
        for lemma in lemmas:
            view = await engine.update(lemma.identifier, lemma.text)
            assert view is not None and len(view.goals) == 1, f"{lemma.identifier} can't be used"
            verdicts.append(await engine.prove(view.goals[0]))
    races = [event async for event in events if isinstance(event, RaceWon)]
    proved = sum(verdict.kind == "proved" for verdict in verdicts)
    seconds = sorted(race.seconds for race in races) or [0.0]
    p50, p95, worst = (_percentile(seconds, share) for share in (0.5, 0.95, 1.0))
    rows: list[list[object]] = [
        ["goals proved", f"{proved} of {len(lemmas)}"],
        ["races with losers", len(races)],
        ["losers stopped", sum(race.stopped for race in races)],
        ["p50", f"{1000 * p50:.1f} ms"],
        ["p95", f"{1000 * p95:.1f} ms"],
        ["longest", f"{1000 * worst:.1f} ms"],
    ]
    return Measurement(
        table(["from a success to the last loser's end", ""], rows),
        {"races": len(races), "p50": p50, "p95": p95, "longest": worst, "proved": proved},
        [
            Target("races with losers", len(races), ">", 0),
            Target("p95 until the last loser has stopped, in s", p95, "<=", TARGET),
        ],
    )


def _percentile(ordered: list[float], share: float) -> float:
    """The nearest-rank percentile of sorted figures."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def main() -> int:
    """The command line."""
    return run("races", "How soon losers are stopped.", measure, bank_options)


if __name__ == "__main__":
    sys.exit(main())
