"""A goal proved with its helper lemmas: 'insert lemma above, then this proof'.

The lemmas go above the goal's declaration, the partial proof goes on by applying them, and
`lean.verify` has the last word on each lemma and on the proof, in the text as it would be.
"""

import itertools
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from lean.branch import branch
from lean.document import Command, Document
from lean.errors import RequestRefused
from lean.hole import Hole
from lean.insertion import Edit, apply, helper_insertion, insertion
from lean.session import Limits, Session
from lean.verify import Policy, verify
from search.marketplace import applications
from search.partial_proof import PartialProof
from search.statements import DECLARATION, context_of, fresh_name
from search.tickets import (
    Context,
    Ticket,
    TicketError,
    proved_statement,
    renamed_statement,
    statement_name,
    ticket_document,
)

_BETWEEN = re.compile(r"\n\n(?=theorem )")
SECONDS = 10.0
"""For the partial proof, and for each application of a lemma."""


@dataclass(frozen=True, slots=True)
class HelperProof:
    """`helper`: declarations to go above by `helper_edit`; `script`: the proof to go to the hole by
    `edit`. Both edits are of the present text and can be made together. `axioms` are what lemmas
    and proof rest on, `tickets` the ids of the tickets that served.
    """

    helper: str
    script: str
    helper_edit: Edit
    edit: Edit
    axioms: tuple[str, ...]
    tickets: tuple[str, ...] = ()


async def served(
    session: Session,
    document: Document,
    hole: Hole,
    tickets: Sequence[Ticket],
    policy: Policy | None = None,
    unproved: frozenset[str] = frozenset(),
) -> HelperProof:
    """The proof of `hole` with the completed `tickets` that its partial proof has asked for.

    Nothing may rest on the imported declarations that are `unproved`. Raises TicketError when they
    don't serve, saying why; SessionDied, ProtocolError.
    """
    if not tickets or any(ticket.status != "completed" for ticket in tickets):
        raise _useless("not all of them are proved")
    if len({ticket.parent_script for ticket in tickets}) > 1:
        raise _useless("they belong to different partial proofs")
    lemmas: list[_Lemma] = []
    for ticket in sorted(tickets, key=lambda ticket: ticket.context.position):
        taken = {lemma.name for lemma in lemmas}
        name = fresh_name(document, hole, taken, ticket.name)
        statement = renamed_statement(ticket.statement, name)
        lemmas.append(_Lemma(name, statement, ticket.proof, ticket.context))

    async def script(there: Hole) -> str:
        return await _finished(session, there, tickets[0], lemmas)

    proof = await _judged(session, document, hole, lemmas, script, policy, unproved)
    return replace(proof, tickets=tuple(ticket.ticket_id for ticket in tickets))


async def recalled(
    session: Session,
    document: Document,
    hole: Hole,
    helper: str,
    script: str,
    policy: Policy | None = None,
    unproved: frozenset[str] = frozenset(),
) -> HelperProof:
    """A proof with helper lemmas that was found before, judged anew at `hole`.

    Nothing may rest on the imported declarations that are `unproved`. Raises TicketError when it
    does not stand, saying why; SessionDied, ProtocolError.
    """
    lemmas = [_Lemma.read(text) for text in _BETWEEN.split(helper.strip())]

    async def same(there: Hole) -> str:
        return script

    return await _judged(session, document, hole, lemmas, same, policy, unproved)


@dataclass(frozen=True, slots=True)
class _Lemma:
    """A lemma as it goes into this text: `theorem NAME …` and a tactic block."""

    name: str
    statement: str
    proof: str
    context: Context = field(default_factory=Context)

    @property
    def text(self) -> str:
        return proved_statement(self.statement, self.proof)

    @property
    def uses(self) -> tuple[str, ...]:
        return applications(self.name, self.context.arguments)

    @classmethod
    def read(cls, text: str) -> "_Lemma":
        """The other way. What Lean thinks of the parts is asked later."""
        statement, _, proof = text.partition(" := by\n")
        lines = [line.removeprefix("  ") for line in proof.split("\n")]
        return cls(statement_name(statement), statement, "\n".join(lines))


async def _judged(
    session: Session,
    document: Document,
    hole: Hole,
    lemmas: Sequence[_Lemma],
    script: Callable[[Hole], Awaitable[str]],
    policy: Policy | None,
    unproved: frozenset[str],
) -> HelperProof:
    """`script` is told the hole in the text with the lemmas."""
    try:
        axioms = await _judge_lemmas(session, document, hole, lemmas, policy)
        proof = await _proved(session, document, hole, lemmas, axioms, script, policy)
    except RequestRefused as refusal:
        raise _useless(f"Lean refuses: {refusal.message}") from refusal
    if resting := unproved.intersection(proof.axioms):
        raise _useless(f"they rest on {min(resting)}, which an imported file leaves open")
    return proof


