"""Diagnostics: one on each hole, and one at the header when Lean can't be used.

Nothing that Lean's own server says is said again.
"""

import re
from pathlib import Path

from lsprotocol import types

from server.editor.documents import Document
from server.editor.editor import Editor
from server.editor.project import Project
from server.editor.states import Said, said

SOURCE = "unsorry"
HELP = Path(__file__).parents[1] / "help" / "messages.md"
"""What each code means; the link of a diagnostic leads there."""
_IMPORT = re.compile(r"^(?:public |meta |private )*import\b", re.MULTILINE)

_SEVERITIES = {
    "hint": types.DiagnosticSeverity.Hint,
    "information": types.DiagnosticSeverity.Information,
    "warning": types.DiagnosticSeverity.Warning,
}


def diagnostics(editor: Editor, project: Project, document: Document) -> list[types.Diagnostic]:
    """Everything there is to say about a document."""
    found = []
    if document.problem:
        found.append(_trouble(document))
    follows = project.engine.follows if project.engine else ""
    for known in document.goals:
        if not known.span.whole:
            continue
        words = said(document, known, follows, project.caveat)
        found.append(
            _diagnostic(
                document.buffer.lines.range(known.span.start, known.span.end),
                words.message,
                _severity(editor, words),
                words.code,
                {"id": known.identity, "state": words.state},
            )
        )
    return found


def report(
    editor: Editor, params: types.DocumentDiagnosticParams
) -> types.RelatedFullDocumentDiagnosticReport | types.RelatedUnchangedDocumentDiagnosticReport:
    """The answer to a client that asks for them, which may have the newest already."""
    document = editor.document(params.text_document.uri)
    items = diagnostics(editor, editor.project(document), document) if document else []
    name = f"{hash(repr(items)):x}"
    if params.previous_result_id == name:
        return types.RelatedUnchangedDocumentDiagnosticReport(name)
    return types.RelatedFullDocumentDiagnosticReport(items, result_id=name)


def _severity(editor: Editor, words: Said) -> types.DiagnosticSeverity:
    weight = editor.settings.shown.severity if words.weight == "usual" else words.weight
    return _SEVERITIES[weight]


def _trouble(document: Document) -> types.Diagnostic:
    """At the header: the first import, or the first line."""
    lines = document.buffer.lines
    first = _IMPORT.search(document.buffer.text)
    line = lines.position(first.start()).line if first else 0
    where, warning = lines.line_range(line), types.DiagnosticSeverity.Warning
    return _diagnostic(where, document.problem, warning, "lean-trouble")


def _diagnostic(
    where: types.Range,
    message: str,
    severity: types.DiagnosticSeverity,
    code: str,
    data: dict[str, str] | None = None,
) -> types.Diagnostic:
    link = types.CodeDescription(f"{HELP.as_uri()}#{code}")
    return types.Diagnostic(where, message, severity, code, link, SOURCE, data=data)
