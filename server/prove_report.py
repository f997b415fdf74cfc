"""What `unsorry prove` says: one record per file, as JSON or as text for people.

Values and their rendering; nothing here searches or writes files.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lean.document import Document
from search.events import FileView, GoalHandle, GoalVerdict

GOAL_WIDTH = 88
"""Columns of a goal in the text report."""


@dataclass(slots=True)
class FileReport:
    """One file: what Lean read (`view`), what came of its goals so far, and what was written.

    `failure` says why it could not be read or written. `note` is one line about writing, or empty;
    `caveat` says that another Lean answered than the workspace wants.
    """

    name: str
    view: FileView | None = None
    verdicts: dict[str, GoalVerdict] = field(default_factory=dict)
    failure: str = ""
    note: str = ""
    caveat: str = ""

    @property
    def problem(self) -> str:
        """Why the file could not be searched or written, or the empty string."""
        return self.failure or (self.view.document.import_error if self.view else "")

    @property
    def unread(self) -> bool:
        """Has Lean not got as far as its holes?"""
        return self.view is None or bool(self.view.document.import_error)

    def verdict(self, goal: GoalHandle) -> GoalVerdict:
        """The verdict on a goal; one that was not reached is open."""
        return self.verdicts.get(goal.hole.identity) or GoalVerdict(goal, "open")

    @property
    def all_verdicts(self) -> list[GoalVerdict]:
        """In the order of the text."""
        return [self.verdict(goal) for goal in self.view.goals] if self.view else []


def as_json(reports: Sequence[FileReport]) -> str:
    """The JSON object of issue 2: `{"files": […]}`."""
    return json.dumps(
        {"files": [_file(report) for report in reports]}, ensure_ascii=False, indent=2
    )


def as_text(reports: Sequence[FileReport]) -> str:
    """All files, and a summary line."""
    lines: list[str] = []
    for report in reports:
        lines += [*_file_lines(report), ""]
    return "\n".join([*lines, summary(reports)])


def summary(reports: Sequence[FileReport]) -> str:
    """How many holes there were and what came of them."""
    kinds = Counter(verdict.kind for report in reports for verdict in report.all_verdicts)
    if not kinds:
        unread = any(report.unread for report in reports)
        return "Nothing could be proved." if unread else "There is no sorry."
    total = kinds.total()
    counted = [
        f"{kinds[kind]} {kind}" for kind in ("proved", "refuted", "open", "skipped") if kinds[kind]
    ]
    return f"{total} {'hole' if total == 1 else 'holes'}: {', '.join(counted)}."


def _file(report: FileReport) -> dict[str, Any]:
    document = report.view.document if report.view else None
    return {
        "file": report.name,
        "elaborates": bool(document and document.elaborates),
        "errors": _errors(report, document),
        "holes": [_hole(verdict) for verdict in report.all_verdicts],
    }


def _errors(report: FileReport, document: Document | None) -> list[dict[str, Any]]:
    errors = [{"line": 1, "column": 1, "message": report.problem}] if report.problem else []
    for message in document.errors if document else ():
        line, column = document.source.line_column(message.start) if document else (1, 1)
        errors.append({"line": line, "column": column, "message": message.text})
    return errors


def _hole(verdict: GoalVerdict) -> dict[str, Any]:
    hole = verdict.goal.hole
    return {
        "line": hole.line,
        "column": hole.column,
        "end_line": hole.end_line,
        "end_column": hole.end_column,
        "declaration": hole.declaration,
        "mode": hole.mode,
        "editable": hole.editable,
        "goal": verdict.goal.text,
        "verdict": verdict.kind,
        "script": verdict.script,
        "strategy": verdict.strategy,
        "seconds": round(verdict.seconds, 3),
        "counterexample": str(verdict.counterexample) if verdict.counterexample else "",
        # Only where there is one: a declaration that goes above the hole's.
        **({"helper": verdict.helper} if verdict.helper else {}),
    }


def _file_lines(report: FileReport) -> list[str]:
    lines = [report.name]
    if report.unread:
        return [*lines, f"  {report.problem or 'interrupted before Lean had read it'}"]
    document = report.view.document if report.view else None
    for error in _errors(report, document):
        first = error["message"].split("\n")[0]
        lines.append(f"  {error['line']}:{error['column']}  error: {first}")
    if document and document.interrupted:
        lines.append("  Lean ran out of time before the end of the file.")
    for verdict in report.all_verdicts:
        lines += _verdict_lines(verdict)
    if not report.all_verdicts:
        lines.append("  no sorry")
    return lines + [f"  {said}" for said in (report.note, report.failure) if said]


def _verdict_lines(verdict: GoalVerdict) -> list[str]:
    hole = verdict.goal.hole
    place = f"{hole.line}:{hole.column}"
    lines = [f"  {place:<8}{hole.declaration}   {shortened(hole.goals)}"]
    said = _said(verdict)
    lines.append(f"          {said}")
    if verdict.kind == "proved" and "\n" in verdict.script:
        lines += [f"            {line}" for line in verdict.script.split("\n")]
    if verdict.helper:
        lines.append("          with this lemma above:")
        lines += [f"            {line}" for line in verdict.helper.rstrip().split("\n")]
    return lines


def _said(verdict: GoalVerdict) -> str:
    known = ", known" if verdict.cached else ""
    cost = f"({verdict.strategy}, {verdict.seconds:.2f} s{known})"
    if verdict.kind == "proved":
        shown = "" if "\n" in verdict.script else f" by {verdict.script}"
        return f"proved{shown} {cost}"
    if verdict.kind == "refuted":
        return f"refuted: {verdict.counterexample} {cost}"
    if verdict.kind == "skipped":
        return f"skipped: {verdict.reason}"
    return f"open ({verdict.seconds:.2f} s)" if verdict.seconds else "open"


def shortened(goals: Sequence[str]) -> str:
    """The targets of the goals in one line."""
    targets = [" ".join(goal[max(0, goal.rfind("⊢")) :].split()) for goal in goals]
    text = " and ".join(targets)
    return text if len(text) <= GOAL_WIDTH else text[: GOAL_WIDTH - 1] + "…"
