"""How well premises are retrieved, and what it costs.

Goals are of proofs whose premises are known (`known_premises`), with the theorems of Init and Std
in sight and those above them in their text. What is learned from past proofs is learned from all
other texts and from what stands above the goal in its own. Times are of the processor: other
programs don't change them.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

from bench.known_premises import KnownGoal, known_goals, without_its_own
from bench.measurement import Measurement, Target, run
from bench.places import bare_workspace
from bench.report import table
from lean.document import elaborate
from lean.premise_shard import Premise, Shard
from lean.session import Session
from lean.toolchain import find_toolchain
from search.retrieval.corpus import Corpus
from search.retrieval.library import PremiseLibrary
from search.retrieval.sight import Imported, Sight

FEW, MANY = 12, 100
SYNTHETIC = 250_000
"""Theorems of Mathlib's size."""
MODULES = 6_000
VARIANTS = 7
"""Forms in which each symbol of a synthetic theorem may occur; common ones stay as they are."""
COMMON = 0.02
"""Of the theorems: a symbol that occurs in more is one of the language, not of a subject."""
TIMED = 300
"""Queries that are timed."""

Ranked = Callable[[KnownGoal], list[int]]


@dataclass(frozen=True, slots=True)
class Figures:
    """What a ranking is worth on some goals: means of recall and of one over the first place."""

    goals: int
    few: float
    many: float
    reciprocal: float

    @classmethod
    def of(cls, goals: Sequence[KnownGoal], ranked: Ranked) -> "Figures":
        """Those of `ranked` on the goals."""
        rankings = [(ranked(goal), goal.used) for goal in goals]
        return cls(
            goals=len(goals),
            few=fmean(len(used & set(ranking[:FEW])) / len(used) for ranking, used in rankings),
            many=fmean(len(used & set(ranking[:MANY])) / len(used) for ranking, used in rankings),
            reciprocal=fmean(_reciprocal(ranking, used) for ranking, used in rankings),
        )

    @property
    def cells(self) -> list[str]:
        """The figures of a table."""
        return [f"{figure:.3f}" for figure in (self.few, self.many, self.reciprocal)]


@dataclass(frozen=True, slots=True)
class Costs:
    """Of one corpus: theorems, seconds to build and to open it, bytes, milliseconds of queries."""

    theorems: int
    built: float
    opened: float
    size: int
    queries: tuple[float, ...]

    @property
    def p95(self) -> float:
        """Milliseconds within which 19 of 20 queries are answered."""
        return sorted(self.queries)[int(0.95 * (len(self.queries) - 1))]

    def row(self, name: str) -> list[str]:
        """The line of a table."""
        queries = f"{median(self.queries):.1f} ms", f"{self.p95:.1f} ms"
        opened = f"{1000 * self.opened:.0f} ms"
        return [name, f"{self.theorems}", f"{self.built:.1f} s", f"{self.size / 2**20:.1f} MB",
                opened, *queries]  # fmt: skip


async def measure(chosen: argparse.Namespace) -> Measurement:
    """Build the corpus, elaborate the proofs, rank."""
    workspace = bare_workspace()
    session = await Session.start((await find_toolchain(workspace)).driver_command(workspace))
    try:
        with tempfile.TemporaryDirectory() as folder:
            sight, built = await _collected(session, Path(folder))
            goals = without_its_own(await known_goals(session, sight.imported, chosen.texts))
            library = PremiseLibrary(workspace, None)
            library.learn("bench", [goal.use for goal in goals])
            real = _costs(library, goals, Path(folder), sight, built)
            large = _synthetic(library, goals, Path(folder) / "large", sight)
    finally:
        await session.close()
    figures = {name: _by_kind(goals, ranked) for name, ranked in _rankings(library).items()}
    sources = _by_source(goals, _rankings(library)["fusion"])
    return Measurement(
        lines=[*_table(figures, sources), "", *_table_of_costs(real, large)],
        figures={
            "rankers": {name: _as_json(kinds) for name, kinds in figures.items()},
            "sources": _as_json(sources),
            "costs": {"Init + Std": real.row(""), "synthetic": large.row("")},
        },
        targets=[
            Target("goals with known premises", len(goals), ">=", 300),
            Target("recall@12 of the fusion", figures["fusion"]["all"].few, ">=", 0.6),
            Target("p95 of a query at Init + Std, ms", real.p95, "<=", 20),
            Target("p95 of a query at 250,000, ms", large.p95, "<=", 20),
        ],
    )


async def _collected(session: Session, folder: Path) -> tuple[Sight, float]:
    """What a text that imports Std sees, and the seconds that it took to find out."""
    document = await elaborate(session, "import Std\ntheorem t : 1 = 1 := by sorry")
    corpus = Corpus(bare_workspace(), folder)
    started = time.perf_counter()
    sight = await corpus.sight(session, document.holes[0].proofs[0], None, frozenset())
    return sight, time.perf_counter() - started


