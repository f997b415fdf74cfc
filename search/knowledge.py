"""What the engine remembers: between its own values and the rows of the ledger.

Everything is written through the ledger's thread and is durable when the call returns. What follows
from a memory is decided by whoever asked for it; nothing that is remembered counts as proved.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from lean.renaming import rename
from search.arms import Arm
from search.events import Attempt, GoalHandle, GoalVerdict
from search.incidents import Incident
from search.ledger import Ledger
from search.ledger_thread import LedgerThread
from search.records import (
    AttemptRecord,
    Fingerprint,
    GoalRecord,
    GoalStatus,
    ProofRecord,
    RefutationRecord,
)
from search.scheduler import Tried
from search.similar import SolvedGoals
from search.strategies.recall import Recall
from search.ticket_store import Similar, TicketStore
from search.tickets import LIVE, Ticket

REMEMBERED = 6
"""Known scripts for a goal that are looked at again."""
RECALLED = 8
"""Scripts of similar goals that are tried."""
RECALL_SHARE = 0.15
"""The share of a goal's seconds that those may take."""
ENDED_BY_ITSELF = float("inf")

Learn = Callable[[str, Sequence[str], Mapping[str, float], str], None]
"""Hears of a proof: the goal's display, its names in canonical order, its vector, the script."""


def learn_nothing(
    display: str, hypotheses: Sequence[str], vector: Mapping[str, float], script: str
) -> None:
    """For runs that keep no memory."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger has on a goal.

    `scripts` were accepted for this goal and are written with its own names; `spent_light` and
    `spent_heavy` are the seconds of attempts that need not be repeated (`tried`); `arms` try what
    worked on similar goals.
    """

    scripts: tuple[tuple[str, ProofRecord], ...] = ()
    refutations: tuple[RefutationRecord, ...] = ()
    tried: Tried = field(default_factory=dict)
    spent_light: float = 0.0
    spent_heavy: float = 0.0
    arms: tuple[Arm, ...] = ()


@dataclass(frozen=True, slots=True)
class GoalHistory:
    """What there is to tell of a goal: its row (None: it has none yet), every attempt, the oldest
    first, and the proofs that are known, written with its own names, the best first.
    """

    record: GoalRecord | None
    attempts: tuple[AttemptRecord, ...] = ()
    proofs: tuple[tuple[str, ProofRecord], ...] = ()


