"""Does learning pay? One file searched without memories, and after a similar one was solved.

`bench/similar/second.lean` has the definitions of `first.lean` and other theorems: no goal of the
one is a goal of the other, so nothing comes from the cache. Compared are strategy-seconds, taken in
turns, each pass with a ledger of its own.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.measurement import Measurement, Target, run
from bench.places import bench_file
from bench.report import table
from lean.workspace import Workspace
from search.engine import Engine
from search.events import GoalVerdict
from search.settings import Settings

TARGET = 1.5
"""Times fewer strategy-seconds."""


@dataclass(frozen=True, slots=True)
class Pass:
    """The second file searched once."""

    verdicts: Sequence[GoalVerdict]

    @property
    def seconds(self) -> float:
        """Of all strategies."""
        return sum(a.seconds for verdict in self.verdicts for a in verdict.attempts)

    @property
    def attempts(self) -> int:
        """How many there were."""
        return sum(len(verdict.attempts) for verdict in self.verdicts)

    @property
    def proved(self) -> int:
        """How many goals."""
        return sum(verdict.kind == "proved" for verdict in self.verdicts)

    @property
    def cached(self) -> int:
        """How many were in the ledger already: none should be."""
        return sum(verdict.cached for verdict in self.verdicts)


async def measure(chosen: argparse.Namespace) -> Measurement:
    """Pass over the second file with and without the first."""
    passes: dict[str, list[Pass]] = {"without": [], "after": []}
    for _ in range(chosen.rounds):
        for name, files in (("without", ["second"]), ("after", ["first", "second"])):
            passes[name].append(await _pass(files))
    rows = [
        [
            name,
            number + 1,
            f"{one.proved} of {len(one.verdicts)}",
            one.cached,
            one.attempts,
            f"{one.seconds:.2f} s",
        ]
        for number in range(chosen.rounds)
        for name in passes
        for one in [passes[name][number]]
    ]
    header = ["first file", "round", "proved", "from the cache", "attempts", "strategy time"]
    seconds = {name: median(one.seconds for one in some) for name, some in passes.items()}
    ratio = seconds["without"] / seconds["after"]
    return Measurement(
        [*table(header, rows), "", f"without ÷ after, medians: {ratio:.2f}"],
        {"seconds": seconds, "ratio": ratio},
        [
            Target("strategy-seconds without ÷ after", ratio, ">=", TARGET),
            Target("from the cache", sum(one.cached for one in passes["after"]), "<=", 0),
        ],
    )


async def _pass(files: Sequence[str]) -> Pass:
    """The verdicts on the last of the files, searched one after the other with one ledger."""
    verdicts: list[GoalVerdict] = []
    with tempfile.TemporaryDirectory(prefix="unsorry-learning-") as folder:
        workspace = Workspace.at(Path(folder))
        settings = Settings(sessions=1, spare=False, tickets=False)
        async with Engine.open(workspace, settings) as engine:
            for name in files:
                text = (bench_file("similar") / f"{name}.lean").read_text("utf-8")
                view = await engine.update(f"{name}.lean", text)
                assert view is not None and view.document.elaborates, f"{name} is broken"
                verdicts = [await engine.prove(goal) for goal in view.goals]
    return Pass(verdicts)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="passes of each kind")


def main() -> int:
    """The command line."""
    return run("learning", "A similar file, with and without memories.", measure, _options)


if __name__ == "__main__":
    sys.exit(main())
