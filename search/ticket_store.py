"""The tickets of a ledger: opening, claiming, completing, who waits for whom, and similar ones.

Every change is one transaction that reads what it decides on, so that of several processes one
wins. Nothing here asks Lean: a proof that comes in has been verified (`search.marketplace`).
"""

import re
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from search.errors import explained
from search.ledger import Ledger
from search.tickets import (
    LEASE_SECONDS,
    LIVE,
    Context,
    Ticket,
    TicketError,
    TicketStatus,
    ticket_day,
    ticket_id,
)

SERVES, NEEDS = "serves", "needs"
"""Edges: a goal (by key) waits for the ticket; the ticket waits for another one."""
CANDIDATES = 50
"""Tickets that the full-text search hands to the comparison of symbols."""
LEAST_OVERLAP = 0.3
"""Share of common symbols (Jaccard) from which two statements count as similar."""

_COLUMNS = tuple(field.name for field in fields(Ticket))
_UPSERT = (
    f"insert into tickets ({', '.join(_COLUMNS)}) values ({', '.join(f':{c}' for c in _COLUMNS)}) "
    f"on conflict (ticket_id) do update set {', '.join(f'{c} = excluded.{c}' for c in _COLUMNS)}"
)
_SYMBOL = re.compile(r"[^\W\d][\w.'!?]*|[^\w\s()\[\]{}⦃⦄:,.]+")

_LETTER = re.compile(r"[^\W\d_][\d'!?₀-₉]*")


@dataclass(frozen=True, slots=True)
class Similar:
    """A ticket like another: `overlap` is the share of common symbols, 1 for the same key."""

    ticket: Ticket
    same_key: bool
    overlap: float


