"""A second text that begins like a document: the commands they share are not elaborated again.

For trying what a file would say with something more in it. The document stays as it is; whoever
branches off says when the branch is not needed any more.
"""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

from lean.document import Document, elaborate
from lean.positions import SourceText
from lean.session import Session


@contextlib.asynccontextmanager
async def branch(
    session: Session, document: Document, text: str, shared: int, seconds: float = 60.0
) -> AsyncIterator[Document]:
    """`text` elaborated on `session`, where its first `shared` commands are those of `document`.

    They must be the same to the byte, up to where the parser went on after them. The states of the
    branch are dropped at the end, those of `document` are not. Raises SessionDied, ProtocolError.
    """
    whole = await grown(session, document, text, shared, seconds)
    try:
        yield whole
    finally:
        cut(session, whole, shared)


async def grown(
    session: Session, document: Document, text: str, shared: int, seconds: float = 60.0
) -> Document:
    """The same, for whoever drops it later, with `cut`."""
    source = SourceText(text)
    # A document of the new text that was stopped behind the shared commands, to be continued.
    stem = replace(
        document, source=source, commands=document.commands[:shared], holes=(), interrupted=False
    )
    return await elaborate(session, source, stem, path=document.path, seconds=seconds)


def cut(session: Session, whole: Document, shared: int) -> None:
    """Drop the states of a branch of which the first `shared` commands are a document's."""
    own = whole.commands[shared:]
    session.discard(
        [command.after for command in own],
        [report.proof for command in own for report in command.reports],
    )
