"""One run as the ledger has it: its journal, its figures, and the proofs that it found or served.

Only what was written down; whether a proof holds is asked in `search.audit.proofs`.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from search.audit.errors import AuditError
from search.ledger import Ledger
from search.records import AttemptRecord, GoalRecord, IncidentRecord, ProofRecord, RunRecord

DIGITS = 6
"""Of seconds: microseconds."""


@dataclass(frozen=True, slots=True)
class FoundProof:
    """A proof of a run, its goal, and whether the run found it or the cache served it."""

    goal: GoalRecord
    proof: ProofRecord
    cached: bool
    files: tuple[str, ...]
    """Where the goal stands, the place seen last first."""


@dataclass(frozen=True, slots=True)
class Run:
    """Everything of one run."""

    record: RunRecord
    attempts: tuple[AttemptRecord, ...]
    incidents: tuple[IncidentRecord, ...]
    proofs: tuple[FoundProof, ...]

    @classmethod
    def read(cls, ledger: Ledger, run: str = "") -> "Run":
        """The run with that id, or the last one. Raises AuditError, LedgerError."""
        record = ledger.find_run(run)
        if record is None:
            if run:
                raise AuditError(f"The ledger knows no run {run}.", "--last takes the last one.")
            raise AuditError("The ledger knows no run yet.", "Run `unsorry prove` or `unsorry bg`.")
        attempts = tuple(ledger.attempts_of_run(record.run))
        return cls(
            record,
            attempts,
            tuple(ledger.incidents_of_run(record.run)),
            tuple(_proofs(ledger, record, attempts)),
        )

    def journal(self) -> list[dict[str, Any]]:
        """Every event, in order: `at` is in seconds since the epoch, `number` counts from 1."""
        run = self.record
        events: list[dict[str, Any]] = [
            {"at": run.started_at, "event": "run_started", "command": run.command}
        ]
        last = run.started_at
        timed: list[tuple[float, dict[str, Any]]] = []
        for attempt in self.attempts:
            # The ledger's order is that of writing; two clocks may disagree by a little.
            last = max(last, attempt.started_at + attempt.seconds + attempt.verify_seconds)
            timed.append((last, {"event": "attempt", **_plain(attempt)}))
        for incident in self.incidents:
            timed.append((incident.happened_at, {"event": "incident", **_plain(incident)}))
        for found in self.proofs:
            if found.cached:
                served = {"goal": found.goal.key, "script": found.proof.script}
                timed.append((found.proof.verified_at, {"event": "proof_served", **served}))
        timed.sort(key=lambda entry: entry[0])
        events += [{"at": at, **event} for at, event in timed]
        if run.ended_at is not None:
            events.append({"at": run.ended_at, "event": "run_ended", **_lookups(run)})
        return [{"number": number, **event} for number, event in enumerate(events, 1)]

    def metrics(self) -> dict[str, Any]:
        """The run in figures; seconds."""
        strategies: defaultdict[str, dict[str, float]] = defaultdict(
            lambda: {"attempts": 0, "proved": 0, "refuted": 0, "seconds": 0.0, "heartbeats": 0}
        )
        for attempt in self.attempts:
            row = strategies[attempt.strategy]
            row["attempts"] += 1
            if attempt.outcome in ("proved", "refuted"):
                row[attempt.outcome] += 1
            row["seconds"] = round(row["seconds"] + attempt.seconds, DIGITS)
            row["heartbeats"] += attempt.heartbeats
        run = self.record
        wall = None if run.ended_at is None else round(run.ended_at - run.started_at, DIGITS)
        return {
            "wall_seconds": wall,
            "attempts": len(self.attempts),
            "goals_tried": len({attempt.goal for attempt in self.attempts}),
            "proofs": len(self.proofs),
            "seconds": round(sum(attempt.seconds for attempt in self.attempts), DIGITS),
            "verify_seconds": round(sum(a.verify_seconds for a in self.attempts), DIGITS),
            "incidents": len(self.incidents),
            "cache": _lookups(run),
            "strategies": dict(sorted(strategies.items())),
        }


def _proofs(ledger: Ledger, run: RunRecord, attempts: Sequence[AttemptRecord]) -> list[FoundProof]:
    """Those that the run's attempts found, and those that were served while it lasted."""
    tried = {(attempt.goal, attempt.script) for attempt in attempts if attempt.outcome == "proved"}
    found = []
    for proof, _ in ledger.every_proof():
        ended = run.ended_at if run.ended_at is not None else float("inf")
        own = (proof.goal, proof.script) in tried
        goal = ledger.goal(proof.goal)
        if goal is None or not (own or run.started_at <= proof.verified_at <= ended):
            continue
        files = (goal.file, *(place[0] for place in ledger.places(goal.key)))
        found.append(FoundProof(goal, proof, not own, tuple(dict.fromkeys(files))))
    return found


def _lookups(run: RunRecord) -> dict[str, int]:
    return {"hits": run.hits, "rejected": run.rejected, "misses": run.misses}


def _plain(record: AttemptRecord | IncidentRecord) -> dict[str, Any]:
    return {name: value for name, value in asdict(record).items() if name != "run"}
