"""What Lean has to say in the marketplace: which helper lemmas a goal may ask for, what completes a
ticket, and whether a proof that is already there serves.

All on sessions of the caller. Tickets are kept by `search.ticket_store`; how a goal is proved with
its lemmas is `search.helper_proof`.
"""

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lean.document import Document, elaborate
from lean.errors import RequestRefused
from lean.goal_key import GoalKey
from lean.hole import Hole
from lean.lemma import lemma_statement
from lean.session import Limits, Session
from lean.verify import Policy, Verdict, verify
from search.generalisation import generalised
from search.partial_proof import PartialProof
from search.statements import checked, context_of, fresh_name, stated, stated_hole
from search.ticket_store import Similar
from search.tickets import (
    TICKET_SECONDS,
    Context,
    Ticket,
    TicketError,
    renamed_statement,
    statement_name,
)

MOST_GENERAL = 6
"""More general forms of one remaining goal that are looked at."""


@dataclass(frozen=True, slots=True)
class Requests:
    """The tickets to be opened for a goal; when there are none, `reason` says why.

    `false_subgoal`: the partial proof leads to something that Lean has refuted.
    """

    tickets: tuple[Ticket, ...] = ()
    reason: str = ""
    false_subgoal: str = ""


async def requests_for(
    session: Session,
    document: Document,
    hole: Hole,
    partial: PartialProof,
    parent: GoalKey,
    *,
    priority: float = 0.5,
    requester: str = "engine",
    seconds: float = TICKET_SECONDS,
    policy: Policy | None = None,
) -> Requests:
    """A ticket for each goal that `partial` leaves at `hole`, or none at all: only all of them
    together prove the parent.

    `document`, `hole` and the state of `partial` live on `session`. Each statement elaborates above
    the parent's declaration, and small values do not refute it. `seconds`: for how long they are
    offered. Raises SessionDied, ProtocolError.
    """
    template = Ticket(
        "",
        "",
        "",
        context_of(document, hole),
        priority=priority,
        requester=requester,
        parent_goal=parent.key,
        expires_at=time.time() + seconds,
    )
    request = _Request(session, document, hole, partial, parent, template, policy)
    found: dict[str, Ticket] = {}
    endings: list[str] = []
    try:
        for position in range(len(partial.remaining)):
            ticket, ending = await request.best(position, list(found.values()))
            found.setdefault(ticket.goal, ticket)
            endings.append(ending)
    except _NoRequest as refused:
        return refused.requests
    except RequestRefused as refusal:
        return Requests(reason=f"Lean can't state a remaining goal: {refusal.message}")
    script = partial.fill(endings)
    return Requests(tuple(replace(ticket, parent_script=script) for ticket in found.values()))


class _NoRequest(Exception):
    """The partial proof is no good, so nothing is asked for."""

    def __init__(self, reason: str, false_subgoal: str = "") -> None:
        super().__init__(reason)
        self.requests = Requests(reason=reason, false_subgoal=false_subgoal)


@dataclass(frozen=True, slots=True)
class _Request:
    """Making the tickets for one partial proof."""

    session: Session
    document: Document
    hole: Hole
    partial: PartialProof
    parent: GoalKey
    template: Ticket
    policy: Policy | None

    async def best(self, position: int, others: Sequence[Ticket]) -> tuple[Ticket, str]:
        """The ticket for one remaining goal, and what stands at its place in the parent's script:
        what makes it more general, if there is such a thing, and the place.
        """
        place = f"⟪{position + 1}⟫"
        plain = await self.stated(self.partial.proof, position, position, others)
        if plain is None:
            raise _NoRequest(f"remaining goal {position + 1} can't stand alone")
        if plain[1]:
            reason = f"remaining goal {position + 1} is false: {plain[1]}"
            raise _NoRequest(reason, plain[0].statement)
        count = len(self.partial.remaining)
        looked_at = 0
        name = self.hole.declaration
        forms = generalised(self.session, self.partial.proof, position, count, name)
        async with contextlib.aclosing(forms):
            async for script, proof in forms:
                general = await self.stated(proof, 0, position, others)
                if general and not general[1] and self.is_new(general[0], plain[0]):
                    return general[0], f"{script}\n{place}"
                looked_at += 1
                if looked_at == MOST_GENERAL:
                    break
        if not self.is_new(plain[0]):
            raise _NoRequest("the partial proof leaves the goal itself")
        return plain[0], place

    def is_new(self, ticket: Ticket, other: Ticket | None = None) -> bool:
        """Does it ask for something other than the parent and another ticket do?"""
        known = {self.parent.key, self.parent.core, *([other.goal] if other else [])}
        return ticket.goal not in known

    async def stated(
        self, proof: int, index: int, position: int, others: Sequence[Ticket]
    ) -> tuple[Ticket, str] | None:
        """The ticket for a goal of `proof` as Lean states it, and values at which it is false; None
        when it can't stand alone.
        """
        before = self.document.commands[self.hole.command].before
        name = fresh_name(self.document, self.hole, [ticket.name for ticket in others])
        lemma = await lemma_statement(self.session, before, proof, index, name)
        if lemma is None:
            return None
        context = replace(
            self.template.context,
            position=position,
            parts=len(self.partial.remaining),
            arguments=lemma.application.removeprefix(name).strip(),
        )
        ticket = replace(self.template, statement=lemma.statement, name=name, context=context)
        try:
            return await checked(self.session, self.document, self.hole, ticket, self.policy)
        except TicketError:
            return None


