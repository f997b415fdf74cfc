"""What `workspace/executeCommand` does. Arguments and results are in docs/editor-protocol.md.

A command that can't be done raises LeanError with a sentence for people.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lean.errors import LeanError
from search.events import GoalHandle, GoalVerdict
from search.settings import ALL_THERE_IS, EFFORTS, Effort, Profile
from server.editor.documents import Document, KnownGoal
from server.editor.editor import Editor
from server.editor.insertion import (
    Insertion,
    all_proofs,
    looked_at_again,
    one_proof,
    workspace_edit,
)
from server.editor.project import UNTRUSTED, Project
from server.sources import may_have_holes
from server.tickets_report import ticket_text
from server.user import user_name
from server.why_report import as_text

if TYPE_CHECKING:
    from search.engine import Engine

Command = Callable[..., Awaitable[Any]]
CHANGED = "This hole has changed. Save the file, and it is searched again."


class CommandError(LeanError):
    """A command that can't be done; the text says why."""


async def pause(editor: Editor) -> None:
    """Search nothing more by itself, until `resume`."""
    editor.wishes.paused = True
    editor.apply_wishes()


async def resume(editor: Editor) -> None:
    """Go on."""
    editor.wishes.paused = False
    editor.apply_wishes()


async def set_cpu_target(editor: Editor, share: float) -> None:
    """Use at most this share of the machine."""
    if not 0.05 <= share <= 1:
        raise CommandError("The share must be a number from 0.05 to 1.")
    editor.wishes.cpu_target = share
    editor.apply_wishes()


async def set_profile(editor: Editor, profile: int) -> None:
    """Try as hard as this from now on; what is open is searched again."""
    if profile not in EFFORTS:
        raise CommandError("The profile must be 0, 1 or 2.")
    chosen: Profile = profile
    editor.wishes.profile = chosen
    editor.apply_wishes()
    for project in editor.projects.values():
        if project.engine is not None:
            for document in project.documents.values():
                _search(project, document, project.engine.settings.effort)


async def search_goal(editor: Editor, uri: str, goal: str) -> None:
    """Use everything there is on one goal."""
    project, document, _ = _goal(editor, uri, goal)
    project.start(_prove(project, await _read(project, document, goal), ALL_THERE_IS))


async def find_another(editor: Editor, uri: str, goal: str) -> None:
    """Look for another proof; the user is told what came of it."""
    project, document, _ = _goal(editor, uri, goal)
    handle = await _read(project, document, goal)

    async def look() -> None:
        verdict = await _prove(project, handle, replace(ALL_THERE_IS, another=True))
        if verdict.kind != "proved":
            editor.client.say("Unsorry found no other proof of this goal.")
        else:
            editor.client.say(f"Another proof, by {verdict.strategy}: {verdict.script}")

    project.start(look())


async def stop_goal(editor: Editor, uri: str, goal: str) -> None:
    """Search a goal no more."""
    project, _, known = _goal(editor, uri, goal)
    _engine(project).stop(known.goal)


async def search_file(editor: Editor, uri: str) -> None:
    """Search what is open in a file, with more than usual."""
    project, document = _document(editor, uri)
    await (await project.opened()).update(document.label, document.buffer.text)
    # What the engine has told of it comes first.
    await asyncio.sleep(0)
    _search(project, document, ALL_THERE_IS)


async def search_workspace(editor: Editor) -> None:
    """Search every file of the workspace, and follow them from now on."""
    if not editor.trusted:
        raise CommandError(UNTRUSTED)
    editor.sweep()


async def insert(editor: Editor, uri: str, goal: str) -> bool:
    """Insert the proof of a goal."""
    project, document, known = _goal(editor, uri, goal)
    proof = known.proof
    if proof is None:
        raise CommandError("No proof of this goal has been found yet.")
    insertion = await one_proof(project, document, known, proof.script, proof.helper)
    await _apply(editor, [insertion], "insert the proof")
    return True


async def insert_at(editor: Editor, uri: str, line: int, character: int) -> bool:
    """Insert the proof of the hole at a position, or else of one on its line."""
    _, document = _document(editor, uri)
    lines = document.buffer.lines
    here = [known for known in document.goals if known.span.whole]
    place = [(lines.position(k.span.start), lines.position(k.span.end), k) for k in here]
    on_line = [entry for entry in place if entry[0].line <= line <= entry[1].line]
    if not on_line:
        said = document.buffer.text_of_line(line)
        raise CommandError(
            "Save the file first: Unsorry does not know this sorry yet."
            if may_have_holes(said)
            else "There is no sorry on this line."
        )
    *_, known = min(on_line, key=lambda entry: abs(entry[0].character - character))
    return await insert(editor, uri, known.identity)


async def insert_all_in_declaration(editor: Editor, uri: str, declaration: str) -> int:
    """Insert every proof of a declaration."""
    project, document = _document(editor, uri)
    insertion = await all_proofs(
        project, document, lambda known: known.goal.hole.declaration == declaration
    )
    return await _apply_all(editor, [insertion])


async def insert_all_in_file(editor: Editor, uri: str) -> int:
    """Insert every proof of a file."""
    project, document = _document(editor, uri)
    return await _apply_all(editor, [await all_proofs(project, document)])


async def insert_all_in_workspace(editor: Editor) -> int:
    """Insert every proof there is."""
    insertions = [
        await all_proofs(project, document)
        for project in editor.projects.values()
        for document in list(project.documents.values())
        if any(known.proof for known in document.goals)
    ]
    return await _apply_all(editor, insertions)


