"""A ledger as a few days of work would leave it, made without Lean."""

from pathlib import Path

from search.ledger import Ledger
from search.records import (
    AttemptOutcome,
    AttemptRecord,
    Fingerprint,
    GoalRecord,
    IncidentRecord,
    ProofRecord,
)

HERE = Fingerprint("toolchain", "project")
EASY, HARD = "a" * 32, "b" * 32


def goal(key: str, line: int, size: float) -> GoalRecord:
    return GoalRecord(
        key=key,
        core=key,
        canonical=f"canonical {key}",
        display=f"⊢ goal at {line}",
        file="Work.lean",
        declaration=f"lemma{line}",
        line=line,
        column=3,
        vector={"size": size, "recursive_definitions": size / 5, "head:Eq": 1.0},
    )


def attempt(key: str, strategy: str, outcome: AttemptOutcome, seconds: float) -> AttemptRecord:
    script = "omega" if outcome == "proved" else ""
    return AttemptRecord(
        key, strategy, outcome, HERE, script=script, seconds=seconds, started_at=1.7e9 + seconds
    )


def fill(path: Path, more_goals: int = 0) -> None:
    """An easy goal that was proved, a hard one that was not; `more_goals` of either kind."""
    ledger = Ledger.open(path)
    try:
        ledger.see([goal(EASY, 2, 3.0), goal(HARD, 7, 9.0)], 1.7e9)
        ledger.record_attempts(
            [
                attempt(EASY, "evaluate", "failed", 0.5),
                attempt(EASY, "arithmetic", "proved", 0.25),
                attempt(HARD, "evaluate", "failed", 1.5),
                attempt(HARD, "simplify", "timeout", 2.0),
            ]
        )
        ledger.record_proof(ProofRecord(EASY, "omega", "arithmetic", HERE, verified_at=1.7e9))
        ledger.record_incident(
            IncidentRecord(
                "session_died", "medium", "lean", "prove", "It ended.", happened_at=1.7e9
            )
        )
        for number in range(more_goals):
            for kind, size in (("e", 2.0 + number % 3), ("h", 8.0 + number % 3)):
                key = f"{kind}{number:031}"
                ledger.see([goal(key, 100 + number, size)], 1.7e9)
                outcome: AttemptOutcome = "proved" if kind == "e" else "failed"
                ledger.record_attempt(attempt(key, "simplify", outcome, 1.0))
    finally:
        ledger.close()