class Knowledge:
    """The ledger as one engine run sees it. `heavy`: the names of heavy strategies."""

    def __init__(
        self,
        ledger: LedgerThread,
        run: str,
        solved: SolvedGoals,
        heavy: Iterable[str],
        learn: Learn = learn_nothing,
    ) -> None:
        self._ledger = ledger
        self._run = run
        self._solved = solved
        self._heavy = frozenset(heavy)
        self._learn = learn
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @property
    def run(self) -> str:
        """The engine run's name in the ledger."""
        return self._run

    def turn(self, goal: str) -> asyncio.Lock:
        """For the goal with this key: who holds it is searching that."""
        return self._turns.setdefault(goal, asyncio.Lock())

    async def see(self, goals: Sequence[GoalHandle]) -> list[GoalRecord]:
        """Note that these are the goals of their texts now; what the ledger has on each."""
        seen_at = time.time()
        records = [_goal_record(goal) for goal in goals]

        def write(ledger: Ledger) -> list[GoalRecord]:
            with ledger.transaction():
                for file in {record.file for record in records}:
                    ledger.forget_places(file, {r.key for r in records if r.file == file})
                return ledger.see(records, seen_at)

        return await self._ledger.do(write)

    async def known(self, goal: GoalHandle, fingerprint: Fingerprint) -> Known:
        """Everything that helps with a goal."""
        key = goal.key

        def read(
            ledger: Ledger,
        ) -> tuple[list[ProofRecord], list[RefutationRecord], list[AttemptRecord]]:
            proofs = ledger.proofs(key.key, key.core, fingerprint)
            refutations = ledger.refutations(key.key, fingerprint)
            if not (proofs or refutations):
                ledger.miss()
            return proofs, refutations, ledger.attempts(key.key)

        proofs, refutations, attempts = await self._ledger.do(read)
        scripts = [(renamed(record, goal), record) for record in proofs]
        failed = failures(attempts, fingerprint)
        spent = {
            heavy: sum(a.seconds for a in failed if (a.strategy in self._heavy) == heavy)
            for heavy in (False, True)
        }
        return Known(
            scripts=tuple(scripts[:REMEMBERED]),
            refutations=tuple(refutations),
            tried=tried(failed),
            spent_light=spent[False],
            spent_heavy=spent[True],
            arms=self._recalled(goal),
        )

    async def answers(self, goal: GoalHandle, fingerprint: Fingerprint) -> int:
        """How many proofs and refutations might serve a goal."""
        key = goal.key

        def count(ledger: Ledger) -> int:
            proofs = ledger.proofs(key.key, key.core, fingerprint)
            return len(proofs) + len(ledger.refutations(key.key, fingerprint))

        return await self._ledger.do(count)

    async def history(self, goal: GoalHandle, fingerprint: Fingerprint) -> GoalHistory:
        """All there is to tell of a goal."""
        key = goal.key

        def read(ledger: Ledger) -> GoalHistory:
            proofs = ledger.proofs(key.key, key.core, fingerprint)
            return GoalHistory(
                ledger.goal(key.key),
                tuple(ledger.attempts(key.key)),
                tuple((renamed(record, goal), record) for record in proofs),
            )

        return await self._ledger.do(read)

    async def record(self, goal: GoalHandle, attempt: Attempt, fingerprint: Fingerprint) -> None:
        """Write an attempt down."""
        record = AttemptRecord(
            goal=goal.key.key,
            strategy=attempt.strategy,
            outcome=attempt.outcome,
            fingerprint=fingerprint,
            parameters=attempt.parameters,
            script=attempt.script,
            reason=attempt.reason,
            seconds=attempt.seconds,
            verify_seconds=attempt.verify_seconds,
            heartbeats=attempt.heartbeats,
            scripts_tried=attempt.scripts_tried,
            budget_seconds=attempt.budget_seconds,
            budget_heartbeats=attempt.budget_heartbeats,
            remaining=attempt.remaining,
            premises=attempt.premises,
            started_at=attempt.started_at,
            run=self._run,
        )
        heavy = attempt.strategy in self._heavy
        await self._ledger.do(lambda ledger: ledger.record_attempt(record, heavy=heavy))

    async def settle(
        self, goal: GoalHandle, verdict: GoalVerdict, attempt: Attempt, fingerprint: Fingerprint
    ) -> None:
        """Remember a proof or a refutation that Lean has just accepted."""
        now = time.time()
        if verdict.counterexample is not None:
            refutation = RefutationRecord(
                goal.key.key,
                verdict.counterexample.values,
                verdict.counterexample.proof,
                fingerprint,
                now,
            )
            await self._ledger.do(lambda ledger: ledger.record_refutation(refutation))
            return
        proof = ProofRecord(
            goal=goal.key.key,
            script=verdict.script,
            strategy=verdict.strategy,
            fingerprint=fingerprint,
            hypotheses=goal.key.hypotheses,
            helper=verdict.helper,
            length=verdict.script.count("\n") + verdict.script.count(";") + 1,
            seconds=attempt.seconds,
            axioms=verdict.axioms,
            premises=attempt.premises,
            verified_at=now,
        )
        await self._ledger.do(lambda ledger: ledger.record_proof(proof, goal.key.core))
        self._solved.add(goal.key, goal.vector, verdict.script)
        self._learn(goal.text, goal.key.hypotheses, goal.vector, verdict.script)

    async def used(self, record: ProofRecord, accepted: bool, seconds: float) -> None:
        """A remembered proof was looked at again: does it still hold?"""
        await self._ledger.do(lambda ledger: ledger.use_proof(record, accepted, seconds))

    async def withdraw(self, record: ProofRecord | RefutationRecord, reason: str) -> None:
        """What is remembered does not hold where it was found: it is never offered again."""
        if isinstance(record, ProofRecord):
            goal, script = record.goal, record.script
            await self._ledger.do(lambda ledger: ledger.withdraw_proof(goal, script, reason))
        else:
            await self._ledger.do(lambda ledger: ledger.withdraw_refutation(record))

    async def set_status(self, goal: GoalHandle, status: GoalStatus) -> None:
        """Note what has become of a goal."""
        await self._ledger.do(lambda ledger: ledger.set_status(goal.key.key, status))

    async def note(self, incident: Incident) -> None:
        """Write an incident down."""
        record = incident.record(self._run)
        await self._ledger.do(lambda ledger: ledger.record_incident(record))

    # Tickets

    async def tickets(self, goal: str, file: str) -> list[Ticket]:
        """The tickets that the goal with this key waits for, or is served by, in this file."""
        return await self._ledger.do(lambda ledger: TicketStore(ledger).of_goal(goal, file))

    async def open_ticket(self, ticket: Ticket) -> Ticket:
        """Open a ticket, or find the one that asks for the same."""
        return await self._ledger.do(lambda ledger: TicketStore(ledger).open(ticket))

    async def similar_tickets(self, ticket: Ticket) -> list[Similar]:
        """Tickets for the same or a similar statement."""
        return await self._ledger.do(lambda ledger: TicketStore(ledger).similar(ticket))

    async def ticket(self, ticket: str) -> Ticket:
        """The ticket with this id, as it is now. Raises TicketError when there is none."""
        return await self._ledger.do(lambda ledger: TicketStore(ledger).show(ticket))

    async def claim_ticket(self, ticket: Ticket, claimant: str) -> Ticket:
        """Take a ticket. Raises TicketError when somebody else has it."""
        return await self._ledger.do(
            lambda ledger: TicketStore(ledger).claim(ticket.ticket_id, claimant)
        )

    async def release_ticket(self, ticket: Ticket, claimant: str) -> Ticket:
        """Give it back."""
        return await self._ledger.do(
            lambda ledger: TicketStore(ledger).release(ticket.ticket_id, claimant)
        )

    async def complete_ticket(self, ticket: Ticket, proof: str, claimant: str) -> Ticket:
        """Write down a proof that Lean has accepted."""
        return await self._ledger.do(
            lambda ledger: TicketStore(ledger).complete(ticket.ticket_id, proof, claimant)
        )

    async def look_at_tickets(self) -> tuple[list[Ticket], list[Ticket]]:
        """The live tickets, and those that have expired since the last look."""

        def look(ledger: Ledger) -> tuple[list[Ticket], list[Ticket]]:
            store = TicketStore(ledger)
            expired = store.expire()
            return store.all(LIVE), expired

        return await self._ledger.do(look)

    def _recalled(self, goal: GoalHandle) -> tuple[Arm, ...]:
        scripts = self._solved.scripts_for(goal.key, goal.vector, RECALLED)
        return (Arm(Recall(tuple(scripts)), RECALL_SHARE),) if scripts else ()


