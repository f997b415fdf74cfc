"""Proofs as edits of an editor's text: each is checked in the text as it is now, or not offered.

Where and how a script is written is `lean.insertion`; what Lean thinks of it is asked through the
engine.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from lsprotocol import types

from lean.errors import LeanError
from lean.insertion import Edit
from search.events import FileView, GoalHandle, GoalVerdict
from server.editor.buffer import Lines
from server.editor.documents import Document, KnownGoal
from server.editor.project import Project
from server.joint_proofs import edits_of, longest_prefix
from server.sources import text_of

if TYPE_CHECKING:
    from search.engine import Engine

TRIES = 5
"""How often an edit is worked out anew because the text has changed meanwhile."""

Found = TypeVar("Found")


class NotInserted(LeanError):
    """A proof can't be inserted; the text says why."""


@dataclass(frozen=True, slots=True)
class Insertion:
    """Edits of a document as it was at `version`, when it said `text`: `count` proofs go in."""

    uri: str
    path: Path
    text: str
    version: int | None
    edits: tuple[types.TextEdit, ...]
    count: int


async def one_proof(
    project: Project, document: Document, known: KnownGoal, script: str, helper: str
) -> Insertion:
    """The edit that puts a proof of this goal in. Raises NotInserted, LeanError."""

    async def work(engine: "Engine", view: FileView, goals: dict[int, GoalHandle]) -> Insertion:
        goal = goals.get(known.span.start) if known.span.whole else None
        if goal is None:
            raise NotInserted("This hole has changed. Save the file, and it is searched again.")
        verdict = _as_verified(document, known, goal, script, helper)
        verdict = verdict or await engine.check(goal, script, helper)
        if verdict.kind != "proved":
            raise NotInserted(
                "The proof does not hold in the text as it is now, so it was not inserted."
                f" {verdict.reason}".rstrip()
            )
        return _insertion(document, [verdict])

    return await _in_current_text(project, document, work)


async def all_proofs(
    project: Project, document: Document, wanted: Callable[[KnownGoal], bool] = lambda known: True
) -> Insertion:
    """The edits that put every proof in that has been found for a wanted goal, as far as they
    elaborate together. Raises NotInserted, LeanError.
    """

    async def work(engine: "Engine", view: FileView, goals: dict[int, GoalHandle]) -> Insertion:
        proved = []
        for known in list(document.goals):
            proof, goal = known.proof, goals.get(known.span.start)
            if not (proof and goal and known.span.whole and wanted(known)):
                continue
            verdict = _as_verified(document, known, goal, proof.script, proof.helper)
            verdict = verdict or await engine.check(goal, proof.script, proof.helper)
            if verdict.kind == "proved":
                proved.append(verdict)
        count = len(proved)
        if count > 1:
            count = await longest_prefix(engine, view.document, proved, fresh=False)
        return _insertion(document, proved[:count])

    return await _in_current_text(project, document, work)


async def _in_current_text(
    project: Project,
    document: Document,
    work: "Callable[[Engine, FileView, dict[int, GoalHandle]], Awaitable[Found]]",
) -> Found:
    """What `work` makes of the text as it is; done again when that has changed meanwhile.

    It gets the goals by the index of their hole.
    """
    for _ in range(TRIES):
        text = document.buffer.text
        engine = await project.opened()
        view = await engine.update(document.label, text, edited=False)
        if view is None or document.buffer.text != text:
            continue
        if view.document.import_error:
            raise NotInserted(view.document.import_error)
        source = view.document.source
        goals = {source.index(goal.hole.start): goal for goal in view.goals}
        found = await work(engine, view, goals)
        if document.buffer.text == text:
            return found
    raise NotInserted("The text keeps changing. Try again.")


def _as_verified(
    document: Document, known: KnownGoal, goal: GoalHandle, script: str, helper: str
) -> GoalVerdict | None:
    """The verdict on this very proof in this very text, if there is one."""
    verdict = known.verdict
    if (
        verdict is not None
        and verdict.kind == "proved"
        and document.is_current
        and verdict.goal.revision == goal.revision
        and verdict.goal.hole.start == goal.hole.start
        and (verdict.script, verdict.helper) == (script, helper)
    ):
        return verdict
    return None


def _insertion(document: Document, proved: Sequence[GoalVerdict]) -> Insertion:
    lines, buffer = document.buffer.lines, document.buffer
    edits = tuple(_text_edit(lines, edit) for edit in edits_of(proved))
    return Insertion(document.uri, document.path, buffer.text, buffer.version, edits, len(proved))


def _text_edit(lines: Lines, edit: Edit) -> types.TextEdit:
    return types.TextEdit(lines.range(edit.start, edit.end), edit.replacement)


def looked_at_again(insertion: Insertion, document: Document | None) -> Insertion:
    """The insertion just before it is sent, for the document that is known now.

    Raises NotInserted when the text that it is for is no more: others may have taken long.
    """
    buffer = document.buffer if document is not None and document.is_open else None
    text = buffer.text if buffer else text_of(insertion.path)
    if text != insertion.text:
        raise NotInserted(f"{insertion.path.name} has changed meanwhile. Try again.")
    return replace(insertion, version=buffer.version if buffer else None)


def workspace_edit(insertions: Sequence[Insertion], versions: bool) -> types.WorkspaceEdit:
    """All insertions as one edit; `versions`: the client can hold it to a document's version."""
    if not versions:
        return types.WorkspaceEdit(changes={i.uri: list(i.edits) for i in insertions})
    return types.WorkspaceEdit(
        document_changes=[
            types.TextDocumentEdit(
                types.OptionalVersionedTextDocumentIdentifier(
                    insertion.uri, version=insertion.version
                ),
                list(insertion.edits),
            )
            for insertion in insertions
        ]
    )
