"""Version 1: goals and where they stand, attempts, proofs, caches, incidents, runs, statistics.

Times are seconds since the epoch, lists and mappings JSON text. Attempts and proofs name goals by
key without a foreign key: a shared proof may come before its goal, and an attempt must find its
place even when the ledger was replaced under a running search.
"""

from sqlite_utils import Database


def migrate(database: Database) -> None:
    """Create the tables, inside the caller's transaction."""
    database.executescript(_TABLES)


_TABLES = """
CREATE TABLE goals (
    key TEXT PRIMARY KEY,
    core TEXT NOT NULL,
    canonical TEXT NOT NULL,
    display TEXT NOT NULL,
    file TEXT NOT NULL,
    declaration TEXT NOT NULL,
    line INTEGER NOT NULL,
    column INTEGER NOT NULL,
    hypotheses TEXT NOT NULL,
    vector TEXT NOT NULL,
    difficulty REAL NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'proved', 'refuted', 'skipped')),
    spent_light REAL NOT NULL,
    spent_heavy REAL NOT NULL,
    first_seen REAL NOT NULL,
    last_seen REAL NOT NULL
);
CREATE INDEX goals_by_status ON goals (status);

CREATE TABLE sightings (
    goal TEXT NOT NULL REFERENCES goals (key) ON DELETE CASCADE,
    file TEXT NOT NULL,
    declaration TEXT NOT NULL,
    line INTEGER NOT NULL,
    column INTEGER NOT NULL,
    last_seen REAL NOT NULL,
    PRIMARY KEY (goal, file, declaration, line, column)
) WITHOUT ROWID;
CREATE INDEX sightings_by_file ON sightings (file);

CREATE TABLE fingerprints (
    id INTEGER PRIMARY KEY,
    toolchain TEXT NOT NULL,
    project TEXT NOT NULL,
    UNIQUE (toolchain, project)
);

CREATE TABLE attempts (
    id INTEGER PRIMARY KEY,
    goal TEXT NOT NULL,
    strategy TEXT NOT NULL,
    parameters TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK
        (outcome IN ('proved', 'failed', 'timeout', 'cancelled', 'refuted', 'error')),
    fingerprint INTEGER NOT NULL REFERENCES fingerprints (id),
    heavy INTEGER NOT NULL,
    script TEXT NOT NULL,
    reason TEXT NOT NULL,
    seconds REAL NOT NULL,
    verify_seconds REAL NOT NULL,
    heartbeats INTEGER NOT NULL,
    scripts_tried INTEGER NOT NULL,
    budget_seconds REAL NOT NULL,
    budget_heartbeats INTEGER NOT NULL,
    remaining TEXT NOT NULL,
    premises TEXT NOT NULL,
    started_at REAL NOT NULL,
    run TEXT NOT NULL
);
CREATE INDEX attempts_by_goal ON attempts (goal);

CREATE TABLE proofs (
    goal TEXT NOT NULL,
    core TEXT NOT NULL,
    script TEXT NOT NULL,
    helper TEXT NOT NULL,
    toolchain TEXT NOT NULL,
    project TEXT NOT NULL,
    strategy TEXT NOT NULL,
    hypotheses TEXT NOT NULL,
    length INTEGER NOT NULL,
    seconds REAL NOT NULL,
    axioms TEXT NOT NULL,
    premises TEXT NOT NULL,
    verified_at REAL NOT NULL,
    origin TEXT NOT NULL,
    withdrawn TEXT NOT NULL,
    PRIMARY KEY (goal, script, helper, toolchain)
);
CREATE INDEX proofs_by_core ON proofs (core);

CREATE TABLE refutations (
    goal TEXT NOT NULL,
    proof TEXT NOT NULL,
    "values" TEXT NOT NULL,
    toolchain TEXT NOT NULL,
    project TEXT NOT NULL,
    found_at REAL NOT NULL,
    PRIMARY KEY (goal, proof, toolchain)
);

CREATE TABLE tactic_cache (
    goal TEXT NOT NULL,
    script TEXT NOT NULL,
    uses INTEGER NOT NULL,
    successes INTEGER NOT NULL,
    seconds REAL NOT NULL,
    last_used REAL NOT NULL,
    PRIMARY KEY (goal, script)
) WITHOUT ROWID;

CREATE TABLE tactic_templates (
    template TEXT PRIMARY KEY,
    hypotheses INTEGER NOT NULL,
    premises INTEGER NOT NULL,
    uses INTEGER NOT NULL,
    goals INTEGER NOT NULL,
    seconds REAL NOT NULL,
    last_used REAL NOT NULL
) WITHOUT ROWID;

CREATE TABLE premise_cache (
    goal TEXT NOT NULL,
    premise TEXT NOT NULL,
    score REAL NOT NULL,
    hits INTEGER NOT NULL,
    PRIMARY KEY (goal, premise)
) WITHOUT ROWID;

CREATE TABLE strategy_stats (
    strategy TEXT PRIMARY KEY,
    attempts INTEGER NOT NULL,
    successes INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    timeouts INTEGER NOT NULL,
    cancelled INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    seconds REAL NOT NULL,
    success_seconds REAL NOT NULL,
    last_attempt REAL NOT NULL
) WITHOUT ROWID;

CREATE TABLE runs (
    run TEXT PRIMARY KEY,
    command TEXT NOT NULL,
    process INTEGER NOT NULL,
    started_at REAL NOT NULL,
    ended_at REAL,
    hits INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0,
    misses INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TABLE incidents (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    severity TEXT NOT NULL,
    component TEXT NOT NULL,
    operation TEXT NOT NULL,
    message TEXT NOT NULL,
    context TEXT NOT NULL,
    happened_at REAL NOT NULL,
    run TEXT NOT NULL
);
CREATE INDEX incidents_by_time ON incidents (happened_at);
"""
