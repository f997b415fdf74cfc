"""Code actions: insert a proof, another one, all of them; search harder, stop, tickets.

They are listed from what is known and cost no Lean; the edit is worked out, and its proof checked
in the text as it is then, when one is chosen (`resolve`).
"""

from collections.abc import Sequence
from typing import Any

from lsprotocol import types

from lean.errors import LeanError
from search.events import GoalVerdict
from server.editor.documents import Document, KnownGoal
from server.editor.editor import Editor
from server.editor.insertion import (
    Insertion,
    NotInserted,
    all_proofs,
    one_proof,
    workspace_edit,
)
from server.editor.states import first_line

FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.unsorry"
KINDS = [types.CodeActionKind.QuickFix, FIX_ALL]
ALTERNATIVES = 3
"""Other proofs of a goal that are listed."""
SEARCHING, NOTHING_TO_DO = ("waiting", "searching"), ("skipped", "refuted")


async def code_actions(editor: Editor, params: types.CodeActionParams) -> list[types.CodeAction]:
    """What can be done in a range."""
    document = editor.document(params.text_document.uri)
    if document is None:
        return []
    actions = []
    if _wanted(params, types.CodeActionKind.QuickFix.value):
        here = _goals_in(document, params.range)
        for known in here:
            about = [d for d in params.context.diagnostics if _is_about(d, known)]
            for action in await _for_goal(editor, document, known, alone=len(here) == 1):
                action.diagnostics = about or None
                actions.append(action)
    insertable = [known for known in document.goals if known.proof and known.span.whole]
    if _wanted(params, FIX_ALL) and insertable:
        actions.append(
            types.CodeAction(
                "Unsorry: insert every proof of this file",
                kind=FIX_ALL,
                data={"uri": document.uri},
            )
        )
    if not editor.client.resolves_edits:
        return [await _resolved_or_left_out(editor, action) for action in actions]
    return actions


async def resolve(editor: Editor, action: types.CodeAction) -> types.CodeAction:
    """The action with its edit. Raises LeanError when it can't be done any more."""
    data = action.data
    if not isinstance(data, dict) or action.edit is not None or action.command is not None:
        return action
    insertion = await _insertion(editor, data)
    action.edit = workspace_edit([insertion], editor.client.has_versions)
    return action


async def _resolved_or_left_out(editor: Editor, action: types.CodeAction) -> types.CodeAction:
    """For a client that can't ask later: the edit at once, or the reason why there is none."""
    try:
        return await resolve(editor, action)
    except LeanError as error:
        action.disabled = types.CodeActionDisabled(str(error))
        return action


async def _insertion(editor: Editor, data: dict[str, Any]) -> Insertion:
    document = editor.document(str(data.get("uri")))
    if document is None:
        raise NotInserted("The document is not open any more.")
    project = editor.project(document)
    if "id" not in data:
        insertion = await all_proofs(project, document)
        if not insertion.count:
            raise NotInserted("No proof holds in the text as it is now.")
        return insertion
    known = document.goal(str(data["id"]))
    if known is None:
        raise NotInserted("This hole has changed. Save the file, and it is searched again.")
    return await one_proof(
        project, document, known, str(data.get("script")), str(data.get("helper", ""))
    )


async def _for_goal(
    editor: Editor, document: Document, known: KnownGoal, alone: bool
) -> list[types.CodeAction]:
    state, proof = document.state(known), known.proof
    actions = []
    if proof is not None:
        said = "Insert the helper lemma and the proof" if proof.helper else "Insert the proof"
        actions.append(_insert(document, known, f"{said}: {first_line(proof)}", proof, alone))
        actions += await _alternatives(editor, document, known, proof)
        actions.append(_do("Look for another proof", "unsorry.findAnother", document, known))
    elif state not in NOTHING_TO_DO:
        actions.append(_do("Search harder for a proof", "unsorry.searchGoal", document, known))
        if state in SEARCHING:
            actions.append(_do("Stop searching here", "unsorry.stopGoal", document, known))
        if state == "open" and not known.tickets:
            actions.append(
                _do(
                    "Ask others: open a ticket for this goal", "unsorry.openTicket", document, known
                )
            )
        for ticket in known.tickets:
            actions.append(_ticket(f"Show ticket {ticket}", "unsorry.showTicket", ticket))
            actions.append(_ticket(f"Withdraw ticket {ticket}", "unsorry.withdrawTicket", ticket))
    return actions


def _is_about(diagnostic: types.Diagnostic, known: KnownGoal) -> bool:
    data = diagnostic.data
    return isinstance(data, dict) and data.get("id") == known.identity


async def _alternatives(
    editor: Editor, document: Document, known: KnownGoal, proof: GoalVerdict
) -> list[types.CodeAction]:
    """Other proofs that the ledger has."""
    engine = editor.project(document).engine
    if engine is None:
        return []
    try:
        proofs = (await engine.history(known.goal)).proofs
    except LeanError:
        # The ledger's trouble is told elsewhere; the proof at hand can be inserted all the same.
        return []
    actions, seen = [], {proof.script}
    for script, record in proofs:
        if script in seen or len(seen) > ALTERNATIVES:
            continue
        seen.add(script)
        other = GoalVerdict(known.goal, "proved", script, record.strategy, helper=record.helper)
        kind = "a shorter proof" if _length(script) < _length(proof.script) else "another proof"
        title = f"Insert {kind} ({record.strategy}): {first_line(other)}"
        actions.append(_insert(document, known, title, other, preferred=False))
    return actions


def _length(script: str) -> tuple[int, int]:
    return script.count("\n"), len(script)


def _insert(
    document: Document, known: KnownGoal, title: str, proof: GoalVerdict, preferred: bool
) -> types.CodeAction:
    data = {
        "uri": document.uri,
        "id": known.identity,
        "script": proof.script,
        "helper": proof.helper,
    }
    return types.CodeAction(
        title, kind=types.CodeActionKind.QuickFix, is_preferred=preferred or None, data=data
    )


def _do(title: str, command: str, document: Document, known: KnownGoal) -> types.CodeAction:
    arguments = [document.uri, known.identity]
    return types.CodeAction(
        title,
        kind=types.CodeActionKind.QuickFix,
        command=types.Command(title, command, arguments=arguments),
    )


def _ticket(title: str, command: str, ticket: str) -> types.CodeAction:
    return types.CodeAction(
        title,
        kind=types.CodeActionKind.QuickFix,
        command=types.Command(title, command, arguments=[ticket]),
    )


def _goals_in(document: Document, wanted: types.Range) -> list[KnownGoal]:
    lines = document.buffer.lines
    start, end = lines.index(wanted.start), lines.index(wanted.end)
    return [
        known
        for known in document.goals
        if known.span.whole and known.span.start <= end and start <= known.span.end
    ]


def _wanted(params: types.CodeActionParams, kind: str) -> bool:
    """Has the client asked for this kind, or for one that it is part of, or for all?"""
    only: Sequence[types.CodeActionKind | str] | None = params.context.only
    if only is None:
        return True
    return any(f"{kind}.".startswith(f"{_text(asked)}.") or not _text(asked) for asked in only)


def _text(kind: types.CodeActionKind | str) -> str:
    return kind.value if isinstance(kind, types.CodeActionKind) else kind
