"""A ticket: the request for a helper lemma, its states, and which may follow which.

Values and rules only. They are kept by `search.ticket_store`; what Lean has to say about a
statement or a proof is asked in `search.marketplace`.
"""

import json
import re
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

from lean.errors import LeanError

TicketStatus = Literal["open", "claimed", "completed", "expired", "withdrawn"]

LEGAL: dict[TicketStatus, frozenset[TicketStatus]] = {
    "open": frozenset({"claimed", "completed", "expired", "withdrawn"}),
    "claimed": frozenset({"open", "completed", "expired", "withdrawn"}),
    "completed": frozenset(),
    "expired": frozenset(),
    "withdrawn": frozenset(),
}
"""Which state may follow which. A verified proof is welcome whoever holds the claim."""
LIVE: tuple[TicketStatus, ...] = ("open", "claimed")
"""The states in which a proof is still wanted."""
LEASE_SECONDS = 900.0
"""How long a claim holds unless told otherwise."""
TICKET_SECONDS = 3600.0
"""How long a ticket that the engine opened is offered; its parent waits as long."""
PATH_PREFIX = "ticket:"
"""How the path of a ticket's virtual document begins; no file is called so."""

_STATEMENT = re.compile(r"\s*(?:theorem|lemma)\s+(?P<name>[^\s:({\[⦃]+?)(?=\.\{|[\s:({\[⦃])")


class TicketError(LeanError):
    """A ticket can't be found, opened, claimed or completed; says why and what to do."""


@dataclass(frozen=True, slots=True)
class Context:
    """Where a lemma is wanted: the environment is what `above` declares.

    `above` is the normalized text of `file` up to the command of the parent, `declaration`, which
    stands at `line`. The lemma is wanted for the goal number `position` (from 0) of the `parts`
    that the parent's partial proof left; applied to the terms `arguments` it proves that goal.
    """

    file: str = ""
    declaration: str = ""
    line: int = 0
    above: str = field(default="", repr=False)
    position: int = 0
    parts: int = 1
    arguments: str = ""

    @property
    def place(self) -> str:
        """`file:line (declaration)`, as far as known."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where} ({self.declaration})" if self.declaration else where

    def to_json(self) -> str:
        """JSON text for the ledger."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Context":
        """The other way; what is missing is empty."""
        said = json.loads(text or "{}")
        return cls(
            str(said.get("file", "")),
            str(said.get("declaration", "")),
            int(said.get("line", 0)),
            str(said.get("above", "")),
            int(said.get("position", 0)),
            int(said.get("parts", 1)),
            str(said.get("arguments", "")),
        )


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request for a lemma. Times are seconds since the epoch, 0 for never; an empty `ticket_id`:
    not opened yet.

    `goal` is the key of the stand-alone `statement`, which is `theorem NAME …` without a proof and
    elaborates in `context`; `name` is the NAME suggested, `display` the goal as Lean shows it.
    `constraints` tells people what a proof must respect beyond what Lean checks. Of two, the one
    with the higher `priority` comes first. `parent_goal` is the key of the goal that waits (empty:
    asked for by hand), `parent_script` the partial proof that left this statement. `proof` is a
    tactic block that Lean accepted, found by `claimant`.
    """

    goal: str
    statement: str
    name: str
    context: Context
    display: str = ""
    constraints: str = ""
    priority: float = 0.5
    requester: str = "engine"
    parent_goal: str = ""
    parent_script: str = ""
    created_at: float = 0.0
    expires_at: float = 0.0
    ticket_id: str = ""
    status: TicketStatus = "open"
    claimant: str = ""
    lease_until: float = 0.0
    proof: str = field(default="", repr=False)
    completed_at: float = 0.0

    @property
    def live(self) -> bool:
        """Is a proof still wanted?"""
        return self.status in LIVE

    @property
    def document(self) -> str:
        """The virtual document whose last hole is this ticket's goal."""
        return ticket_document(self.context.above, self.statement)

    @property
    def path(self) -> str:
        """The path of that document."""
        return PATH_PREFIX + self.ticket_id

    @property
    def lemma(self) -> str:
        """The statement with its proof, as it would be written into a file; LF line ends."""
        return proved_statement(self.statement, self.proof)

    def as_of(self, at: float) -> "Ticket":
        """The ticket as it stands at that time: its lease or its own time may have run out."""
        if self.live and 0 < self.expires_at <= at:
            return replace(self, status="expired", claimant="", lease_until=0.0)
        if self.status == "claimed" and self.lease_until <= at:
            return replace(self, status="open", claimant="", lease_until=0.0)
        return self

    def become(self, status: TicketStatus, **changes: object) -> "Ticket":
        """The ticket in another state. Raises TicketError when that state may not follow."""
        if status not in LEGAL[self.status]:
            raise TicketError(
                f"{self.ticket_id} is {self.status}, so it can't become {status}.",
                "Look at it with: unsorry tickets show " + self.ticket_id,
            )
        return replace(self, status=status, **changes)  # type: ignore[arg-type]


def ticket_document(above: str, statement: str) -> str:
    """A text whose last command states `statement` with a `sorry`, in the environment that `above`
    declares.
    """
    return f"{_ended(above)}{statement.strip()} := by sorry\n"


def proved_statement(statement: str, proof: str) -> str:
    """`statement` with the tactic block `proof`, on lines of its own, indented by two."""
    lines = [f"  {line}" if line.strip() else "" for line in proof.strip("\n").split("\n")]
    return "\n".join([f"{statement.strip()} := by", *lines])


def statement_name(statement: str) -> str:
    """The name that `theorem NAME …` gives. Raises TicketError when it is no such thing."""
    found = _STATEMENT.match(statement)
    if found is None:
        raise TicketError(
            "The statement must begin with `theorem NAME`.",
            "For example: theorem helper (n : Nat) : n + 0 = n",
        )
    return found["name"]


def renamed_statement(statement: str, name: str) -> str:
    """The same statement under another name. Raises TicketError."""
    statement_name(statement)
    return _STATEMENT.sub(lambda _: f"theorem {name}", statement, count=1)


def ticket_day(at: float) -> str:
    """How ids of tickets opened at that time (UTC) begin: `lem-YYYY-MM-DD-`."""
    return datetime.fromtimestamp(at, UTC).strftime("lem-%Y-%m-%d-")


def ticket_id(at: float, number: int) -> str:
    """`lem-YYYY-MM-DD-NNNN`, the number from 1 on within its day (UTC)."""
    return f"{ticket_day(at)}{number:04d}"


def _ended(above: str) -> str:
    """`above` with its last line ended, so that a statement can follow."""
    return above if not above or above.endswith("\n") else above + "\n"
