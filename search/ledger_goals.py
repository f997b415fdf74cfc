"""Goals in the ledger: what they are, where they stand, what was spent on them.

Functions over a database; transactions and errors are the caller's (`search.ledger`).
"""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlite_utils import Database

from search.records import GoalRecord, GoalStatus

COLUMNS = (
    "key, core, canonical, display, file, declaration, line, column, hypotheses, vector, "
    "difficulty, status, spent_light, spent_heavy, first_seen, last_seen"
)
"""Of the table, in the order of GoalRecord's fields."""
_SEE = f"""
INSERT INTO goals ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE SET
    core = excluded.core, canonical = excluded.canonical, display = excluded.display,
    file = excluded.file, declaration = excluded.declaration, line = excluded.line,
    column = excluded.column, hypotheses = excluded.hypotheses, vector = excluded.vector,
    difficulty = excluded.difficulty, last_seen = excluded.last_seen
"""


def see(database: Database, goals: Sequence[GoalRecord], seen_at: float) -> list[GoalRecord]:
    """Write goals as they are seen now; the stored rows, with the status and costs they had."""
    execute = database.conn.execute
    for goal in goals:
        execute(_SEE, _row(goal, seen_at))
        # A goal moves when lines are added above it: its old lines in the declaration are gone.
        execute(
            "DELETE FROM sightings WHERE goal = ? AND file = ? AND declaration = ?",
            (goal.key, goal.file, goal.declaration),
        )
    for goal in goals:
        execute(
            "INSERT OR REPLACE INTO sightings VALUES (?, ?, ?, ?, ?, ?)",
            (goal.key, goal.file, goal.declaration, goal.line, goal.column, seen_at),
        )
    stored = {goal.key: _one(database, goal.key) for goal in goals}
    return [stored[goal.key] for goal in goals]


def find(database: Database, key_or_prefix: str) -> GoalRecord | None:
    """The goal with that key, or the only one whose key begins so."""
    rows = database.execute(
        f"SELECT {COLUMNS} FROM goals WHERE key >= ? AND key < ? ORDER BY key LIMIT 2",
        (key_or_prefix, key_or_prefix + "\U0010ffff"),
    ).fetchall()
    if not key_or_prefix or not rows or (len(rows) > 1 and rows[0][0] != key_or_prefix):
        return None
    return as_record(rows[0])


def select(
    database: Database, status: GoalStatus | None, file: str | None, limit: int | None
) -> list[GoalRecord]:
    """Goals of that status that stand in that file, those seen last first."""
    conditions, parameters = ["1"], list[Any]()
    if status is not None:
        conditions.append("status = ?")
        parameters.append(status)
    if file is not None:
        conditions.append("key IN (SELECT goal FROM sightings WHERE file = ?)")
        parameters.append(file)
    parameters.append(-1 if limit is None else limit)
    rows = database.execute(
        f"SELECT {COLUMNS} FROM goals WHERE {' AND '.join(conditions)} "
        "ORDER BY last_seen DESC, file, line, column LIMIT ?",
        parameters,
    )
    return [as_record(row) for row in rows]


def places(database: Database, key: str) -> list[tuple[str, str, int, int]]:
    """File, declaration, line and column of every place where the goal was seen last."""
    return list(
        database.execute(
            "SELECT file, declaration, line, column FROM sightings WHERE goal = ? "
            "ORDER BY file, line, column",
            (key,),
        )
    )


def forget_places(database: Database, file: str, keep: Collection[str]) -> None:
    """Goals that are not in `keep` no longer stand in that file; what is known of them stays."""
    database.execute(
        "DELETE FROM sightings WHERE file = ? AND goal NOT IN (SELECT value FROM json_each(?))",
        (file, json.dumps(sorted(keep))),
    )


def spend(database: Database, spent: Mapping[str, tuple[float, float]]) -> None:
    """Add seconds of light and heavy strategies to goals."""
    database.conn.executemany(
        "UPDATE goals SET spent_light = spent_light + ?, spent_heavy = spent_heavy + ? "
        "WHERE key = ?",
        [(light, heavy, key) for key, (light, heavy) in spent.items()],
    )


def set_status(database: Database, key: str, status: GoalStatus) -> None:
    """What has become of a goal."""
    database.execute("UPDATE goals SET status = ? WHERE key = ?", (status, key))


def _one(database: Database, key: str) -> GoalRecord:
    row = database.execute(f"SELECT {COLUMNS} FROM goals WHERE key = ?", (key,)).fetchone()
    return as_record(row)


def _row(goal: GoalRecord, seen_at: float) -> tuple[Any, ...]:
    return (
        goal.key,
        goal.core,
        goal.canonical,
        goal.display,
        goal.file,
        goal.declaration,
        goal.line,
        goal.column,
        json.dumps(goal.hypotheses, ensure_ascii=False),
        json.dumps(dict(goal.vector), ensure_ascii=False),
        goal.difficulty,
        goal.status,
        goal.spent_light,
        goal.spent_heavy,
        seen_at,
        seen_at,
    )


def as_record(row: Sequence[Any]) -> GoalRecord:
    """A goal from a row of COLUMNS."""
    values = list(row)
    values[8] = tuple(json.loads(values[8]))
    values[9] = json.loads(values[9])
    return GoalRecord(*values)