async def ledger_entry(editor: Editor, uri: str, goal: str) -> str:
    """What the ledger has on a goal, as `unsorry why` prints it."""
    project, _, known = _goal(editor, uri, goal)
    engine = _engine(project)
    history = await engine.history(known.goal)
    from server.explanation import explanation

    if history.record is None:
        raise CommandError("The ledger does not know this goal yet.")
    arms = engine.scheduler.arms
    return as_text(await explanation(engine.memory, arms, engine.settings, history.record))


async def open_ticket(editor: Editor, uri: str, goal: str) -> str:
    """Ask for a goal as a helper lemma."""
    project, document, _ = _goal(editor, uri, goal)
    handle = await _read(project, document, goal)
    ticket = await _engine(project).ticket_office.open(handle, user_name())
    editor.client.say(f"{ticket.ticket_id} asks for: {ticket.statement}")
    return ticket.ticket_id


async def show_ticket(editor: Editor, ticket: str) -> str:
    """All there is to know about a ticket."""
    for engine in editor.engines():
        found = [known for known in await engine.ticket_office.live() if known.ticket_id == ticket]
        if found:
            return ticket_text(await engine.ticket_office.show(ticket), (), ())
    raise CommandError(f"There is no open ticket {ticket}.")


async def withdraw_ticket(editor: Editor, ticket: str) -> None:
    """Ask no longer for a lemma."""
    for project in editor.projects.values():
        if project.engine is None:
            continue
        office = project.engine.ticket_office
        if ticket in [known.ticket_id for known in await office.live()]:
            waiting = [
                known.goal
                for document in project.documents.values()
                for known in document.goals
                if ticket in known.tickets
            ]
            await office.withdraw(ticket, waiting[0] if waiting else None)
            editor.tickets_changed()
            return
    raise CommandError(f"There is no open ticket {ticket}.")


async def restart_sessions(editor: Editor) -> None:
    """End every Lean process; new ones take their place. What failed to start is tried again."""
    for project in editor.projects.values():
        if project.engine is not None:
            project.engine.restart_sessions()
        else:
            await project.reopen()


COMMANDS: dict[str, Command] = {
    "unsorry.pause": pause,
    "unsorry.resume": resume,
    "unsorry.setCpuTarget": set_cpu_target,
    "unsorry.setProfile": set_profile,
    "unsorry.searchGoal": search_goal,
    "unsorry.findAnother": find_another,
    "unsorry.stopGoal": stop_goal,
    "unsorry.searchFile": search_file,
    "unsorry.searchWorkspace": search_workspace,
    "unsorry.insert": insert,
    "unsorry.insertAt": insert_at,
    "unsorry.insertAllInDeclaration": insert_all_in_declaration,
    "unsorry.insertAllInFile": insert_all_in_file,
    "unsorry.insertAllInWorkspace": insert_all_in_workspace,
    "unsorry.ledgerEntry": ledger_entry,
    "unsorry.openTicket": open_ticket,
    "unsorry.showTicket": show_ticket,
    "unsorry.withdrawTicket": withdraw_ticket,
    "unsorry.restartSessions": restart_sessions,
}
"""By the name that clients use."""
SHOWN = ("unsorry.ledgerEntry", "unsorry.showTicket")
"""Commands whose result is a text for the user."""


async def _apply(editor: Editor, insertions: list[Insertion], label: str) -> None:
    insertions = [looked_at_again(one, editor.document(one.uri)) for one in insertions]
    edit = workspace_edit(insertions, editor.client.has_versions)
    if not await editor.client.apply(edit, f"Unsorry: {label}"):
        raise CommandError("The editor did not take the edit: the text has changed.")


async def _apply_all(editor: Editor, insertions: list[Insertion]) -> int:
    insertions = [insertion for insertion in insertions if insertion.count]
    if not insertions:
        raise CommandError("No proof has been found here yet.")
    await _apply(editor, insertions, "insert all proofs")
    return sum(insertion.count for insertion in insertions)


def _search(project: Project, document: Document, effort: Effort) -> None:
    """Search the goals of a document that are open."""
    for known in document.goals:
        if document.state(known) in ("open", "stopped", "waiting", "searching"):
            project.start(_prove(project, known.goal, effort))


async def _prove(project: Project, goal: GoalHandle, effort: Effort) -> GoalVerdict:
    return await _engine(project).prove(goal, effort)


async def _read(project: Project, document: Document, goal: str) -> GoalHandle:
    """Have Lean read the document as it is; the goal of that name there."""
    engine = await project.opened()
    view = await engine.update(document.label, document.buffer.text)
    for handle in view.goals if view else ():
        if handle.hole.identity == goal:
            return handle
    raise CommandError(CHANGED)


def _engine(project: Project) -> "Engine":
    if project.engine is None:
        raise CommandError(project.problem or "Lean is not running.")
    return project.engine


def _document(editor: Editor, uri: str) -> tuple[Project, Document]:
    document = editor.document(uri)
    if editor.leaves_alone(uri):
        raise CommandError(
            "Unsorry leaves this file alone: it is in no folder of this window, or in a hidden one."
        )
    if document is None:
        raise CommandError("This is no Lean file that Unsorry has open.")
    return editor.project(document), document


def _goal(editor: Editor, uri: str, goal: str) -> tuple[Project, Document, KnownGoal]:
    project, document = _document(editor, uri)
    known = document.goal(goal)
    if known is None:
        raise CommandError(CHANGED)
    return project, document, known
