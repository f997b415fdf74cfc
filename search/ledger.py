"""What the search remembers, on disk: the one door to the ledger's database.

One connection, used by one thread of one process; an event loop uses `search.ledger_thread`. Every
method that writes is one durable transaction: when it returns, the rows survive a kill and a power
cut; when it raises, nothing was written. All methods raise LedgerError (`search.errors`). Nothing
here decides what to try, and nothing read from here is a proof until Lean has verified it again.
"""

import os
import time
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database

from search import (
    ledger_attempts,
    ledger_file,
    ledger_goals,
    ledger_incidents,
    ledger_proofs,
    ledger_runs,
    ledger_stats,
)
from search.errors import LedgerDamaged, explained
from search.ledger_stats import CachedScript, HistoryRow, SolvedScript, Stats, TemplateRow
from search.records import (
    AttemptRecord,
    Fingerprint,
    GoalRecord,
    GoalStatus,
    IncidentRecord,
    ProofRecord,
    RefutationRecord,
    RunRecord,
)

TIMEOUT = 10.0
"""Seconds to wait for a lock of another process before LedgerBusy."""


class Ledger:
    """Goals, attempts, proofs, caches, incidents. `notice`: what the user has to be told about its
    opening, or empty. `database` is for who keeps further tables in it, within `transaction`.
    """

    def __init__(self, database: Database, path: Path, notice: str = "") -> None:
        self.database = database
        self.path = path
        self.notice = notice
        self.run = ""

    @classmethod
    def open(cls, path: Path, timeout: float = TIMEOUT) -> "Ledger":
        """The ledger at `path`, made or migrated where needed.

        A damaged or newer one is set aside under a dated name; `notice` says so. Raises
        StorageFull, LedgerBusy (after `timeout` seconds), LedgerUnwritable.
        """
        database, notice = ledger_file.open_file(path, timeout)
        return cls(database, path, notice)

    @classmethod
    def in_memory(cls) -> "Ledger":
        """A ledger that forgets everything when it is closed."""
        return cls(ledger_file.open_memory(), Path(":memory:"))

    def close(self) -> None:
        """Close it; everything is on the disk already."""
        self.database.conn.close()

    @contextmanager
    def transaction(self) -> Iterator[Database]:
        """All or nothing, under the write lock from its start; inside another, part of that."""
        with self._explained(), ledger_file.transaction(self.database):
            yield self.database

    # Goals

    def see(self, goals: Sequence[GoalRecord], seen_at: float) -> list[GoalRecord]:
        """Write goals as seen at `seen_at`; in order, their rows with the status and costs kept."""
        with self.transaction() as database:
            return ledger_goals.see(database, goals, seen_at)

    def goal(self, key_or_prefix: str) -> GoalRecord | None:
        """The goal with that key, or the only one whose key begins so."""
        with self._explained():
            return ledger_goals.find(self.database, key_or_prefix)

    def goals(
        self,
        status: GoalStatus | None = None,
        file: str | None = None,
        limit: int | None = None,
    ) -> list[GoalRecord]:
        """Goals with that status that stand in that file (None: any), those seen last first."""
        with self._explained():
            return ledger_goals.select(self.database, status, file, limit)

    def places(self, key: str) -> list[tuple[str, str, int, int]]:
        """File, declaration, line and column of each place where the goal stands."""
        with self._explained():
            return ledger_goals.places(self.database, key)

    def forget_places(self, file: str, keep: Collection[str]) -> None:
        """Only the goals with the keys in `keep` still stand in that file."""
        with self.transaction() as database:
            ledger_goals.forget_places(database, file, keep)

    def set_status(self, key: str, status: GoalStatus) -> None:
        """What has become of a goal; proofs and refutations set it themselves."""
        with self.transaction() as database:
            ledger_goals.set_status(database, key, status)

    # Attempts

    def record_attempt(self, attempt: AttemptRecord, *, heavy: bool = False) -> int:
        """Write a finished attempt, what it cost its goal, and the statistics; its id."""
        with self.transaction() as database:
            return ledger_attempts.record(database, [attempt], heavy)

    def record_attempts(self, attempts: Sequence[AttemptRecord], *, heavy: bool = False) -> None:
        """Write many at once, in one transaction."""
        if attempts:
            with self.transaction() as database:
                ledger_attempts.record(database, attempts, heavy)

    def attempts(self, goal: str) -> list[AttemptRecord]:
        """Every attempt on a goal, the oldest first."""
        with self._explained():
            return ledger_attempts.select(self.database, goal)

    # Proofs and refutations

    def record_proof(self, proof: ProofRecord, core: str | None = None) -> None:
        """Write a verified proof; its goal is proved, and scripts, templates and premises learn.

        `core`: its goal's core key, when the goal itself is not in the ledger.
        """
        with self.transaction() as database:
            ledger_proofs.record(database, proof, core)

    def proofs(self, key: str, core: str, fingerprint: Fingerprint) -> list[ProofRecord]:
        """Candidates for a goal: its own proofs, then those of goals with its core; best first.

        Only those of the same toolchain, from whatever project: each must be verified again.
        """
        with self._explained():
            return ledger_proofs.select(self.database, key, core, fingerprint)

    def use_proof(self, proof: ProofRecord, accepted: bool, seconds: float) -> None:
        """A stored proof was verified again, in `seconds`; accepted, its goal is proved."""
        with self.transaction() as database:
            ledger_proofs.use(database, proof, accepted, time.time(), seconds)
            ledger_incidents.count_lookup(database, self.run, "hits" if accepted else "rejected")

    def miss(self) -> None:
        """A goal was looked up, and no proof of it was known."""
        with self.transaction() as database:
            ledger_incidents.count_lookup(database, self.run, "misses")

    def withdraw_proof(self, goal: str, script: str, reason: str) -> None:
        """A proof does not stand: never served again, unless it is recorded anew."""
        with self.transaction() as database:
            ledger_proofs.withdraw(database, goal, script, reason)

    def add_imported(self, proofs: Iterable[tuple[ProofRecord, str]]) -> int:
        """Write proofs from elsewhere with their core keys, all or none; how many were new."""
        with self.transaction() as database:
            return ledger_proofs.add_imported(database, proofs)

    def every_proof(self) -> list[tuple[ProofRecord, str]]:
        """All proofs that stand, with their core keys."""
        with self._explained():
            return ledger_proofs.every(self.database)

    def record_refutation(self, refutation: RefutationRecord) -> None:
        """Write a checked counterexample; its goal is refuted."""
        with self.transaction() as database:
            ledger_proofs.record_refutation(database, refutation)

    def refutations(self, key: str, fingerprint: Fingerprint) -> list[RefutationRecord]:
        """Candidates for a goal: its counterexamples of the same toolchain, best first."""
        with self._explained():
            return ledger_proofs.refutations(self.database, key, fingerprint)

    def withdraw_refutation(self, refutation: RefutationRecord) -> None:
        """A counterexample did not pass again: it is forgotten."""
        with self.transaction() as database:
            ledger_proofs.withdraw_refutation(database, refutation)

    # Runs, incidents, figures

    def begin_run(self, command: str) -> str:
        """A new run's name; what the cache serves is counted on it until `end_run`."""
        run = uuid.uuid4().hex[:12]
        with self.transaction() as database:
            ledger_incidents.begin_run(database, run, command, os.getpid(), time.time())
        self.run = run
        return run

    def end_run(self) -> None:
        """The run ended in order; one without an end was killed."""
        with self.transaction() as database:
            ledger_incidents.end_run(database, self.run, time.time())
        self.run = ""

    def find_run(self, run: str = "") -> RunRecord | None:
        """The run with that id; the last one when it is empty."""
        with self._explained():
            return ledger_runs.find(self.database, run)

    def attempts_of_run(self, run: str) -> list[AttemptRecord]:
        """Every attempt of a run, in the order in which they were written down."""
        with self._explained():
            return ledger_attempts.select_of_run(self.database, run)

    def incidents_of_run(self, run: str) -> list[IncidentRecord]:
        """Every incident of a run, the oldest first."""
        with self._explained():
            return ledger_incidents.select_of_run(self.database, run)

    def record_incident(self, incident: IncidentRecord) -> None:
        """Write an incident."""
        with self.transaction() as database:
            ledger_incidents.record(database, incident)

    def incidents(self, since: float = 0.0, limit: int = 1000) -> list[IncidentRecord]:
        """Incidents from `since` on, the newest first."""
        with self._explained():
            return ledger_incidents.select(self.database, since, limit)

    def stats(self, run: str | None = None) -> Stats:
        """The whole ledger in figures; the cache's only of `run` when it is given."""
        with self._explained():
            return ledger_stats.stats(self.database, run)

    def history(self, limit: int = 5000) -> list[HistoryRow]:
        """The last attempts, for policies to learn from; the newest last."""
        with self._explained():
            return ledger_stats.history(self.database, limit)

    def solved_scripts(self, limit: int = 5000) -> list[SolvedScript]:
        """Scripts that proved known goals, those verified last first."""
        with self._explained():
            return ledger_stats.solved_scripts(self.database, limit)

    def templates(self, limit: int = 100) -> list[TemplateRow]:
        """Templates of scripts that proved something, the most useful first."""
        with self._explained():
            return ledger_stats.templates(self.database, limit)

    def scripts(self, goal: str) -> list[CachedScript]:
        """How scripts have served a goal, the most reliable first."""
        with self._explained():
            return ledger_stats.scripts(self.database, goal)

    def premises(self, goal: str) -> list[tuple[str, float, int]]:
        """The premises of a goal's proofs with score and hits, the best first."""
        with self._explained():
            return ledger_stats.premises(self.database, goal)

    def premise_hits(self) -> list[tuple[str, int]]:
        """Every premise of proofs that are known, with how often it was used."""
        with self._explained():
            return ledger_stats.premise_hits(self.database)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            with explained(self.path):
                yield
        except LedgerDamaged:
            ledger_file.mark_damaged(self.path)
            raise
