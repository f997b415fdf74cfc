"""Version 2: the lemma marketplace, with a full-text index over what its tickets state."""

from sqlite_utils import Database

TOKENIZER = "unicode61 tokenchars '_.''₁₂₃₄₅₆₇₈₉₀'"
"""Dotted names, primes and indices belong to a Lean name; a search must quote such a word."""


def migrate(database: Database) -> None:
    """Create the tables, inside the caller's transaction."""
    database.executescript(_TABLES)
    # The indexed columns: the statement, the suggested name, the goal as the requester sees it.
    database.table("tickets").enable_fts(
        ["statement", "name", "display"], create_triggers=True, tokenize=TOKENIZER
    )


_TABLES = """
CREATE TABLE tickets (
    number INTEGER PRIMARY KEY, -- the row of the full-text index; fixed, also under VACUUM
    ticket_id TEXT NOT NULL UNIQUE,
    goal TEXT NOT NULL,
    statement TEXT NOT NULL,
    name TEXT NOT NULL,
    display TEXT NOT NULL DEFAULT '',
    context TEXT NOT NULL DEFAULT '{}',
    constraints TEXT NOT NULL DEFAULT '{}',
    priority REAL NOT NULL DEFAULT 0,
    requester TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL CHECK
        (status IN ('open', 'claimed', 'completed', 'expired', 'withdrawn')),
    claimant TEXT NOT NULL DEFAULT '',
    lease_until REAL,
    proof TEXT NOT NULL DEFAULT '',
    parent_goal TEXT NOT NULL DEFAULT '',
    parent_script TEXT NOT NULL DEFAULT '',
    created_at REAL NOT NULL,
    expires_at REAL,
    completed_at REAL
);
CREATE INDEX tickets_by_goal ON tickets (goal);
CREATE INDEX tickets_by_parent ON tickets (parent_goal);
CREATE INDEX tickets_by_status ON tickets (status);

CREATE TABLE ticket_dependencies (
    ticket_id TEXT NOT NULL REFERENCES tickets (ticket_id) ON DELETE CASCADE,
    depends_on TEXT NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (ticket_id, depends_on, kind)
) WITHOUT ROWID;
"""
