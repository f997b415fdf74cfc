"""Attempts in the ledger: every one that finished, what it cost, and what failed already.

Functions over a database; transactions and errors are the caller's (`search.ledger`).
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlite_utils import Database

from search.ledger_goals import spend
from search.records import AttemptRecord, Fingerprint

SUCCESSES = ("proved", "refuted")

_COLUMNS = (
    "goal, strategy, parameters, outcome, script, reason, seconds, verify_seconds, heartbeats, "
    "scripts_tried, budget_seconds, budget_heartbeats, remaining, premises, started_at, run"
)
_INSERT = (
    f"INSERT INTO attempts ({_COLUMNS}, fingerprint, heavy) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_COUNT = """
INSERT INTO strategy_stats VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (strategy) DO UPDATE SET
    attempts = attempts + excluded.attempts, successes = successes + excluded.successes,
    failed = failed + excluded.failed, timeouts = timeouts + excluded.timeouts,
    cancelled = cancelled + excluded.cancelled, errors = errors + excluded.errors,
    seconds = seconds + excluded.seconds,
    success_seconds = success_seconds + excluded.success_seconds,
    last_attempt = max(last_attempt, excluded.last_attempt)
"""


def record(database: Database, attempts: Sequence[AttemptRecord], heavy: bool) -> int:
    """Write attempts, what they cost their goals, and the statistics; the id of the last."""
    fingerprints = {
        fingerprint: _fingerprint(database, fingerprint)
        for fingerprint in {attempt.fingerprint for attempt in attempts}
    }
    rows = [(*_row(attempt), fingerprints[attempt.fingerprint], heavy) for attempt in attempts]
    database.conn.executemany(_INSERT, rows)
    (last,) = database.execute("SELECT last_insert_rowid()").fetchone()
    spent: defaultdict[str, float] = defaultdict(float)
    for attempt in attempts:
        spent[attempt.goal] += attempt.seconds
    spend(database, {key: (0.0, used) if heavy else (used, 0.0) for key, used in spent.items()})
    _count(database, attempts)
    return int(last)


def select(database: Database, goal: str) -> list[AttemptRecord]:
    """Every attempt on a goal, the oldest first."""
    rows = database.execute(
        f"SELECT {_COLUMNS}, toolchain, project FROM attempts "
        "JOIN fingerprints ON fingerprints.id = attempts.fingerprint "
        "WHERE goal = ? ORDER BY attempts.id",
        (goal,),
    )
    return [_record(row) for row in rows]


def select_of_run(database: Database, run: str) -> list[AttemptRecord]:
    """Every attempt of a run, in the order in which they were written down."""
    rows = database.execute(
        f"SELECT {_COLUMNS}, toolchain, project FROM attempts "
        "JOIN fingerprints ON fingerprints.id = attempts.fingerprint "
        "WHERE run = ? ORDER BY attempts.id",
        (run,),
    )
    return [_record(row) for row in rows]


def _fingerprint(database: Database, fingerprint: Fingerprint) -> int:
    names = (fingerprint.toolchain, fingerprint.project)
    database.execute("INSERT OR IGNORE INTO fingerprints (toolchain, project) VALUES (?, ?)", names)
    query = "SELECT id FROM fingerprints WHERE toolchain = ? AND project = ?"
    (identifier,) = database.execute(query, names).fetchone()
    return int(identifier)


def _count(database: Database, attempts: Iterable[AttemptRecord]) -> None:
    counts: defaultdict[str, list[float]] = defaultdict(lambda: [0, 0, 0, 0, 0, 0, 0.0, 0.0, 0.0])
    for attempt in attempts:
        row = counts[attempt.strategy]
        row[0] += 1
        row[_PLACE[attempt.outcome]] += 1
        row[6] += attempt.seconds
        row[7] += attempt.seconds if attempt.outcome in SUCCESSES else 0.0
        row[8] = max(row[8], attempt.started_at)
    database.conn.executemany(_COUNT, [(name, *row) for name, row in counts.items()])


_PLACE = {"proved": 1, "refuted": 1, "failed": 2, "timeout": 3, "cancelled": 4, "error": 5}


def _row(attempt: AttemptRecord) -> tuple[Any, ...]:
    return (
        attempt.goal,
        attempt.strategy,
        attempt.parameters,
        attempt.outcome,
        attempt.script,
        attempt.reason,
        attempt.seconds,
        attempt.verify_seconds,
        attempt.heartbeats,
        attempt.scripts_tried,
        attempt.budget_seconds,
        attempt.budget_heartbeats,
        _list(attempt.remaining),
        _list(attempt.premises),
        attempt.started_at,
        attempt.run,
    )


def _list(names: Sequence[str]) -> str:
    return json.dumps(names, ensure_ascii=False) if names else "[]"


def _record(row: Sequence[Any]) -> AttemptRecord:
    goal, strategy, parameters, outcome, script, reason, seconds, verify_seconds = row[:8]
    heartbeats, tried, budget_seconds, budget_heartbeats, remaining, premises = row[8:14]
    started_at, run, toolchain, project = row[14:]
    return AttemptRecord(
        goal,
        strategy,
        outcome,
        Fingerprint(toolchain, project),
        parameters,
        script,
        reason,
        seconds,
        verify_seconds,
        heartbeats,
        tried,
        budget_seconds,
        budget_heartbeats,
        tuple(json.loads(remaining)),
        tuple(json.loads(premises)),
        started_at,
        run,
    )
