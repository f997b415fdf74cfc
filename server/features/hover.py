"""Hover on a hole: what has become of it, the goal, the best proof, what was and will be tried."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lsprotocol import types

from lean.errors import LeanError
from search.events import GoalVerdict
from search.records import AttemptRecord
from server.editor.documents import KnownGoal
from server.editor.editor import Editor
from server.editor.project import Project
from server.editor.states import said

if TYPE_CHECKING:
    from search.knowledge import GoalHistory

ATTEMPTS = 4
"""Attempts that are shown, the last ones."""
OUTCOMES = {
    "proved": "proved it",
    "refuted": "refuted it",
    "failed": "found nothing",
    "timeout": "ran out of time",
    "cancelled": "was stopped",
    "error": "broke",
}


async def hover(editor: Editor, params: types.HoverParams) -> types.Hover | None:
    """What there is to say about the hole at a position."""
    document = editor.document(params.text_document.uri)
    if document is None:
        return None
    lines = document.buffer.lines
    index = lines.index(params.position)
    known = document.goal_at(index, index)
    if known is None:
        return None
    project = editor.project(document)
    engine = project.engine
    follows = engine.follows if engine else ""
    words = said(document, known, follows, project.caveat)
    # What stands in the block below is not said twice.
    head = words.message.split(":")[0] if known.proof is not None else words.message
    parts = [f"**Unsorry** · {head}"]
    if known.proof is not None:
        parts += _proof(known.proof)
    parts += ["Goal", _code(known.goal.text)]
    history = await _history(project, known)
    if history is not None:
        parts += [*_tried(history.attempts), *_left(project, history)]
    if known.proof is None and engine is not None:
        parts.append(engine.payment(known.goal))
    value = "\n\n".join(part for part in parts if part)
    place = lines.range(known.span.start, known.span.end)
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, value), place)


async def _history(project: Project, known: KnownGoal) -> "GoalHistory | None":
    if project.engine is None:
        return None
    try:
        return await project.engine.history(known.goal)
    except LeanError:
        # The ledger's trouble is told elsewhere.
        return None


def _proof(proof: GoalVerdict) -> list[str]:
    known = (
        "known from the ledger, and checked again by Lean here"
        if proof.cached
        else f"after {proof.seconds:.2f} s of search"
    )
    script = f"{proof.helper.rstrip()}\n\n{proof.script}" if proof.helper else proof.script
    return [_code(script), f"found by `{proof.strategy}`, {known}"]


def _tried(attempts: Iterable[AttemptRecord]) -> list[str]:
    last = list(attempts)[-ATTEMPTS:]
    if not last:
        return []
    rows = [
        f"| `{a.strategy}` | {OUTCOMES[a.outcome]} | {a.seconds:.2f} s |" for a in reversed(last)
    ]
    return ["\n".join(["| strategy | result | time |", "|---|---|---:|", *rows])]


def _left(project: Project, history: "GoalHistory") -> list[str]:
    if history.record is None or project.engine is None:
        return []
    effort, record = project.engine.settings.effort, history.record
    left = max(0.0, effort.seconds - record.spent_light)
    said = [f"{left:.1f} of {effort.seconds:.0f} s left for light strategies"]
    if effort.heavy_seconds:
        heavy = max(0.0, effort.heavy_seconds - record.spent_heavy)
        said.append(f"{heavy:.1f} of {effort.heavy_seconds:.0f} s for heavy ones")
    return [", ".join(said) + f" · difficulty {record.difficulty:.2f}"]


def _code(text: str) -> str:
    """A block that no text can break out of."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}lean4\n{text}\n{fence}"