def _goal_record(goal: GoalHandle) -> GoalRecord:
    return GoalRecord(
        key=goal.key.key,
        core=goal.key.core,
        canonical=goal.key.canonical,
        display=goal.text,
        file=goal.path,
        declaration=goal.hole.declaration,
        line=goal.hole.line,
        column=goal.hole.column,
        hypotheses=goal.key.hypotheses,
        vector=goal.vector,
        difficulty=goal.difficulty,
    )


def renamed(record: ProofRecord, goal: GoalHandle) -> str:
    """The script with this goal's names for the hypotheses of the goal it was found for."""
    return rename(record.script, record.hypotheses, goal.key.hypotheses)


def failures(attempts: Iterable[AttemptRecord], fingerprint: Fingerprint) -> list[AttemptRecord]:
    """The attempts that need not be repeated under this very fingerprint.

    One that was cancelled or broke says nothing about the goal.
    """
    ended = ("failed", "timeout")
    return [a for a in attempts if a.fingerprint == fingerprint and a.outcome in ended]


def tried(failed: Iterable[AttemptRecord]) -> Tried:
    """The budgets that were not enough.

    A strategy that ended before its time was up would not do better with more of it.
    """
    budgets: defaultdict[tuple[str, str], set[tuple[float, int]]] = defaultdict(set)
    for attempt in failed:
        seconds = attempt.budget_seconds if attempt.outcome == "timeout" else ENDED_BY_ITSELF
        budgets[attempt.strategy, attempt.parameters].add((seconds, attempt.budget_heartbeats))
    return budgets
