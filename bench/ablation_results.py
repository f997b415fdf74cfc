"""What the ablation has found: a file that grows by a line a goal, and the tables made from it.

A line is a whole result, so that an interruption costs the goal it happens at and no other.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import geometric_mean, mean

from bench.report import table
from lean.errors import WorkspaceError

QUICKER = 0.95
"""Times the seconds of before on the goals that both solve: less is a gain, more is noise."""
SHORTEST = 0.001
"""Seconds that a proof takes at least, where ratios are formed."""


@dataclass(frozen=True, slots=True)
class Result:
    """One goal under one configuration. `kind` is that of the verdict, or `error`.

    `seconds` are those of all strategies together. `digest` tells by what was asked: the text, the
    strategies and the effort.
    """

    configuration: str
    goal: str
    source: str
    digest: str
    kind: str
    strategy: str = ""
    seconds: float = 0.0
    script: str = ""
    reason: str = ""

    @property
    def solved(self) -> bool:
        """Has Lean accepted a proof?"""
        return self.kind == "proved"


@dataclass(slots=True)
class Results:
    """The file and what it has."""

    path: Path
    rows: dict[tuple[str, str, str], Result] = field(default_factory=dict)

    @classmethod
    def resumed(cls, path: Path) -> "Results":
        """What `path` has already; a last line that was not written to its end is dropped.

        Raises WorkspaceError where it is something else, or can't be written.
        """
        results = cls(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            text = path.read_text("utf-8") if path.exists() else ""
            lines, unfinished = text.split("\n")[:-1], text.rpartition("\n")[2]
            if unfinished:
                path.write_text(text.removesuffix(unfinished), "utf-8")
            for line in lines:
                results._take(Result(**json.loads(line)))
        except (OSError, ValueError, TypeError) as error:
            raise WorkspaceError(
                f"{path} is no file of such results: {error}.", "Name another one with --output."
            ) from error
        return results

    def find(self, configuration: str, goal: str, digest: str) -> Result | None:
        """The result on exactly this, if there is one that says something about the goal."""
        row = self.rows.get((configuration, goal, digest))
        return row if row and row.kind != "error" else None

    def add(self, row: Result) -> None:
        """Write a result down. Raises OSError."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")
        self._take(row)

    def _take(self, row: Result) -> None:
        self.rows[row.configuration, row.goal, row.digest] = row


def digest(*parts: object) -> str:
    """A short name for exactly these values."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A configuration: its results, or why there are none, and what it did without."""

    name: str
    results: tuple[Result, ...] = ()
    unavailable: str = ""
    without: tuple[str, ...] = ()

    @property
    def solved(self) -> dict[str, Result]:
        """The solved goals."""
        return {row.goal: row for row in self.results if row.solved}

    def solved_of(self, source: str) -> int:
        """How many goals of a source."""
        return sum(row.source == source for row in self.solved.values())

    @property
    def mean_seconds(self) -> float:
        """Over the solved goals; 0 where there are none."""
        return mean(row.seconds for row in self.solved.values()) if self.solved else 0.0


@dataclass(frozen=True, slots=True)
class Gain:
    """What a configuration has over another: goals won and lost, and the geometric mean of its
    seconds to the other's on the goals that both solve.
    """

    won: tuple[str, ...]
    lost: tuple[str, ...]
    both: int
    ratio: float

    @classmethod
    def over(cls, before: Outcome, after: Outcome) -> "Gain":
        """That of `after` over `before`."""
        one, two = before.solved, after.solved
        both = [goal for goal in one if goal in two]
        ratios = [
            max(two[goal].seconds, SHORTEST) / max(one[goal].seconds, SHORTEST) for goal in both
        ]
        return cls(
            tuple(goal for goal in two if goal not in one),
            tuple(goal for goal in one if goal not in two),
            len(both),
            geometric_mean(ratios) if ratios else 1.0,
        )

    @property
    def verdict(self) -> str:
        """In words."""
        if len(self.won) > len(self.lost):
            more = len(self.won) - len(self.lost)
            return f"adds {more} goal{'s' * (more > 1)}"
        if self.ratio < QUICKER and len(self.won) == len(self.lost):
            return f"adds no goals, saves {1 - self.ratio:.0%} of the time"
        return "adds neither goals nor time: off by default"


def as_lines(outcomes: Sequence[Outcome], totals: dict[str, int]) -> list[str]:
    """The table for people: what each configuration solved, and what it has over the first one.

    `totals` are the goals by source.
    """
    first = outcomes[0]
    total = sum(totals.values())
    header = [
        "configuration",
        *(f"{source} ({count})" for source, count in totals.items()),
        f"all ({total})",
        "mean time",
        f"time ÷ {first.name}",
        f"against {first.name}",
    ]
    rows = []
    for outcome in outcomes:
        if outcome.unavailable:
            blanks = ["-"] * (len(totals) + 3)
            rows.append([outcome.name, *blanks, f"not available: {outcome.unavailable}"])
            continue
        gain = Gain.over(first, outcome)
        rows.append(
            [
                outcome.name,
                *(str(outcome.solved_of(source)) for source in totals),
                str(len(outcome.solved)),
                f"{outcome.mean_seconds:.2f} s",
                f"{gain.ratio:.2f}" if gain.both else "-",
                "" if outcome is first else gain.verdict,
            ]
        )
    notes = [
        f"{outcome.name} did without {', '.join(outcome.without)}"
        for outcome in outcomes
        if outcome.without
    ]
    return [*table(header, rows), *[""] * bool(notes), *notes]


def found_by(results: Iterable[Result]) -> list[str]:
    """The table of who found how many proofs, and in what time."""
    seconds: dict[str, list[float]] = {}
    for row in results:
        if row.solved:
            seconds.setdefault(row.strategy, []).append(row.seconds)
    order = sorted(seconds, key=lambda name: -len(seconds[name]))
    rows = [[name, len(seconds[name]), f"{mean(seconds[name]):.2f} s"] for name in order]
    return table(["found by", "goals", "mean time"], rows)