class TicketStore:
    """The tickets of one ledger; used in the thread of its connection. `now` arguments are seconds
    since the epoch and usually left out. Raises LedgerError and, for what the rules forbid,
    TicketError.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def open(self, ticket: Ticket, now: float | None = None) -> Ticket:
        """Write down a new ticket under an id of today, with its parent goal waiting for it.

        A live one of the same parent and key is handed back instead: nothing is asked for twice.
        """
        at = time.time() if now is None else now
        with self._ledger.transaction():
            for known in self._select(
                "goal = ? and parent_goal = ?", ticket.goal, ticket.parent_goal
            ):
                if known.as_of(at).live and known.statement == ticket.statement:
                    return known.as_of(at)
            number = self._last_number(at) + 1
            opened = replace(ticket, ticket_id=ticket_id(at, number), created_at=at)
            self._write(opened)
            if opened.parent_goal:
                self._connect(opened.ticket_id, SERVES, opened.parent_goal, at)
        return opened

    def show(self, ticket: str, now: float | None = None) -> Ticket:
        """The ticket with this id, or the only one whose id ends so."""
        found = self._select("ticket_id = ?", ticket)
        if not found and ticket:
            found = self._select("ticket_id like '%' || ?", ticket)
        if not found:
            raise TicketError(f"There is no ticket {ticket}.", "List them: unsorry tickets list")
        if len(found) > 1:
            ids = ", ".join(entry.ticket_id for entry in found[:3])
            raise TicketError(f"{ticket} can mean several tickets: {ids}.", "Give the whole id.")
        return found[0].as_of(time.time() if now is None else now)

    def all(
        self,
        statuses: Sequence[TicketStatus] = (),
        parent_goal: str | None = None,
        now: float | None = None,
    ) -> list[Ticket]:
        """Tickets in these states (none given: all), of one parent if wanted; those with the
        highest priority first, then the oldest.
        """
        at = time.time() if now is None else now
        where: list[str] = ["1"]
        values: list[str] = []
        if parent_goal is not None:
            where.append("parent_goal = ?")
            values.append(parent_goal)
        if statuses:
            # What is written down as live may have run out by now; what has ended stays so.
            possible = [*dict.fromkeys((*statuses, *LIVE))]
            where.append(f"status in ({', '.join('?' * len(possible))})")
            values += possible
        found = [ticket.as_of(at) for ticket in self._select(" and ".join(where), *values)]
        return [ticket for ticket in found if not statuses or ticket.status in statuses]

    def of_goal(self, goal: str, file: str, now: float | None = None) -> list[Ticket]:
        """The tickets that the goal with this key has asked for in `file` and that are wanted or
        completed: those of its newest partial proof.
        """
        every = self.all((*LIVE, "completed"), goal, now)
        found = [ticket for ticket in every if ticket.context.file == file]
        newest = max(found, key=lambda ticket: (ticket.created_at, ticket.ticket_id), default=None)
        return [t for t in found if newest and t.parent_script == newest.parent_script]

    def claim(
        self,
        ticket: str,
        claimant: str,
        seconds: float = LEASE_SECONDS,
        now: float | None = None,
    ) -> Ticket:
        """Take an open ticket for so long; who holds it may renew. Of several one gets it."""
        at = time.time() if now is None else now
        with self._ledger.transaction():
            known = self.show(ticket, at)
            if known.status == "claimed":
                if known.claimant != claimant:
                    left = round(known.lease_until - at)
                    raise TicketError(
                        f"{known.ticket_id} is claimed by {known.claimant}, for {left} s more.",
                        "Take another one, or wait.",
                    )
                return self._write(replace(known, lease_until=at + seconds))
            return self._write(known.become("claimed", claimant=claimant, lease_until=at + seconds))

    def release(self, ticket: str, claimant: str, now: float | None = None) -> Ticket:
        """Give a claimed ticket back."""
        with self._ledger.transaction():
            known = self.show(ticket, now)
            if known.claimant != claimant:
                raise TicketError(f"{known.ticket_id} is not claimed by {claimant}.")
            return self._write(known.become("open", claimant="", lease_until=0.0))

    def complete(self, ticket: str, proof: str, claimant: str, now: float | None = None) -> Ticket:
        """Write down a proof that `search.marketplace.complete` has accepted.

        The first one stays: who is late gets the ticket as it was completed.
        """
        at = time.time() if now is None else now
        with self._ledger.transaction():
            known = self.show(ticket, at)
            if known.status == "completed":
                return known
            changes = {"claimant": claimant, "lease_until": 0.0, "completed_at": at}
            return self._write(known.become("completed", proof=proof, **changes))

    def withdraw(self, ticket: str, now: float | None = None) -> Ticket:
        """Nobody wants the lemma any more."""
        with self._ledger.transaction():
            known = self.show(ticket, now)
            return self._write(known.become("withdrawn", claimant="", lease_until=0.0))

    def expire(self, now: float | None = None) -> list[Ticket]:
        """Write down which claims and tickets have run out; returns the tickets that expired."""
        at = time.time() if now is None else now
        with self._ledger.transaction():
            live = self._select(f"status in ({', '.join('?' * len(LIVE))})", *LIVE)
            changed = [ticket.as_of(at) for ticket in live if ticket.as_of(at) != ticket]
            for ticket in changed:
                self._write(ticket)
        return [ticket for ticket in changed if ticket.status == "expired"]

    def serve(self, ticket: str, goal: str, now: float | None = None) -> None:
        """The goal with this key waits for `ticket`. Raises TicketError when that makes a circle:
        then nobody could ever begin.
        """
        with self._ledger.transaction():
            self._connect(ticket, SERVES, goal, time.time() if now is None else now)

    def need(self, ticket: str, other: str, now: float | None = None) -> None:
        """`ticket` waits for the ticket `other`. Raises TicketError when that makes a circle."""
        with self._ledger.transaction():
            self._connect(ticket, NEEDS, other, time.time() if now is None else now)

    def serving(self, goal: str) -> list[str]:
        """The ids of the tickets that the goal with this key waits for."""
        return self._column(
            "select ticket_id from ticket_dependencies where depends_on = ? and kind = ? "
            "order by ticket_id",
            goal,
            SERVES,
        )

    def goals_waiting(self, ticket: str) -> list[str]:
        """The keys of the goals that wait for a ticket."""
        return self._targets(ticket, SERVES)

    def needs(self, ticket: str) -> list[str]:
        """The ids of the tickets that a ticket waits for."""
        return self._targets(ticket, NEEDS)

    def similar(self, ticket: Ticket, limit: int = 5) -> list[Similar]:
        """Tickets that ask for the same (same key) or something like it, the most alike first.

        Completed ones come before others that are as alike. Full-text search finds candidates, the
        share of common symbols ranks them.
        """
        wanted = symbols(ticket.statement)
        known = {entry.ticket_id: entry for entry in self._select("goal = ?", ticket.goal)}
        known |= {entry.ticket_id: entry for entry in self._matching(wanted)}
        known.pop(ticket.ticket_id, None)
        found = []
        for entry in known.values():
            same = entry.goal == ticket.goal
            overlap = 1.0 if same else _overlap(wanted, symbols(entry.statement))
            if overlap >= LEAST_OVERLAP:
                found.append(Similar(entry, same, overlap))
        found.sort(key=lambda s: (-s.same_key, -s.overlap, s.ticket.status != "completed"))
        return found[:limit]

    def _matching(self, wanted: frozenset[str]) -> list[Ticket]:
        """What full-text search finds for the symbols' words."""
        words = sorted(symbol for symbol in wanted if symbol[0].isalpha())
        if not words:
            return []
        query = " OR ".join(f'statement : "{word}"' for word in words)
        ids = self._column(
            "select ticket_id from tickets where number in (select rowid from tickets_fts "
            "where tickets_fts match ? order by rank limit ?)",
            query,
            CANDIDATES,
        )
        return [self.show(ticket) for ticket in ids]

    def _select(self, where: str, *values: object) -> list[Ticket]:
        query = f"select * from tickets where {where} order by priority desc, created_at, ticket_id"
        with explained(self._ledger.path):
            return [_ticket(row) for row in self._ledger.database.query(query, list(values))]

    def _write(self, ticket: Ticket) -> Ticket:
        row = {**asdict(ticket), "context": ticket.context.to_json()}
        self._ledger.database.execute(_UPSERT, row)
        return ticket

    def _last_number(self, at: float) -> int:
        day = ticket_day(at)
        (last,) = self._ledger.database.execute(
            "select max(cast(substr(ticket_id, ?) as integer)) from tickets "
            "where ticket_id like ? || '%'",
            [len(day) + 1, day],
        ).fetchone()
        return int(last or 0)

    def _connect(self, ticket: str, kind: str, target: str, at: float) -> None:
        waiting, awaited = (target, ticket) if kind == SERVES else (ticket, target)
        if waiting == awaited or waiting in self._all_awaited(awaited, at):
            raise TicketError(
                f"{waiting} can't wait for {awaited}, which waits for it.", "State another lemma."
            )
        self._ledger.database.execute(
            "insert or ignore into ticket_dependencies (ticket_id, depends_on, kind) "
            "values (?, ?, ?)",
            [ticket, target, kind],
        )

    def _all_awaited(self, waiting: str, at: float) -> set[str]:
        """The tickets and goal keys that a ticket or goal waits for, itself among them, over any
        number of steps.
        """
        reached: set[str] = set()
        frontier = [waiting]
        while frontier:
            name = frontier.pop()
            tickets = self._select("ticket_id = ?", name)
            if name in reached or not all(ticket.as_of(at).live for ticket in tickets):
                # Nobody waits for what has ended.
                continue
            reached.add(name)
            # A ticket is served when its own goal is proved.
            frontier += [*(t.goal for t in tickets), *self.needs(name), *self.serving(name)]
        return reached

    def _targets(self, ticket: str, kind: str) -> list[str]:
        return self._column(
            "select depends_on from ticket_dependencies where ticket_id = ? and kind = ? "
            "order by depends_on",
            ticket,
            kind,
        )

    def _column(self, query: str, *values: object) -> list[str]:
        with explained(self._ledger.path):
            return [str(row[0]) for row in self._ledger.database.execute(query, list(values))]


def symbols(statement: str) -> frozenset[str]:
    """The names and operators of a statement that say what it is about: no name of its own, no
    names of one letter, which are nearly always variables.
    """
    _, _, rest = statement.strip().partition(" ")
    _, _, rest = rest.partition(" ")
    return frozenset(symbol for symbol in _SYMBOL.findall(rest) if not _LETTER.fullmatch(symbol))


def _overlap(left: frozenset[str], right: frozenset[str]) -> float:
    return len(left & right) / len(left | right) if left | right else 0.0


def _ticket(row: dict[str, Any]) -> Ticket:
    values = {name: row[name] for name in _COLUMNS}
    return Ticket(**{**values, "context": Context.from_json(row["context"])})
