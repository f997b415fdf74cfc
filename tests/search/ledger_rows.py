"""Rows for tests of the ledger: valid ones, of which a test names only what it is about."""

from dataclasses import replace
from typing import Any

from search.records import AttemptRecord, Fingerprint, GoalRecord, ProofRecord

HERE = Fingerprint("Lean 4.28.0", "project-1")
EDITED = Fingerprint("Lean 4.28.0", "project-2")
UPGRADED = Fingerprint("Lean 4.29.0", "project-1")


def goal(key: str = "key", **others: Any) -> GoalRecord:  # noqa: ANN401
    """A goal without unused hypotheses, in the file A.lean."""
    usual = GoalRecord(key, key, "canonical", "⊢ a = b", "A.lean", "t", 3, 5, vector={"size": 2.0})
    return replace(usual, **others)


def attempt(key: str = "key", **others: Any) -> AttemptRecord:  # noqa: ANN401
    """A failed attempt of `simplify` that was allowed 8 seconds."""
    usual = AttemptRecord(key, "simplify", "failed", HERE, seconds=0.5, budget_seconds=8.0)
    return replace(usual, **{"budget_heartbeats": 200_000, **others})


def proof(key: str = "key", script: str = "omega", **others: Any) -> ProofRecord:  # noqa: ANN401
    """A proof verified here."""
    usual = ProofRecord(key, script, "arithmetic", HERE, verified_at=1.0)
    return replace(usual, **others)
