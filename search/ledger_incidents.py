"""Incidents and runs in the ledger: what went wrong, which run it was, what its cache served.

Functions over a database; transactions and errors are the caller's (`search.ledger`).
"""

from dataclasses import astuple
from typing import Literal

from sqlite_utils import Database

from search.records import IncidentRecord

_COLUMNS = "kind, severity, component, operation, message, context, happened_at, run"
OUTSIDE = "outside"
"""The run that look-ups count on when no run was begun."""


def record(database: Database, incident: IncidentRecord) -> None:
    """Write an incident."""
    database.execute(
        f"INSERT INTO incidents ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", astuple(incident)
    )


def select(database: Database, since: float, limit: int) -> list[IncidentRecord]:
    """Incidents from `since` (seconds since the epoch) on, the newest first."""
    rows = database.execute(
        f"SELECT {_COLUMNS} FROM incidents WHERE happened_at >= ? "
        "ORDER BY happened_at DESC, id DESC LIMIT ?",
        (since, limit),
    )
    return [IncidentRecord(*row) for row in rows]


def select_of_run(database: Database, run: str) -> list[IncidentRecord]:
    """Every incident of a run, the oldest first."""
    rows = database.execute(
        f"SELECT {_COLUMNS} FROM incidents WHERE run = ? ORDER BY happened_at, id", (run,)
    )
    return [IncidentRecord(*row) for row in rows]


def begin_run(database: Database, run: str, command: str, process: int, at: float) -> None:
    """Write that a run began."""
    database.execute(
        "INSERT INTO runs (run, command, process, started_at) VALUES (?, ?, ?, ?)",
        (run, command, process, at),
    )


def end_run(database: Database, run: str, at: float) -> None:
    """Write that it ended in order."""
    database.execute("UPDATE runs SET ended_at = ? WHERE run = ?", (at, run))


def count_lookup(database: Database, run: str, what: Literal["hits", "rejected", "misses"]) -> None:
    """Count one goal looked up in the cache."""
    if not run:
        database.execute(
            "INSERT OR IGNORE INTO runs (run, command, process, started_at) VALUES (?, '', 0, 0)",
            (OUTSIDE,),
        )
    database.execute(f"UPDATE runs SET {what} = {what} + 1 WHERE run = ?", (run or OUTSIDE,))
