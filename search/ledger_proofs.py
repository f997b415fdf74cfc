"""Proofs and refutations in the ledger, and what is learned from a proof: caches and templates.

A stored proof is a candidate: whoever takes one has Lean verify it again before it is shown.
Functions over a database; transactions and errors are the caller's (`search.ledger`).
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlite_utils import Database

from search.ledger_goals import set_status
from search.records import Fingerprint, ProofRecord, RefutationRecord
from search.templates import template

_COLUMNS = (
    "goal, script, strategy, toolchain, project, hypotheses, helper, length, seconds, axioms, "
    "premises, verified_at, origin"
)
_INSERT = f"""
INSERT INTO proofs ({_COLUMNS}, core, withdrawn)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')
ON CONFLICT (goal, script, helper, toolchain) DO
"""
_REPLACE = """
UPDATE SET core = excluded.core, strategy = excluded.strategy, project = excluded.project,
    hypotheses = excluded.hypotheses, length = excluded.length, seconds = excluded.seconds,
    axioms = excluded.axioms, premises = excluded.premises, verified_at = excluded.verified_at,
    origin = excluded.origin, withdrawn = ''
"""


def record(database: Database, proof: ProofRecord, core: str | None) -> None:
    """Write a verified proof; its goal is proved, and the caches know its script and premises.

    `core` is the goal's core key; None: what its goal's row says, or the key itself.
    """
    database.execute(_INSERT + _REPLACE, _row(proof, core or _core(database, proof.goal)))
    set_status(database, proof.goal, "proved")
    _remember_script(database, proof)
    _remember_template(database, proof)
    for premise in proof.premises:
        _remember_premise(database, proof.goal, premise)


def add_imported(database: Database, proofs: Iterable[tuple[ProofRecord, str]]) -> int:
    """Write proofs with their core keys that nobody has checked here; how many were new."""
    before = database.conn.total_changes
    database.conn.executemany(_INSERT + " NOTHING", [_row(proof, core) for proof, core in proofs])
    return database.conn.total_changes - before


def select(database: Database, key: str, core: str, fingerprint: Fingerprint) -> list[ProofRecord]:
    """Proofs of the goal, then of others with its core, the best first.

    Only those of the same toolchain. Better: verified here, made for the same project, rejected
    less often, shorter, quicker. A proof under another key serves only when it uses nothing but the
    core's hypotheses.
    """
    rows = database.execute(
        f"SELECT {_COLUMNS} FROM proofs WHERE (goal = ? OR core = ?) AND toolchain = ? "
        "AND withdrawn = '' ORDER BY goal <> ?, verified_at = 0, project <> ?, "
        "(SELECT uses - successes FROM tactic_cache AS cache WHERE cache.goal = proofs.goal "
        "AND cache.script = proofs.script), length, seconds",
        (key, core, fingerprint.toolchain, key, fingerprint.project),
    )
    return [_record(row) for row in rows]


def every(database: Database) -> list[tuple[ProofRecord, str]]:
    """All proofs that stand, with their core keys, by goal."""
    rows = database.execute(
        f"SELECT {_COLUMNS}, core FROM proofs WHERE withdrawn = '' ORDER BY goal, length, script"
    )
    return [(_record(row[:-1]), row[-1]) for row in rows]


def withdraw(database: Database, goal: str, script: str, reason: str) -> None:
    """A proof no longer stands; without another one its goal is open again."""
    database.execute(
        "UPDATE proofs SET withdrawn = ? WHERE goal = ? AND script = ?",
        (reason or "withdrawn", goal, script),
    )
    database.execute(
        "UPDATE goals SET status = 'open' WHERE key = ? AND status = 'proved' AND NOT EXISTS "
        "(SELECT 1 FROM proofs WHERE goal = ? AND withdrawn = '')",
        (goal, goal),
    )


def use(database: Database, proof: ProofRecord, accepted: bool, at: float, seconds: float) -> None:
    """A stored proof was tried again at time `at`, which took `seconds`."""
    _count_script(database, proof.goal, proof.script, accepted, at, seconds)
    if accepted:
        set_status(database, proof.goal, "proved")
        database.execute(
            "UPDATE proofs SET verified_at = ? WHERE goal = ? AND script = ? AND helper = ? "
            "AND toolchain = ?",
            (at, proof.goal, proof.script, proof.helper, proof.fingerprint.toolchain),
        )


def record_refutation(database: Database, refutation: RefutationRecord) -> None:
    """Write a checked counterexample; its goal is refuted."""
    fingerprint = refutation.fingerprint
    database.execute(
        "INSERT OR REPLACE INTO refutations VALUES (?, ?, ?, ?, ?, ?)",
        (
            refutation.goal,
            refutation.proof,
            json.dumps(refutation.values, ensure_ascii=False),
            fingerprint.toolchain,
            fingerprint.project,
            refutation.found_at,
        ),
    )
    set_status(database, refutation.goal, "refuted")


def withdraw_refutation(database: Database, refutation: RefutationRecord) -> None:
    """A counterexample did not pass again: it is forgotten, and its goal is open."""
    database.execute(
        "DELETE FROM refutations WHERE goal = ? AND proof = ? AND toolchain = ?",
        (refutation.goal, refutation.proof, refutation.fingerprint.toolchain),
    )
    database.execute(
        "UPDATE goals SET status = 'open' WHERE key = ? AND status = 'refuted' AND NOT EXISTS "
        "(SELECT 1 FROM refutations WHERE goal = ?)",
        (refutation.goal, refutation.goal),
    )


def refutations(database: Database, key: str, fingerprint: Fingerprint) -> list[RefutationRecord]:
    """Counterexamples of the same toolchain; those for the same project, then the newest first."""
    rows = database.execute(
        'SELECT goal, "values", proof, toolchain, project, found_at FROM refutations '
        "WHERE goal = ? AND toolchain = ? ORDER BY project <> ?, found_at DESC",
        (key, fingerprint.toolchain, fingerprint.project),
    )
    return [
        RefutationRecord(
            goal,
            tuple((name, value) for name, value in json.loads(values)),
            proof,
            Fingerprint(toolchain, project),
            found_at,
        )
        for goal, values, proof, toolchain, project, found_at in rows
    ]


def _core(database: Database, goal: str) -> str:
    row = database.execute("SELECT core FROM goals WHERE key = ?", (goal,)).fetchone()
    return str(row[0]) if row else goal


def _remember_script(database: Database, proof: ProofRecord) -> None:
    _count_script(database, proof.goal, proof.script, True, proof.verified_at, proof.seconds)


def _count_script(
    database: Database, goal: str, script: str, accepted: bool, at: float, seconds: float
) -> None:
    database.execute(
        "INSERT INTO tactic_cache VALUES (?, ?, 1, ?, ?, ?) ON CONFLICT (goal, script) DO UPDATE "
        "SET uses = uses + 1, successes = successes + excluded.successes, "
        "seconds = seconds + excluded.seconds, last_used = excluded.last_used",
        (goal, script, int(accepted), seconds, at),
    )


def _remember_template(database: Database, proof: ProofRecord) -> None:
    made = template(proof.script, proof.hypotheses, proof.premises)
    database.execute(
        "INSERT INTO tactic_templates VALUES (?, ?, ?, 1, 1, ?, ?) ON CONFLICT (template) DO UPDATE"
        " SET uses = uses + 1, seconds = seconds + excluded.seconds, goals = goals + NOT EXISTS "
        "(SELECT 1 FROM tactic_cache WHERE goal = ? AND script = ? AND uses > 1), "
        "last_used = excluded.last_used",
        (
            made.text,
            len(made.hypotheses),
            len(made.premises),
            proof.seconds,
            proof.verified_at,
            proof.goal,
            proof.script,
        ),
    )


def _remember_premise(database: Database, goal: str, premise: str) -> None:
    database.execute(
        "INSERT INTO premise_cache VALUES (?, ?, 1.0, 1) ON CONFLICT (goal, premise) DO UPDATE "
        "SET hits = hits + 1, score = max(score, excluded.score)",
        (goal, premise),
    )


def _row(proof: ProofRecord, core: str) -> tuple[Any, ...]:
    return (
        proof.goal,
        proof.script,
        proof.strategy,
        proof.fingerprint.toolchain,
        proof.fingerprint.project,
        json.dumps(proof.hypotheses, ensure_ascii=False),
        proof.helper,
        proof.length,
        proof.seconds,
        json.dumps(proof.axioms, ensure_ascii=False),
        json.dumps(proof.premises, ensure_ascii=False),
        proof.verified_at,
        proof.origin,
        core,
    )


def _record(row: Sequence[Any]) -> ProofRecord:
    goal, script, strategy, toolchain, project, hypotheses, helper, length, seconds = row[:9]
    axioms, premises, verified_at, origin = row[9:]
    return ProofRecord(
        goal,
        script,
        strategy,
        Fingerprint(toolchain, project),
        tuple(json.loads(hypotheses)),
        helper,
        length,
        seconds,
        tuple(json.loads(axioms)),
        tuple(json.loads(premises)),
        verified_at,
        origin,
    )
