"""Code lens above a declaration with holes, and the hint at a hole that has an answer."""

from itertools import groupby

from lsprotocol import types

from server.editor.documents import Document, KnownGoal
from server.editor.editor import Editor
from server.editor.states import first_line, values


def code_lenses(editor: Editor, params: types.CodeLensParams) -> list[types.CodeLens]:
    """'2 of 3 proved · insert all', above each declaration."""
    document = editor.document(params.text_document.uri)
    if document is None or not editor.settings.shown.code_lens:
        return []
    goals = [known for known in document.goals if known.span.whole]
    grouped = groupby(goals, key=lambda known: known.goal.hole.command)
    return [_lens(document, list(group)) for _, group in grouped]


def inlay_hints(editor: Editor, params: types.InlayHintParams) -> list[types.InlayHint]:
    """The answer beside each hole that has one."""
    document = editor.document(params.text_document.uri)
    if document is None or not editor.settings.shown.inlay_hints:
        return []
    lines = document.buffer.lines
    start, end = lines.index(params.range.start), lines.index(params.range.end)
    hints = []
    for known in document.goals:
        answer = _answer(document, known)
        if answer and known.span.whole and start <= known.span.end <= end:
            hints.append(types.InlayHint(lines.position(known.span.end), answer, padding_left=True))
    return hints


def _answer(document: Document, known: KnownGoal) -> str:
    match document.state(known):
        case "proved":
            return f"✓ {first_line(known.proof)}" if known.proof else ""
        case "refuted":
            return f"✗ false: {values(known.verdict)}"
    return ""


def _lens(document: Document, goals: list[KnownGoal]) -> types.CodeLens:
    states = [document.state(known) for known in goals]
    proved = sum(known.proof is not None for known in goals)
    refuted, searching = states.count("refuted"), sum(s in ("waiting", "searching") for s in states)
    parts = [f"{proved} of {len(goals)} proved"]
    if refuted:
        parts.append(f"{refuted} false")
    if searching:
        parts.append("searching")
    command, arguments = "", None
    if proved:
        parts.append("insert" if proved == 1 else "insert all")
        command = "unsorry.insertAllInDeclaration"
        arguments = [document.uri, goals[0].goal.hole.declaration]
    title = f"Unsorry: {' · '.join(parts)}"
    place = _head(document, goals[0])
    return types.CodeLens(place, types.Command(title, command, arguments=arguments))


def _head(document: Document, first: KnownGoal) -> types.Range:
    """The line where the declaration begins; it has moved as its first hole has."""
    view = document.view
    assert view is not None
    source = view.document.source
    moved = first.span.start - source.index(first.goal.hole.start)
    start = source.index(view.document.commands[first.goal.hole.command].start) + moved
    return document.buffer.lines.range(start, start)
