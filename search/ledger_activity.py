"""What has happened in a workspace, as its ledger tells it: attempts of late, finds, goals, runs.

For people who look, not for the search: reading only, bounded in time and size. Figures of the
whole ledger are `search.ledger_stats`. All functions raise LedgerError.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from search.errors import explained
from search.ledger import Ledger
from search.ledger_goals import COLUMNS, as_record
from search.records import AttemptOutcome, GoalRecord, GoalStatus, Origin

MOST_RECENT = 50_000
"""How many attempts, counted from the last one, are looked at for what happened of late."""

GoalOrder = Literal["seen", "difficulty", "spent", "place"]
_ORDERS: dict[GoalOrder, str] = {
    "seen": "last_seen DESC, file, line, column",
    "difficulty": "difficulty DESC, key",
    "spent": "spent_light + spent_heavy DESC, key",
    "place": "file, line, column, key",
}


@dataclass(frozen=True, slots=True)
class RecentAttempt:
    """A finished attempt, without what it tried. `ended_at`: seconds since the epoch."""

    strategy: str
    outcome: AttemptOutcome
    seconds: float
    ended_at: float


@dataclass(frozen=True, slots=True)
class Find:
    """A goal that was proved or refuted, where it was seen last, and by what."""

    goal: str
    file: str
    line: int
    declaration: str
    strategy: str
    outcome: AttemptOutcome
    script: str
    seconds: float
    ended_at: float


@dataclass(frozen=True, slots=True)
class KnownProof:
    """A proof in the ledger. `withdrawn`: why it no longer counts, or empty."""

    script: str
    helper: str
    strategy: str
    toolchain: str
    seconds: float
    axioms: tuple[str, ...]
    verified_at: float
    origin: Origin
    withdrawn: str


@dataclass(frozen=True, slots=True)
class KnownRefutation:
    """A counterexample in the ledger: the values, as Lean shows them."""

    values: dict[str, str]
    toolchain: str
    found_at: float


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run of a program on this ledger; `ended_at` is 0 when it goes on, or was killed."""

    run: str
    command: str
    process: int
    started_at: float
    ended_at: float
    hits: int
    rejected: int
    misses: int


@dataclass(frozen=True, slots=True)
class GoalFilter:
    """Which goals: with that status, in that file, with `text` in file or declaration, and with a
    difficulty in [easiest, hardest]. Empty fields don't restrict.
    """

    status: GoalStatus | None = None
    file: str = ""
    text: str = ""
    easiest: float = 0.0
    hardest: float = 1.0


@dataclass(frozen=True, slots=True)
class Edge:
    """`ticket` serves the goal with the key `target`, or needs the ticket `target`."""

    ticket: str
    kind: Literal["serves", "needs"]
    target: str


def recent_attempts(ledger: Ledger, since: float) -> list[RecentAttempt]:
    """The attempts that ended at `since` or later, in no order; at most MOST_RECENT."""
    with explained(ledger.path):
        # By id, which is indexed: a ledger may have millions, and the clock no index.
        rows = ledger.database.execute(
            "SELECT strategy, outcome, seconds, started_at + seconds FROM attempts "
            "WHERE id > (SELECT coalesce(max(id), 0) - ? FROM attempts) "
            "AND started_at + seconds >= ?",
            (MOST_RECENT, since),
        )
        return [RecentAttempt(*row) for row in rows]


def last_finds(ledger: Ledger, limit: int) -> list[Find]:
    """The last proofs and refutations of goals that are known, the newest first."""
    with explained(ledger.path):
        rows = ledger.database.execute(
            "SELECT goal, file, line, declaration, strategy, outcome, script, seconds, "
            "started_at + seconds FROM attempts JOIN goals ON goals.key = attempts.goal "
            "WHERE id > (SELECT coalesce(max(id), 0) - ? FROM attempts) "
            "AND outcome IN ('proved', 'refuted') ORDER BY id DESC LIMIT ?",
            (MOST_RECENT, limit),
        )
        return [Find(*row) for row in rows]


