"""Runs in the ledger: when they were, and what the cache served in them.

Functions over a database; transactions and errors are the caller's (`search.ledger`).
"""

from sqlite_utils import Database

from search.records import RunRecord

_COLUMNS = "run, command, process, started_at, ended_at, hits, rejected, misses"


def find(database: Database, run: str) -> RunRecord | None:
    """The run with that id; the last one that was begun when it is empty."""
    where, values = ("run = ?", (run,)) if run else ("started_at > 0", ())
    row = database.execute(
        f"SELECT {_COLUMNS} FROM runs WHERE {where} ORDER BY started_at DESC LIMIT 1",
        values,
    ).fetchone()
    return RunRecord(*row) if row else None
