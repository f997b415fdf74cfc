"""What every strategy did on every goal, as `bench.record_attempts` writes it and `bench.policies`
reads it.

One JSON object a line. The first tells the circumstances (`Circumstances`), every other is a goal:
`id`, `source`, `goal` (as people read it), `vector` (`search.features`), and `runs`: by strategy
`[solved, seconds, heartbeats, stopped]`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lean.errors import WorkspaceError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Recorded:
    """One attempt. `solved`: it proved or refuted the goal; `stopped`: it had used up its seconds.

    `heartbeats` in the unit of Lean's `maxHeartbeats`.
    """

    solved: bool
    seconds: float
    heartbeats: int
    stopped: bool


@dataclass(frozen=True, slots=True)
class RecordedGoal:
    """One goal and what became of it under every strategy, each alone and from the beginning."""

    identifier: str
    source: str
    goal: str
    vector: Mapping[str, float]
    runs: Mapping[str, Recorded]

    @property
    def solvable(self) -> bool:
        """Did any strategy solve it?"""
        return any(run.solved for run in self.runs.values())

    def as_line(self) -> str:
        """The row of the file."""
        runs = {
            name: [int(run.solved), round(run.seconds, 4), run.heartbeats, int(run.stopped)]
            for name, run in self.runs.items()
        }
        row = {"id": self.identifier, "source": self.source, "goal": self.goal}
        return _compact(row | {"vector": dict(self.vector), "runs": runs})

    @classmethod
    def of_line(cls, line: str) -> "RecordedGoal":
        """The goal in a row. Raises ValueError, KeyError."""
        row = json.loads(line)
        runs = {
            name: Recorded(bool(solved), seconds, heartbeats, bool(stopped))
            for name, (solved, seconds, heartbeats, stopped) in row["runs"].items()
        }
        return cls(row["id"], row["source"], row["goal"], row["vector"], runs)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """How a recording was made.

    `strategies` in the default order, each with the seconds it was given on a goal; `heartbeats` is
    what each script got.
    """

    lean: str
    machine: str
    strategies: Mapping[str, float]
    heartbeats: int

    def as_line(self) -> str:
        """The first row of the file."""
        return _compact(
            {
                "format": FORMAT,
                "lean": self.lean,
                "machine": self.machine,
                "strategies": dict(self.strategies),
                "heartbeats": self.heartbeats,
            }
        )


@dataclass(frozen=True, slots=True)
class Recording:
    """A whole file."""

    circumstances: Circumstances
    goals: tuple[RecordedGoal, ...]


def read_recording(path: Path) -> Recording:
    """The recording in a file. Raises WorkspaceError where it is missing or damaged."""
    try:
        first, *rest = path.read_text("utf-8").strip("\n").split("\n")
        head = json.loads(first)
        if head["format"] != FORMAT:
            raise ValueError(f"format {head['format']}")
        circumstances = Circumstances(
            head["lean"], head["machine"], head["strategies"], head["heartbeats"]
        )
        return Recording(circumstances, tuple(RecordedGoal.of_line(line) for line in rest))
    except FileNotFoundError as error:
        raise WorkspaceError(
            f"There is no recording {path}.", "Make one with `python -m bench.record_attempts`."
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise WorkspaceError(
            f"{path} is no recording: {error}.", "Delete it and record again."
        ) from error


def _compact(row: Mapping[str, object]) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"
