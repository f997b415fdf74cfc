"""Several proofs of one file at once: how many of them, from the top, elaborate together.

Each has been accepted by itself; here Lean reads the file with all of them. Who writes them down is
`server.prove_files` or an editor.
"""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lean.document import Document
from lean.insertion import Edit, apply
from search.events import GoalVerdict

if TYPE_CHECKING:
    from search.engine import Engine


def edits_of(proved: Sequence[GoalVerdict]) -> list[Edit]:
    """The edits that put these proofs in, with their helper lemmas."""
    return [edit for verdict in proved for edit in (verdict.helper_edit, verdict.edit) if edit]


def with_proofs(document: Document, proved: Sequence[GoalVerdict]) -> str:
    """The text of a document with these proofs in it."""
    return apply(document.source.text, edits_of(proved))


async def longest_prefix(
    engine: "Engine", document: Document, proved: Sequence[GoalVerdict], fresh: bool = True
) -> int:
    """How many proofs, from the top, elaborate together: all of them, but for rare files.

    `fresh`: on a session that has seen nothing before. Raises SessionDied, ToolchainError.
    """
    if await _elaborates(engine, document, proved, fresh):
        return len(proved)
    good, bad = 0, len(proved)
    while bad - good > 1:
        middle = (good + bad) // 2
        if await _elaborates(engine, document, proved[:middle], fresh):
            good = middle
        else:
            bad = middle
    return good


async def _elaborates(
    engine: "Engine", document: Document, proved: Sequence[GoalVerdict], fresh: bool
) -> bool:
    """Has the text with these proofs no new error, and just their holes less?"""
    new = await engine.confirm(document.path, with_proofs(document, proved), fresh)
    if new.import_error or new.interrupted:
        return False
    added = Counter(error.text for error in new.errors) - Counter(
        error.text for error in document.errors
    )
    return not added and len(new.holes) == len(document.holes) - len(proved)
