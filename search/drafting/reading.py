"""A draft as Lean reads it where the goal stands: its holes as goals, or what is wrong with it."""

from dataclasses import dataclass

from lean.branch import cut, grown
from lean.document import Document
from lean.hole import Hole
from lean.insertion import apply, insertion
from lean.positions import SourceText
from lean.session import Session

ERRORS = 4
"""Messages that are told of one draft."""
ELABORATED_WITHIN = 20.0
"""Seconds for the declaration with a draft in it."""


@dataclass(frozen=True, slots=True)
class DraftedDocument:
    """The document up to its goal's declaration, with a draft at the hole: `holes` are those of the
    draft, in the order of the text; `errors` what Lean said against it. The first `shared` commands
    are the document's own.
    """

    document: Document
    holes: tuple[Hole, ...]
    errors: tuple[str, ...]
    shared: int

    def drop(self, session: Session) -> None:
        """It is not needed any more."""
        cut(session, self.document, self.shared)


async def drafted(session: Session, document: Document, hole: Hole, script: str) -> DraftedDocument:
    """`document` with `script` at `hole`, elaborated on `session`; whoever asked drops it.

    Raises SessionDied, ProtocolError.
    """
    source, command = document.source, document.commands[hole.command]
    edit = insertion(document, hole, script)
    text = apply(source.text, [edit])
    end = source.index(command.end) + len(edit.replacement) - (edit.end - edit.start)
    whole = await grown(
        session, document, text[:end] + source.newline, hole.command, ELABORATED_WITHIN
    )
    last = edit.start + len(edit.replacement)
    holes = tuple(
        found for found in whole.holes if edit.start <= whole.source.index(found.start) < last
    )
    return DraftedDocument(whole, holes, _errors(whole), hole.command)


def _errors(document: Document) -> tuple[str, ...]:
    said = [f"line {_line(document.source, m.start)}: {m.text}" for m in document.errors]
    if document.interrupted:
        said.append("it takes too long to elaborate")
    return tuple(said[:ERRORS])


def _line(source: SourceText, byte: int) -> str:
    """The text of the line that a message is about."""
    return repr(source.line_of(byte).strip())
