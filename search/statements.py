"""What Lean says of a ticket's statement where it is asked for: does it elaborate, is it false?

For whoever opens tickets or serves them; nothing here asks for a proof.
"""

import re
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import replace

from lean.branch import branch
from lean.document import Document
from lean.goal import Goal
from lean.goal_key import goal_key
from lean.hole import Hole
from lean.session import Session
from lean.verify import Policy
from search import refutation
from search.budget import Budget
from search.strategies.refute import Refute
from search.tickets import Context, Ticket, TicketError, ticket_document

REFUTE_SECONDS = 1.0
"""For a look whether a statement is false; nearly always 0.1 s is enough (`bench.refutations`)."""
DECLARATION = "Lean.Parser.Command.declaration"

_PLAIN_NAME = re.compile(r"[^\W\d][\w'!?]*")


async def checked(
    session: Session,
    document: Document,
    hole: Hole | None,
    ticket: Ticket,
    policy: Policy | None,
    unproved: frozenset[str] = frozenset(),
) -> tuple[Ticket, str]:
    """The ticket with the key of its goal; and values, for people, at which that goal is false.

    The values are empty when none are found quickly. Raises TicketError when the statement does not
    elaborate.
    """
    async with stated(session, document, hole, ticket) as (whole, there):
        key = await goal_key(session, there.proofs)
        found = replace(ticket, goal=key.key, display=ticket.display or there.goals[0])
        goal = Goal.of(whole, there)
        result = await Refute().run(goal, session, Budget(seconds=REFUTE_SECONDS))
        false = result.refutation
        if false and await refutation.objection(
            session, there, false, policy or Policy(), unproved
        ):
            false = None
        return found, str(false) if false else ""


@asynccontextmanager
async def stated(
    session: Session, document: Document, hole: Hole | None, ticket: Ticket
) -> AsyncIterator[tuple[Document, Hole]]:
    """The ticket's virtual document and its hole, on top of what the parent's document has above.

    Raises TicketError when the statement does not elaborate there.
    """
    if hole is None:
        shared, above = len(document.commands), document.source.normalized
    else:
        # As it is now, which may be another text than when the ticket was opened.
        shared, above = hole.command, context_of(document, hole).above
    text = ticket_document(above, ticket.statement)
    async with branch(session, document, text, shared) as whole:
        yield whole, stated_hole(whole, ticket)


def stated_hole(document: Document, ticket: Ticket) -> Hole:
    """The hole of a ticket's statement in its virtual document: the only one of the last command,
    which declares one theorem without an error. Raises TicketError.
    """
    problem = document.import_error or ("it takes too long" if document.interrupted else "")
    holes: list[Hole] = []
    if not problem and not document.commands:
        problem = "there is nothing to read"
    if not problem:
        last = len(document.commands) - 1
        stated = document.commands[last]
        begin = len(document.source.data) - len(
            f"{ticket.statement.strip()} := by sorry\n".encode()
        )
        errors = [message.text for message in stated.messages if message.severity == "error"]
        holes = [hole for hole in document.holes if hole.command == last]
        if errors:
            problem = errors[0]
        elif stated.start != begin or stated.kind != DECLARATION or len(stated.declarations) != 1:
            problem = "it is not one theorem"
        elif len(holes) != 1 or holes[0].end != stated.end or holes[0].mode == "data":
            problem = "it has a sorry of its own, or is no proposition"
    if problem:
        raise TicketError(
            f"The statement does not elaborate in its environment: {problem}",
            f"It is asked for at {ticket.context.place or 'the end of its file'}.",
        )
    return holes[0]


def context_of(document: Document, hole: Hole) -> Context:
    """Where helper lemmas for `hole` are stated: above its declaration."""
    command = document.commands[hole.command]
    above = document.source.slice(0, command.start)
    return Context(document.path, hole.declaration, hole.line, above)


def fresh_name(
    document: Document, hole: Hole, taken: Collection[str] = (), preferred: str = ""
) -> str:
    """A name for a helper lemma of the declaration of `hole` that nothing in the document has.

    Other holes get other names, so that the proofs of all can be put in together.
    """
    last = hole.declaration.split(".")[-1]
    plain = _PLAIN_NAME.fullmatch(last) and last != "example"
    alike = [other for other in document.holes if other.declaration == hole.declaration]
    which = f"_{alike.index(hole) + 1}" if len(alike) > 1 else ""
    base = preferred or (f"{last}{which}_aux" if plain else f"helper{which}")
    used = {
        declaration.split(".")[-1]
        for command in document.commands
        for declaration in command.declarations
    }
    name, number = base, 1
    while name in used or name in taken:
        number += 1
        name = f"{base}{number}"
    return name