async def _judge_lemmas(
    session: Session,
    document: Document,
    hole: Hole,
    lemmas: Sequence[_Lemma],
    policy: Policy | None,
) -> list[str]:
    """What the lemmas rest on: each is one theorem, and its proof passes at its own hole."""
    above = context_of(document, hole).above
    for lemma in lemmas[:-1]:
        above = ticket_document(above, lemma.statement)
    text = ticket_document(above, lemmas[-1].statement)
    axioms: list[str] = []
    async with branch(session, document, text, hole.command) as stated:
        own = range(hole.command, len(stated.commands))
        if len(own) != len(lemmas):
            raise _useless("they are more than theorems")
        for lemma, index in zip(lemmas, own, strict=True):
            command = stated.commands[index]
            holes = [other for other in stated.holes if other.command == index]
            if command.kind != DECLARATION or len(command.declarations) != 1 or command.failed:
                raise _useless(f"{lemma.name} does not elaborate here")
            if len(holes) != 1 or holes[0].end != command.end:
                raise _useless(f"{lemma.name} has a sorry of its own")
            verdict = await verify(session, stated, holes[0], lemma.proof, policy)
            if not verdict.accepted:
                raise _useless(f"{lemma.name} is not proved here ({verdict.detail})")
            axioms += verdict.axioms
    return axioms


async def _proved(
    session: Session,
    document: Document,
    hole: Hole,
    lemmas: Sequence[_Lemma],
    axioms: Sequence[str],
    script_at: Callable[[Hole], Awaitable[str]],
    policy: Policy | None,
) -> HelperProof:
    helper = "\n\n".join(lemma.text for lemma in lemmas)
    async with _with_helper(session, document, hole, helper) as (new, own):
        there = _same_hole(document, hole, new, own)
        script = await script_at(there)
        verdict = await verify(session, new, there, script, policy)
        if not verdict.accepted:
            raise _useless(f"the proof with them is not accepted ({verdict.detail})")
    return HelperProof(
        helper,
        script,
        helper_insertion(document, hole, helper),
        insertion(document, hole, script),
        tuple(dict.fromkeys([*axioms, *verdict.axioms])),
    )


@asynccontextmanager
async def _with_helper(
    session: Session, document: Document, hole: Hole, helper: str
) -> AsyncIterator[tuple[Document, range]]:
    """The document with `helper` above the declaration of `hole`, and the helper's commands."""
    edit = helper_insertion(document, hole, helper)
    start = document.source.byte(edit.start)
    shared = sum(command.next <= start for command in document.commands[: hole.command])
    text = apply(document.source.text, [edit])
    async with branch(session, document, text, shared) as new:
        yield new, range(hole.command, hole.command + len(new.commands) - len(document.commands))


def _same_hole(document: Document, hole: Hole, new: Document, own: range) -> Hole:
    """The hole where it is now; everything but the helper must be as it was."""
    rest = [command for index, command in enumerate(new.commands) if index not in own]
    if list(map(_said, rest)) != list(map(_said, document.commands)):
        raise _useless("with them the rest of the file means something else")
    holes = [other for other in new.holes if other.command not in own]
    if len(holes) != len(new.holes) or len(holes) != len(document.holes):
        raise _useless("with them the file has other holes")
    there = holes[document.holes.index(hole)]
    if there.goals != hole.goals or there.declaration != hole.declaration:
        raise _useless("with them the goal is another one")
    return there


def _said(command: Command) -> tuple[str, tuple[str, ...], list[str]]:
    """What must stay the same about a command: its kind, its declarations, its errors."""
    errors = [message.text for message in command.messages if message.severity == "error"]
    return command.kind, command.declarations, errors


async def _finished(session: Session, hole: Hole, ticket: Ticket, lemmas: Sequence[_Lemma]) -> str:
    """The partial proof, with a lemma applied at each goal that it leaves."""
    parts = ticket.context.parts
    partial = PartialProof(ticket.parent_script, ("",) * parts, hole.proofs[0])
    places: list[list[str]] = []
    for position in range(parts):
        # Two goals that say the same share one lemma.
        own = [lemma for lemma in lemmas if lemma.context.position == position] or lemmas
        places.append(
            [use for lemma in own for use in applications(lemma.name, lemma.context.arguments)]
        )
    try:
        scripts = [partial.fill(uses) for uses in itertools.product(*places)]
    except (ValueError, StopIteration):
        raise _useless("the partial proof has other places than goals") from None
    message = ""
    async for outcome in session.check(hole.proofs, scripts, Limits(0, SECONDS), first=True):
        if outcome.result == "proved":
            return scripts[outcome.index]
        message = outcome.message
    raise _useless(f"the partial proof does not go on with them ({message})")


def _useless(reason: str) -> TicketError:
    return TicketError(f"The helper lemmas don't serve: {reason}.")