def select_goals(
    ledger: Ledger, wanted: GoalFilter, order: GoalOrder, limit: int, offset: int
) -> tuple[list[GoalRecord], int]:
    """`limit` goals from the `offset`-th on, and how many there are in all."""
    where, values = _condition(wanted)
    with explained(ledger.path):
        (total,) = ledger.database.execute(
            f"SELECT count(*) FROM goals WHERE {where}", values
        ).fetchone()
        rows = ledger.database.execute(
            f"SELECT {COLUMNS} FROM goals WHERE {where} ORDER BY {_ORDERS[order]} LIMIT ? OFFSET ?",
            [*values, limit, offset],
        )
        return [as_record(row) for row in rows], int(total)


def files_with_goals(ledger: Ledger) -> list[tuple[str, int]]:
    """The files in which goals stand, with their number, by name."""
    with explained(ledger.path):
        return list(
            ledger.database.execute(
                "SELECT file, count(DISTINCT goal) FROM sightings GROUP BY file ORDER BY file"
            )
        )


def proofs_of(ledger: Ledger, goal: str) -> list[KnownProof]:
    """Every proof of a goal, of whatever toolchain; those that count first."""
    with explained(ledger.path):
        rows = ledger.database.execute(
            "SELECT script, helper, strategy, toolchain, seconds, axioms, verified_at, origin, "
            "withdrawn FROM proofs WHERE goal = ? ORDER BY withdrawn <> '', length, script",
            (goal,),
        )
        return [
            KnownProof(script, helper, strategy, toolchain, seconds, _names(axioms), *rest)
            for script, helper, strategy, toolchain, seconds, axioms, *rest in rows
        ]


def refutations_of(ledger: Ledger, goal: str) -> list[KnownRefutation]:
    """Every counterexample to a goal, the newest first."""
    with explained(ledger.path):
        rows = ledger.database.execute(
            'SELECT "values", toolchain, found_at FROM refutations WHERE goal = ? '
            "ORDER BY found_at DESC",
            (goal,),
        )
        return [KnownRefutation(dict(json.loads(row[0])), *row[1:]) for row in rows]


def proofs_by_origin(ledger: Ledger) -> dict[str, int]:
    """How many proofs count, by where they come from."""
    with explained(ledger.path):
        return dict(
            ledger.database.execute(
                "SELECT origin, count(*) FROM proofs WHERE withdrawn = '' GROUP BY origin"
            ).fetchall()
        )


def last_runs(ledger: Ledger, limit: int) -> list[RunRow]:
    """The last runs, the newest first."""
    with explained(ledger.path):
        rows = ledger.database.execute(
            "SELECT run, command, process, started_at, coalesce(ended_at, 0), hits, rejected, "
            "misses FROM runs ORDER BY started_at DESC LIMIT ?",
            (limit,),
        )
        return [RunRow(*row) for row in rows]


def ticket_edges(ledger: Ledger) -> list[Edge]:
    """Which ticket serves which goal, and which needs which other."""
    with explained(ledger.path):
        rows = ledger.database.execute(
            "SELECT ticket_id, kind, depends_on FROM ticket_dependencies "
            "ORDER BY ticket_id, kind, depends_on"
        )
        return [Edge(*row) for row in rows]


def named_goals(ledger: Ledger, keys: Sequence[str]) -> list[GoalRecord]:
    """The goals with these keys that are known."""
    with explained(ledger.path):
        rows = ledger.database.execute(
            f"SELECT {COLUMNS} FROM goals WHERE key IN (SELECT value FROM json_each(?))",
            (json.dumps(list(keys)),),
        )
        return [as_record(row) for row in rows]


def _condition(wanted: GoalFilter) -> tuple[str, list[Any]]:
    parts, values = ["difficulty BETWEEN ? AND ?"], list[Any]()
    values += [wanted.easiest, wanted.hardest]
    if wanted.status is not None:
        parts.append("status = ?")
        values.append(wanted.status)
    if wanted.file:
        parts.append("key IN (SELECT goal FROM sightings WHERE file = ?)")
        values.append(wanted.file)
    if wanted.text:
        parts.append("instr(lower(file || ' ' || declaration), lower(?)) > 0")
        values.append(wanted.text)
    return " AND ".join(parts), values


def _names(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))