def _rankings(library: PremiseLibrary) -> dict[str, Ranked]:
    """Each ranker, and their fusion, as a list of numbers."""
    rankings: dict[str, Ranked] = {
        ranker.name: lambda goal, rank=ranker.rank: [  # type: ignore[misc]
            number for number, _ in rank(goal.query, goal.sight, MANY)
        ]
        for ranker in library.rankers
    }
    rankings["fusion"] = lambda goal: _numbers(library, goal)
    return rankings


def _numbers(library: PremiseLibrary, goal: KnownGoal) -> list[int]:
    names = [one.name for one in library.retrieve(goal.query, goal.sight, MANY)]
    return [number for number in goal.sight.numbers(names) if number is not None]


def _by_kind(goals: Sequence[KnownGoal], ranked: Ranked) -> dict[str, Figures]:
    chosen = {
        "theorem": [goal for goal in goals if goal.kind == "theorem"],
        "step": [goal for goal in goals if goal.kind == "step"],
        "all": list(goals),
    }
    return {kind: Figures.of(some, ranked) for kind, some in chosen.items() if some}


def _by_source(goals: Sequence[KnownGoal], ranked: Ranked) -> dict[str, Figures]:
    sources = dict.fromkeys(goal.source for goal in goals)
    return {
        name: Figures.of([goal for goal in goals if goal.source == name], ranked)
        for name in sources
    }


def _costs(
    library: PremiseLibrary, goals: Sequence[KnownGoal], folder: Path, sight: Sight, built: float
) -> Costs:
    """Those of the corpus in a folder; queries are answered with `sight`."""
    started = time.process_time()
    shards = [Shard.read(file) for file in folder.glob("*.premises")]
    Imported((shard, span) for shard in shards for span in shard.spans)
    opened = time.process_time() - started
    size = sum(file.stat().st_size for file in folder.glob("*.premises"))
    queries = []
    for goal in random.Random(0).sample(list(goals), min(TIMED, len(goals))):
        started = time.process_time()
        library.retrieve(goal.query, sight, MANY)
        queries.append(1000 * (time.process_time() - started))
    return Costs(sight.visible, built, opened, size, tuple(queries))


def _synthetic(
    library: PremiseLibrary, goals: Sequence[KnownGoal], folder: Path, sight: Sight
) -> Costs:
    """A corpus of Mathlib's size, made of variants of the theorems in sight."""
    folder.mkdir()
    rows = _variants(sight)
    started = time.process_time()
    shard = Shard.of(rows)
    (folder / "all.premises").write_bytes(shard.packed())
    built = time.process_time() - started
    read = Shard.read(folder / "all.premises")
    large = Sight(Imported((read, span) for span in read.spans), Shard.of({}))
    return _costs(library, goals, folder, large, built)


def _variants(sight: Sight) -> dict[tuple[str, str], list[Premise]]:
    """The theorems in sight as they are, and more with other symbols of their own."""
    real = [sight.premise(number) for number in sight]
    counts: dict[str, int] = {}
    for premise in real:
        for symbol in premise.symbols:
            counts[symbol] = counts.get(symbol, 0) + 1
    common = {symbol for symbol, count in counts.items() if count > COMMON * len(real)}
    dice = random.Random(0)
    rows = list(real)
    while len(rows) < SYNTHETIC:
        made = dice.choice(real)
        variant = dice.randrange(VARIANTS)
        symbols = tuple(s if s in common else f"{s}.v{variant}" for s in made.symbols)
        rows.append(Premise(f"{made.name}.v{len(rows)}", "", symbols))
    size = -(-len(rows) // MODULES)
    return {
        (f"Module.M{start // size}", ""): rows[start : start + size]
        for start in range(0, len(rows), size)
    }


def _reciprocal(ranking: Sequence[int], used: frozenset[int]) -> float:
    return next((1 / place for place, number in enumerate(ranking, 1) if number in used), 0.0)


def _table(figures: dict[str, dict[str, Figures]], sources: dict[str, Figures]) -> list[str]:
    header = ["ranker", "goals", "count", f"recall@{FEW}", f"recall@{MANY}", "MRR"]
    rows = [(name, kind, some) for name, kinds in figures.items() for kind, some in kinds.items()]
    rows += [("fusion", f"of {name}", some) for name, some in sources.items()]
    return table(header, [[name, kind, some.goals, *some.cells] for name, kind, some in rows])


def _table_of_costs(real: Costs, large: Costs) -> list[str]:
    header = ["corpus", "theorems", "built in", "on disk", "opened in", "query p50", "query p95"]
    return table(header, [real.row("Init + Std"), large.row("synthetic")])


def _as_json(figures: dict[str, Figures]) -> dict[str, dict[str, float]]:
    return {
        name: {
            "goals": some.goals,
            f"recall_{FEW}": round(some.few, 4),
            f"recall_{MANY}": round(some.many, 4),
            "mrr": round(some.reciprocal, 4),
        }
        for name, some in figures.items()
    }


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--texts", nargs="+", metavar="NAME", help="only these texts")


def main() -> int:
    """The command line."""
    return run("premises", "Measure the retrieval of premises.", measure, _options)


if __name__ == "__main__":
    sys.exit(main())
