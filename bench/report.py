"""The results of a run over a bank: the JSON object that is kept, and the tables people read.

Only figures and their rendering; the run is `bench.bank`.
"""

import hashlib
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil

from bench.lemmas import Lemma
from lean.toolchain import Toolchain
from search.events import Attempt, GoalVerdict
from search.settings import Settings

SLOWEST = 5
"""Goals in the table of the slowest."""


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one lemma. `error`: its statement could not be read, or something broke."""

    lemma: Lemma
    verdict: GoalVerdict | None
    error: str = ""

    @property
    def solved(self) -> bool:
        """Is there a proof that `lean.verify` accepted?"""
        return self.verdict is not None and self.verdict.kind == "proved"

    @property
    def refuted(self) -> bool:
        """Has Lean checked that the statement is false?"""
        return self.verdict is not None and self.verdict.kind == "refuted"

    @property
    def cached(self) -> bool:
        """Did the ledger know it?"""
        return self.verdict is not None and self.verdict.cached

    @property
    def seconds(self) -> float:
        """Of all strategies, without reading the statement."""
        return self.verdict.seconds if self.verdict else 0.0

    @property
    def outcome(self) -> str:
        """One word."""
        return "error" if self.verdict is None else self.verdict.kind

    def as_json(self) -> dict[str, Any]:
        """The row of the results file."""
        verdict = self.verdict
        counterexample = verdict.counterexample if verdict else None
        return {
            "id": self.lemma.identifier,
            "difficulty": self.lemma.difficulty,
            "tags": list(self.lemma.tags),
            "outcome": self.outcome,
            "solved": self.solved,
            "verified": self.solved,
            "refuted": self.refuted,
            "script": verdict.script if verdict else "",
            "strategy": verdict.strategy if verdict else "",
            "cached": self.cached,
            "seconds": round(self.seconds, 4),
            "heartbeats": verdict.heartbeats if verdict else 0,
            "counterexample": str(counterexample) if counterexample else "",
            "error": self.error or (verdict.reason if verdict else ""),
        }


@dataclass(slots=True)
class BankRun:
    """A run: what it was asked, and the rows so far, in the order of the bank when it is over."""

    bank: Path
    lemmas: Sequence[Lemma]
    settings: Settings
    toolchain: Toolchain | None = None
    sessions: int = 0
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    seconds: float = 0.0
    interrupted: bool = False
    rows: dict[str, Row] = field(default_factory=dict)

    @property
    def ordered(self) -> list[Row]:
        """The rows in the order of the bank."""
        return [
            self.rows[lemma.identifier] for lemma in self.lemmas if lemma.identifier in self.rows
        ]

    @property
    def solved(self) -> int:
        """How many were proved and verified."""
        return sum(row.solved for row in self.rows.values())

    @property
    def cached(self) -> int:
        """How many the ledger knew; each was verified again."""
        return sum(row.cached for row in self.rows.values())

    @property
    def refuted(self) -> int:
        """How many were shown to be false."""
        return sum(row.refuted for row in self.rows.values())

    def as_json(self) -> dict[str, Any]:
        """The object of the results file and of `--json`."""
        return {
            "timestamp": self.started.isoformat(timespec="seconds"),
            "goals_total": len(self.lemmas),
            "goals_processed": len(self.rows),
            "goals_solved": self.solved,
            "goals_refuted": self.refuted,
            "goals_cached": self.cached,
            "goals_failed": sum(row.outcome == "error" for row in self.rows.values()),
            "seconds_total": round(self.seconds, 3),
            "seconds_searching": round(sum(row.seconds for row in self.rows.values()), 3),
            "interrupted": self.interrupted,
            "strategies": strategies(self.ordered),
            "config": self._config(),
            "toolchain": _toolchain(self.toolchain),
            "machine": machine(),
            "goals": [row.as_json() for row in self.ordered],
        }

    def _config(self) -> dict[str, Any]:
        effort = self.settings.effort
        return {
            "bank": str(self.bank),
            "bank_sha256": hashlib.sha256(self.bank.read_bytes()).hexdigest(),
            "profile": self.settings.profile,
            "timeout": effort.seconds,
            "heartbeats": effort.heartbeats,
            "jobs": self.sessions,
            "unsorry": metadata.version("unsorry"),
        }


def strategies(rows: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """By strategy: attempts, successes, and the mean seconds of an attempt."""
    attempts: dict[str, list[Attempt]] = {}
    for row in rows:
        for attempt in row.verdict.attempts if row.verdict else ():
            attempts.setdefault(attempt.strategy or "none", []).append(attempt)
    return {
        name: {
            "used": len(tried),
            "succeeded": sum(attempt.success for attempt in tried),
            "mean_seconds": round(sum(attempt.seconds for attempt in tried) / len(tried), 4),
            "rejected": sum(bool(attempt.script) and not attempt.success for attempt in tried),
        }
        for name, tried in sorted(attempts.items())
    }


def machine() -> dict[str, Any]:
    """The machine that measured."""
    return {
        "platform": platform.platform(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "python": sys.version.split()[0],
    }


def as_text(run: BankRun) -> str:
    """A summary line, and the tables: strategies, slowest goals, goals that are not solved."""
    rows = run.ordered
    lines = [_summary(run), ""]
    lines += table(
        ["strategy", "used", "succeeded", "rejected", "mean time"],
        [
            [
                name,
                figures["used"],
                figures["succeeded"],
                figures["rejected"],
                f"{figures['mean_seconds']:.3f} s",
            ]
            for name, figures in strategies(rows).items()
        ],
    )
    slowest = sorted(rows, key=lambda row: -row.seconds)[:SLOWEST]
    lines += ["", "Slowest"]
    lines += table(
        ["goal", "time", "outcome", "script"],
        [
            [row.lemma.identifier, f"{row.seconds:.2f} s", row.outcome, _first_line(row)]
            for row in slowest
        ],
    )
    unsolved = [row for row in rows if not row.solved]
    if unsolved:
        lines += ["", "Not solved"]
        lines += table(
            ["goal", "difficulty", "outcome", ""],
            [
                [row.lemma.identifier, row.lemma.difficulty, row.outcome, _why(row)]
                for row in unsolved
            ],
        )
    return "\n".join(lines)


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Lines of a table with aligned columns; figures stand to the right."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [
        max([len(title), *(len(row[column]) for row in cells)])
        for column, title in enumerate(header)
    ]
    rule = "  ".join("-" * width for width in widths)
    return [_line(header, widths), rule, *(_line(row, widths) for row in cells)]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [
        cell.rjust(width) if cell[:1].isdigit() else cell.ljust(width)
        for cell, width in zip(cells, widths, strict=True)
    ]
    return "  ".join(padded).rstrip()


def _summary(run: BankRun) -> str:
    done = len(run.rows)
    searching = sum(row.seconds for row in run.rows.values())
    refuted = f", {run.refuted} refuted" if run.refuted else ""
    cached = f", {run.cached} of them known before and verified again" if run.cached else ""
    return (
        f"{run.solved} of {len(run.lemmas)} solved and verified{cached}{refuted}"
        + (f" (interrupted after {done})" if run.interrupted else "")
        + f": {run.seconds:.1f} s in all, {searching / max(1, done):.3f} s a goal, "
        + f"{_described(run.toolchain)}, profile {run.settings.profile}"
    )


def _described(toolchain: Toolchain | None) -> str:
    return toolchain.description if toolchain else "no Lean"


def _toolchain(toolchain: Toolchain | None) -> dict[str, str]:
    if toolchain is None:
        return {}
    return {
        "name": toolchain.name,
        "lean_version": toolchain.lean_version,
        "description": toolchain.description,
        "fingerprint": toolchain.fingerprint,
        "stands_in_for": toolchain.stands_in_for,
    }


def _first_line(row: Row) -> str:
    script = row.verdict.script if row.verdict else ""
    first, _, more = script.partition("\n")
    return first + (" …" if more else "")


def _why(row: Row) -> str:
    if row.verdict is None:
        return row.error.split("\n")[0]
    if row.verdict.counterexample is not None:
        return str(row.verdict.counterexample)
    return row.verdict.reason.split("\n")[0][:80]
