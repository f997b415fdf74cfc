"""One leased session at work, with the documents that were elaborated on it.

Only keeps and finds documents; what is done with them is the job's business, and the session itself
belongs to the pool.
"""

from collections import OrderedDict

from lean.document import Document, elaborate
from lean.errors import WorkspaceError
from lean.hole import Hole
from lean.pool import HEADER_LIMIT
from lean.positions import SourceText
from lean.session import Session
from search.drafting.reading import DraftedDocument, drafted

ELABORATED_WITHIN = 60.0
"""Seconds for a whole file."""
MAX_DOCUMENTS = 8
"""Documents kept on a session; each holds every command's environment (small, but not nothing)."""


class Desk:
    """A session and its documents, by path, the one used last at the end."""

    def __init__(self, session: Session, generation: int = 0) -> None:
        self.session = session
        self.generation = generation
        """Of the modules that its session has read or will read first."""
        self._documents: OrderedDict[str, Document] = OrderedDict()
        self._drafts: OrderedDict[tuple[str, str, str], DraftedDocument] = OrderedDict()

    @property
    def usable(self) -> bool:
        """Can it take another job, or should the session go back to the pool to be replaced?"""
        session = self.session
        return (
            session.alive
            and len(session.headers) <= HEADER_LIMIT
            and session.rss_bytes() <= session.memory_ceiling
        )

    @property
    def untouched(self) -> bool:
        """Has nothing been elaborated here yet?"""
        return not self._documents

    async def document(self, path: str, source: SourceText) -> Document:
        """`source` elaborated here, from its first change on.

        Raises SessionDied, ProtocolError.
        """
        known = self._documents.get(path)
        if known is None or known.source.text != source.text or known.interrupted:
            # Until this has succeeded the old document stands: a cancelled elaboration keeps it.
            work, seconds = self.session.work, ELABORATED_WITHIN
            seconds = work.allow(seconds) if work is not None else seconds
            known = await elaborate(
                self.session, source, known, path=path, seconds=seconds, steps=True
            )
            self._documents[path] = known
        self._documents.move_to_end(path)
        while len(self._documents) > MAX_DOCUMENTS:
            self._drop(self._documents.popitem(last=False)[1])
        return known

    async def hole(self, path: str, source: SourceText, wanted: Hole) -> tuple[Document, Hole]:
        """The document here, and the hole in it that was found first on whatever session.

        Raises WorkspaceError when Lean does not see that hole this time.
        """
        document = await self.document(path, source)
        for hole in document.holes:
            if hole.identity == wanted.identity:
                return document, hole
        raise WorkspaceError(
            f"{path}:{wanted.line}:{wanted.column}: Lean did not find this hole again"
            + (", because it ran out of time." if document.interrupted else "."),
            "Split the file, or make the declarations before it faster to check.",
        )

    async def draft(
        self, path: str, source: SourceText, wanted: Hole, script: str
    ) -> DraftedDocument:
        """The text up to the declaration of a hole, with a script that has holes of its own there.

        Raises SessionDied, ProtocolError, WorkspaceError.
        """
        key = (path, source.text, f"{wanted.identity} {script}")
        known = self._drafts.get(key)
        if known is None:
            document, hole = await self.hole(path, source, wanted)
            known = self._drafts[key] = await drafted(self.session, document, hole, script)
        self._drafts.move_to_end(key)
        while len(self._drafts) > MAX_DOCUMENTS:
            self._drafts.popitem(last=False)[1].drop(self.session)
        return known

    def forget(self, path: str) -> None:
        """Drop a document that is not needed any more."""
        if path in self._documents:
            self._drop(self._documents.pop(path))

    def _drop(self, document: Document) -> None:
        self.session.discard(
            [command.after for command in document.commands],
            [report.proof for command in document.commands for report in command.reports],
        )
