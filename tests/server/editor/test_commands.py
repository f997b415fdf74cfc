"""Commands of `workspace/executeCommand`: what they do, and how they say no."""

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from bench.editing import Editing
from server.features.commands import COMMANDS
from tests.server.editor.holes import EASY, FALSE, hard


async def test_all_of_them_are_announced(editing: Editing) -> None:
    assert editing.server is not None
    provider = editing.server.capabilities.execute_command_provider
    assert provider is not None and set(provider.commands) == set(COMMANDS)


async def test_the_documentation_lists_them_all() -> None:
    from bench.editing import ROOT

    text = (ROOT / "docs" / "editor-protocol.md").read_text()
    assert [name for name in COMMANDS if f"`{name}`" not in text] == []


async def test_pausing_holds_the_search_until_it_is_resumed(editing: Editing) -> None:
    editing.show("First.lean", EASY)
    await editing.until_said("First.lean", "proof found")
    await editing.command("unsorry.pause")
    await editing.until(lambda: editing.status["paused_because"], "a pause")
    assert editing.status["paused_because"] == "paused by the user"
    editing.show("Paused.lean", EASY.replace("a + b = b + a", "a + b + 77 = b + a + 77"))
    await editing.until(lambda: editing.states("Paused.lean") == ["waiting"], "a goal that waits")
    await editing.command("unsorry.resume")
    await editing.until_said("Paused.lean", "proof found")
    await editing.until(lambda: editing.status["paused_because"] == "", "the end of the pause")


async def test_the_share_of_the_machine_can_be_set(editing: Editing) -> None:
    editing.show("Share.lean", EASY)
    await editing.until_said("Share.lean", "proof found")
    await editing.command("unsorry.setCpuTarget", 0.5)
    await editing.until(lambda: editing.status["target"] == 0.5, "another target")
    with pytest.raises(JsonRpcException, match=r"0\.05 to 1"):
        await editing.command("unsorry.setCpuTarget", 7)
    await editing.command("unsorry.setCpuTarget", 1)


async def test_a_profile_that_there_is_can_be_set(editing: Editing) -> None:
    editing.show("Profile.lean", EASY)
    await editing.until_said("Profile.lean", "proof found")
    await editing.command("unsorry.setProfile", 1)
    assert "of 20 s left" in await editing.hover("Profile.lean", "sorry")
    await editing.command("unsorry.setProfile", 0)
    with pytest.raises(JsonRpcException, match="0, 1 or 2"):
        await editing.command("unsorry.setProfile", 3)


async def test_the_proof_at_the_cursor_goes_in(editing: Editing) -> None:
    editing.show("Cursor.lean", EASY)
    await editing.until_said("Cursor.lean", "proof found")
    uri = editing.uri("Cursor.lean")
    with pytest.raises(JsonRpcException, match="no sorry on this line"):
        await editing.command("unsorry.insertAt", uri, 0, 0)
    assert await editing.command("unsorry.insertAt", uri, 1, 0) is True
    assert "omega" in editing.text("Cursor.lean")


async def test_every_proof_of_the_workspace_goes_in(editing: Editing) -> None:
    editing.show("W1.lean", EASY)
    editing.show("W2.lean", EASY.replace("easy", "easy2"))
    await editing.until_said("W1.lean", "proof found")
    await editing.until_said("W2.lean", "proof found")
    assert await editing.command("unsorry.insertAllInWorkspace") >= 2
    assert "omega" in editing.text("W1.lean") and "omega" in editing.text("W2.lean")


async def test_an_edit_that_the_editor_refuses_is_told(
    editing: Editing, monkeypatch: pytest.MonkeyPatch
) -> None:
    editing.show("Refused.lean", EASY)
    await editing.until_said("Refused.lean", "proof found")
    monkeypatch.setattr(editing, "apply", lambda edit: False)
    uri = editing.uri("Refused.lean")
    with pytest.raises(JsonRpcException, match="did not take the edit: the text has changed"):
        await editing.command("unsorry.insertAllInFile", uri)
    with pytest.raises(JsonRpcException, match="did not take the edit: the text has changed"):
        await editing.command("unsorry.insertAt", uri, 1, 0)