async def ticket_by_hand(
    session: Session,
    document: Document,
    statement: str,
    *,
    place: Hole | None = None,
    requester: str,
    priority: float = 0.5,
    seconds: float = 0.0,
) -> Ticket:
    """A ticket for `statement` above the declaration of `place`, or at the end of `document`.

    `seconds`: for how long it is offered (0: for ever). Raises TicketError when the statement does
    not elaborate there or is false.
    """
    name = statement_name(statement)
    if place is None:
        context = Context(document.path, "", 0, document.source.normalized)
    else:
        context = context_of(document, place)
    until = time.time() + seconds if seconds else 0.0
    ticket = Ticket(
        "",
        statement.strip(),
        name,
        context,
        priority=priority,
        requester=requester,
        expires_at=until,
    )
    found, false = await checked(session, document, place, ticket, None)
    if false:
        raise TicketError(f"The statement is false: {false}.", "Nothing can prove it.")
    return found


async def statement_at(session: Session, document: Document, hole: Hole) -> str:
    """The goal of `hole` as a lemma that can stand above its declaration. Raises TicketError."""
    name = fresh_name(document, hole)
    before = document.commands[hole.command].before
    lemma = None
    if len(hole.proofs) == 1 and hole.mode != "data":
        lemma = await lemma_statement(session, before, hole.proofs[0], 0, name)
    if lemma is None:
        raise TicketError(
            f"The goal at line {hole.line} can't stand alone as a lemma.", "State it by hand."
        )
    return lemma.statement


async def complete(
    session: Session, ticket: Ticket, proof: str, policy: Policy | None = None
) -> Verdict:
    """Does `proof` complete `ticket`: does Lean accept it for the statement in its environment?

    Nothing is written down: that is `TicketStore.complete`. Raises TicketError when the statement
    does not elaborate any more, SessionDied, ProtocolError.
    """
    document = await elaborate(session, ticket.document, path=ticket.path)
    try:
        return await verify(session, document, stated_hole(document, ticket), proof, policy)
    finally:
        _drop(session, document)


async def reused(
    session: Session,
    document: Document,
    hole: Hole,
    ticket: Ticket,
    candidates: Sequence[Similar],
    policy: Policy | None = None,
) -> str:
    """A proof of `ticket`, asked for at `hole`, from completed ones like it; empty if none serves.

    The proof of the same statement is tried as it is; a similar lemma is stated and proved again
    inside the proof and applied.
    """
    scripts = []
    for candidate in candidates:
        if candidate.ticket.status == "completed":
            scripts += [candidate.ticket.proof] if candidate.same_key else []
            scripts += list(_with_lemma(candidate.ticket))
    if not scripts:
        return ""
    async with stated(session, document, hole, ticket) as (whole, there):
        limits = Limits(seconds=2.0)
        found = session.check(there.proofs, scripts, limits)
        proving = [scripts[outcome.index] async for outcome in found if outcome.result == "proved"]
        for script in proving:
            if (await verify(session, whole, there, script, policy)).accepted:
                return script
    return ""


def _with_lemma(ticket: Ticket) -> tuple[str, ...]:
    """Proofs of something like a completed ticket: its lemma stated inside, and applied."""
    name = f"{statement_name(ticket.statement)}_known"
    stated = renamed_statement(ticket.lemma, name).removeprefix("theorem ")
    return tuple(f"have {stated}\n{use}" for use in applications(name))


def applications(name: str, arguments: str = "") -> tuple[str, ...]:
    """Tactics that close a goal with the lemma of that name, the likeliest first."""
    exact = f"exact {name} {arguments}".rstrip()
    return (exact, f"exact {name} ..", f"apply {name} <;> assumption", f"simp_all [{name}]")


def _drop(session: Session, document: Document) -> None:
    session.discard(
        [command.after for command in document.commands],
        [report.proof for command in document.commands for report in command.reports],
    )
