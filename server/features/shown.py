"""Everything that the server sends by itself: diagnostics, goals, tickets, the status.

Nothing is sent twice: each is compared with what the client has.
"""

from datetime import UTC, datetime
from typing import Any

from lsprotocol import types

from lean.errors import LeanError
from search.tickets import Ticket
from server.editor.documents import Document, KnownGoal
from server.editor.editor import Editor
from server.editor.project import Project
from server.editor.states import said
from server.features.diagnostics import diagnostics

DIGITS = 2
"""Of shares of the machine."""
PAUSED = "paused by the user"
NO_TRUST = "this workspace is not trusted, so Lean does not run"


class Shown:
    """What one client has been sent."""

    def __init__(self) -> None:
        self._diagnostics: dict[str, list[types.Diagnostic]] = {}
        self._goals: dict[str, list[dict[str, Any]]] = {}
        self._status: dict[str, Any] = {}
        self._beside: dict[str, list[tuple[str, str]]] = {}
        self._counts: dict[str, int] = {}
        self._counted = -1
        """The state of the editor's documents that the counts are of."""

    def documents(self, editor: Editor, changed: list[Document]) -> None:
        """These documents, or their goals, have changed."""
        files, refresh, new = [], False, []
        for document in changed:
            project = _project(editor, document)
            found = diagnostics(editor, project, document) if project else []
            if found != self._diagnostics.get(document.uri, []):
                self._diagnostics[document.uri] = found
                new.append(document)
            goals = (
                [goal_of(document, known, project) for known in document.goals] if project else []
            )
            if goals != self._goals.get(document.uri, []):
                self._goals[document.uri] = goals
                files.append({"uri": document.uri, "goals": goals})
            beside = [(goal["state"], goal["proof"]) for goal in goals]
            if beside != self._beside.get(document.uri, []):
                self._beside[document.uri] = beside
                refresh = True
        # The goals first: who acts on a diagnostic then knows what it is about.
        if files:
            editor.client.notify("unsorry/goals", {"files": files})
        for document in new if not editor.pulls else ():
            found = self._diagnostics[document.uri]
            editor.client.publish(document.uri, document.buffer.version, found)
        if refresh:
            editor.client.refresh()
        if new and editor.pulls:
            editor.client.refresh_diagnostics()

    def status(self, editor: Editor) -> None:
        """The status may have changed."""
        if editor.changes != self._counted:
            self._counts, self._counted = _counts(editor), editor.changes
        now = {**status_of(editor), **self._counts}
        if now != self._status:
            self._status = now
            editor.client.notify("unsorry/status", now)

    async def tickets(self, editor: Editor) -> None:
        """Tickets have changed."""
        editor.client.notify("unsorry/tickets", await tickets_of(editor))


def all_goals(editor: Editor) -> dict[str, Any]:
    """The goals of every document that has some."""
    files = [
        {
            "uri": document.uri,
            "goals": [goal_of(document, known, project) for known in document.goals],
        }
        for project in editor.projects.values()
        for document in project.documents.values()
        if document.goals
    ]
    return {"files": files}


async def tickets_of(editor: Editor) -> dict[str, Any]:
    """The tickets of every project that are open or claimed."""
    found: list[dict[str, Any]] = []
    for project in editor.projects.values():
        if project.engine is not None:
            try:
                tickets = await project.engine.ticket_office.live()
            except LeanError:
                # The ledger's trouble is told elsewhere.
                continue
            found += [_ticket(project, ticket) for ticket in tickets]
    return {"tickets": found}


def status_of(editor: Editor) -> dict[str, Any]:
    """All engines together, as docs/editor-protocol.md says, without the counts of goals."""
    engines = editor.engines()
    each = [engine.status() for engine in engines]
    troubles = [project.problem for project in editor.projects.values() if project.problem]
    paused = "" if editor.trusted else NO_TRUST
    # An engine that is opened later will be paused, too.
    later = PAUSED if editor.wishes.paused and not engines else ""
    return {
        # One process, however many engines: each measures all of it.
        "load": round(max((status.load for status in each), default=0.0), DIGITS),
        "target": round(max((status.target for status in each), default=0.0), DIGITS),
        "running": sum(status.running for status in each),
        "queued": sum(status.queued for status in each),
        "tickets": sum(status.tickets for status in each),
        "reading": sum(document.reading > 0 for document in editor.documents()),
        "paused_because": next(
            (
                said
                for said in [paused, *troubles, *(s.paused_because for s in each), later]
                if said
            ),
            "",
        ),
        "follows": next((status.follows for status in each if status.follows), ""),
        "lean": next((engine.toolchain.description for engine in engines), ""),
    }


def goal_of(document: Document, known: KnownGoal, project: Project) -> dict[str, Any]:
    """One goal for the client's own views."""
    follows = project.engine.follows if project.engine else ""
    words = said(document, known, follows, project.caveat)
    proof = known.proof
    place = document.buffer.lines.range(known.span.start, known.span.end)
    return {
        "id": known.identity,
        "declaration": known.goal.hole.declaration,
        "range": {
            "start": {"line": place.start.line, "character": place.start.character},
            "end": {"line": place.end.line, "character": place.end.character},
        },
        "goal": known.goal.text,
        "state": words.state,
        "message": words.message,
        "proof": proof.script if proof else "",
        "strategy": proof.strategy if proof else "",
        "seconds": round(proof.seconds, 3) if proof else 0,
        "tickets": list(known.tickets),
    }


def _ticket(project: Project, ticket: Ticket) -> dict[str, Any]:
    created = datetime.fromtimestamp(ticket.created_at, UTC)
    file = ticket.context.file
    return {
        "id": ticket.ticket_id,
        "status": ticket.status,
        "statement": ticket.statement,
        "file": str(project.root / file) if file else "",
        "line": ticket.context.line,
        "claimant": ticket.claimant,
        "created": created.isoformat(timespec="seconds"),
    }


def _counts(editor: Editor) -> dict[str, int]:
    """How many goals there are, and what has become of them."""
    goals = [(document, known) for document in editor.documents() for known in document.goals]
    states = [document.state(known) for document, known in goals]
    return {
        "goals": len(goals),
        "solved": sum(known.proof is not None for _, known in goals),
        "refuted": states.count("refuted"),
        "open": states.count("open"),
    }


def _project(editor: Editor, document: Document) -> Project | None:
    """The project of a document, unless that is known no more."""
    for project in editor.projects.values():
        if project.documents.get(document.label) is document:
            return project
    return None