async def test_the_ledger_tells_what_it_has_on_a_goal(editing: Editing) -> None:
    editing.show("Ledger.lean", EASY)
    await editing.until_said("Ledger.lean", "proof found")
    goal = editing.goals[editing.uri("Ledger.lean")][0]["id"]
    said = await editing.command("unsorry.ledgerEntry", editing.uri("Ledger.lean"), goal)
    assert "what was tried" in said and "difficulty" in said
    assert editing.messages[-1] == said, "this client shows no texts by itself"


async def test_tickets_are_opened_shown_and_withdrawn(editing: Editing) -> None:
    editing.show("Ticket.lean", hard(73))
    await editing.until(lambda: editing.states("Ticket.lean") == ["open"], "nothing was found")
    uri, goal = editing.uri("Ticket.lean"), editing.goals[editing.uri("Ticket.lean")][0]["id"]
    ticket = await editing.command("unsorry.openTicket", uri, goal)
    await editing.until(lambda: [t["id"] for t in editing.tickets] == [ticket], "a ticket")
    await editing.until_said("Ticket.lean", f"waits for the helper lemma {ticket}")
    titles = [action["title"] for action in await editing.actions("Ticket.lean", "sorry")]
    assert f"Withdraw ticket {ticket}" in titles
    assert "a ^ n + b ^ n ≠ c ^ n" in await editing.command("unsorry.showTicket", ticket)
    await editing.command("unsorry.withdrawTicket", ticket)
    await editing.until(lambda: editing.tickets == [], "no ticket")
    with pytest.raises(JsonRpcException, match="no open ticket"):
        await editing.command("unsorry.withdrawTicket", ticket)


async def test_sessions_can_be_restarted(editing: Editing) -> None:
    editing.show("Restart.lean", EASY)
    await editing.until_said("Restart.lean", "proof found")
    await editing.command("unsorry.restartSessions")
    editing.replace("Restart.lean", "a + b = b + a", "a + b + 5 = b + a + 5")
    editing.save("Restart.lean")
    await editing.until(lambda: editing.states("Restart.lean") == ["proved"], "a proof")
    assert await editing.choose((await editing.actions("Restart.lean", "sorry"))[0])


async def test_searching_the_workspace_reads_files_that_are_not_open(editing: Editing) -> None:
    (editing.folder / "Closed.lean").write_text(FALSE)
    editing.show("Open.lean", EASY)
    await editing.until_said("Open.lean", "proof found")
    await editing.command("unsorry.searchWorkspace")
    await editing.until_said("Closed.lean", "false as stated")
    (editing.folder / "Closed.lean").write_text(EASY)
    change = types.FileEvent(editing.uri("Closed.lean"), types.FileChangeType.Changed)
    editing.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([change]))
    await editing.until_said("Closed.lean", "proof found")
    # The editor has not told of this one yet.
    (editing.folder / "Closed.lean").write_text(f"-- new\n{EASY}")
    with pytest.raises(JsonRpcException, match=r"Closed\.lean has changed meanwhile\. Try again"):
        await editing.command("unsorry.insertAllInFile", editing.uri("Closed.lean"))
    (editing.folder / "Closed.lean").write_text(EASY)
    assert await editing.command("unsorry.insertAllInFile", editing.uri("Closed.lean")) == 1


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("unsorry.setProfile", ()),
        ("unsorry.setProfile", ("much",)),
        ("unsorry.setCpuTarget", (True,)),
        ("unsorry.insert", ("file:///nowhere.lean",)),
        ("unsorry.insert", ("file:///nowhere.lean", "0")),
        ("unsorry.insertAt", ("file:///nowhere.lean", "0", 0)),
        ("unsorry.nothing", ()),
    ],
)
async def test_what_makes_no_sense_is_refused(
    editing: Editing, command: str, arguments: tuple[object, ...]
) -> None:
    with pytest.raises(JsonRpcException):
        await editing.command(command, *arguments)
