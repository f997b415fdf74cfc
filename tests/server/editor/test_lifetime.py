"""Starting, trusting, dying: what happens around the work, and that nothing is left behind."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
import websockets
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.client import LanguageClient
from websockets.typing import Origin

from bench.editing import ROOT, Editing
from search.leadership import Leadership
from search.ledger_file import OWN_FOLDER
from search.memory import LEDGER
from tests.server.editor.holes import EASY, FALSE, hard


def children(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


async def gone(processes: list[psutil.Process]) -> bool:
    """Are they all gone, sooner or later?"""
    for _ in range(600):
        if not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes):
            return True
        await asyncio.sleep(0.1)
    return False


async def test_without_trust_nothing_is_elaborated(tmp_path: Path) -> None:
    async with Editing.open(tmp_path, options={"trusted": False}) as editing:
        editing.show("A.lean", EASY)
        await editing.until(lambda: editing.status.get("paused_because"), "a reason")
        assert "not trusted" in editing.status["paused_because"]
        await asyncio.sleep(0.5)
        assert not children(editing.process.pid) and not editing.said("A.lean")
        assert not (tmp_path / OWN_FOLDER).exists()
        editing.client.protocol.notify("unsorry/trust", {"trusted": True})
        await editing.until_said("A.lean", "proof found")
        await editing.until(lambda: editing.status["paused_because"] == "", "no reason")


async def test_without_trust_no_command_runs_lean(tmp_path: Path) -> None:
    async with Editing.open(tmp_path, options={"trusted": False}) as editing:
        editing.show("A.lean", EASY)
        uri = editing.uri("A.lean")
        for command in ("unsorry.searchFile", "unsorry.insertAllInFile"):
            with pytest.raises(JsonRpcException, match="not trusted, so Lean does not run"):
                await editing.command(command, uri)
        with pytest.raises(JsonRpcException, match="not trusted, so Lean does not run"):
            await editing.command("unsorry.searchWorkspace")
        assert not children(editing.process.pid)
        assert not (tmp_path / OWN_FOLDER).exists()


async def test_shutdown_leaves_no_process(tmp_path: Path) -> None:
    async with Editing.open(tmp_path) as editing:
        editing.show("A.lean", hard(40))
        await editing.until(lambda: editing.states("A.lean") == ["searching"], "a search")
        below = children(editing.process.pid)
        assert below
        assert await editing.end() == 0
        assert await gone(below)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_a_signal_leaves_no_process(tmp_path: Path, number: signal.Signals) -> None:
    editing = Editing(tmp_path, {}, "utf-16")
    await editing.start({})
    try:
        await editing.initialize({})
        editing.show("A.lean", hard(41))
        await editing.until(lambda: editing.states("A.lean") == ["searching"], "a search")
        below = children(editing.process.pid)
        editing.process.send_signal(number)
        assert await gone(below)
    finally:
        await editing.kill()


async def test_the_end_of_the_editor_is_the_end_of_the_server(tmp_path: Path) -> None:
    """The editor is killed: standard input closes, or not even that."""
    editor = await asyncio.create_subprocess_exec("sleep", "1000")
    editing = Editing(tmp_path, {}, "utf-16")
    await editing.start({})
    try:
        await editing.client.initialize_async(
            types.InitializeParams(types.ClientCapabilities(), process_id=editor.pid)
        )
        editor.kill()
        await editor.wait()
        async with asyncio.timeout(120):
            await editing.process.wait()
    finally:
        await editing.kill()


async def test_a_dead_session_is_replaced(tmp_path: Path) -> None:
    async with Editing.open(tmp_path, {"sessions": 1}) as editing:
        editing.show("A.lean", EASY)
        await editing.until_said("A.lean", "proof found")
        for process in children(editing.process.pid):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        editing.replace("A.lean", "a + b = b + a", "a + b + 3 = b + a + 3")
        editing.save("A.lean")
        await editing.until(lambda: editing.states("A.lean") == ["proved"], "a proof")


async def test_another_window_serves_what_this_one_finds(tmp_path: Path) -> None:
    path = tmp_path / OWN_FOLDER / LEDGER
    async with Editing.open(tmp_path) as first:
        first.show("A.lean", EASY)
        await first.until_said("A.lean", "proof found")
        async with Editing.open(tmp_path) as second:
            second.show("B.lean", EASY.replace("a + b = b + a", "a + b + 9 = b + a + 9"))
            await second.until_said("B.lean", "no proof known yet")
            process = f"(process {first.process.pid})"
            await second.until(lambda: process in second.status["follows"], "it follows")
            await second.until_said("B.lean", "another editor window")
            first.show("B.lean")
            await first.until_said("B.lean", "proof found")
            await second.until_said("B.lean", "proof found")
            await first.end()
            second.show("C.lean", EASY.replace("a + b = b + a", "a + b + 8 = b + a + 8"))
            await second.until_said("C.lean", "proof found")
            await second.until(lambda: second.status["follows"] == "", "it leads")
    assert Leadership(path, "bg").seek(), "the lock is free again"


async def test_a_server_waits_for_a_running_bg(tmp_path: Path) -> None:
    (tmp_path / OWN_FOLDER).mkdir()
    leader = Leadership(tmp_path / OWN_FOLDER / LEDGER, "bg")
    assert leader.seek()
    async with Editing.open(tmp_path) as editing:
        editing.show("A.lean", FALSE)
        await editing.until(lambda: editing.status.get("follows"), "it follows")
        assert editing.status["follows"] == f"`unsorry bg` (process {os.getpid()})"
        leader.release()
        await editing.until_said("A.lean", "false as stated")


async def test_wrong_settings_are_named_and_left_out(tmp_path: Path) -> None:
    settings = {"severity": "loud", "profile": 7, "idleSeconds": -1}
    async with Editing.open(tmp_path, settings) as editing:
        editing.show("A.lean", EASY)
        await editing.until_said("A.lean", "proof found")
        said = "\n".join(editing.messages)
        assert "unsorry.severity = 'loud'" in said and "unsorry.idleSeconds" in said
        assert "setting unsorry.profile: profile = 7 is not possible. Allowed: 0, 1 or 2." in said


async def test_files_of_the_workspace_give_settings_and_the_editor_overrules(
    tmp_path: Path,
) -> None:
    (tmp_path / "unsorry.toml").write_text("profile = 2\ncpu_target = 0.7\n")
    async with Editing.open(tmp_path, {"cpuTarget": 0.9}) as editing:
        editing.show("A.lean", EASY)
        await editing.until_said("A.lean", "proof found")
        await editing.until(lambda: editing.status["target"] == 0.9, "the editor's target")
        assert "of 60 s left" in await editing.hover("A.lean", "sorry")
        editing.settings["profile"] = 1
        editing.client.workspace_did_change_configuration(
            types.DidChangeConfigurationParams(settings=None)
        )
        while "of 20 s left" not in await editing.hover("A.lean", "sorry"):
            await asyncio.sleep(0.2)


async def test_what_the_user_asked_for_holds_for_engines_to_come(tmp_path: Path) -> None:
    async with Editing.open(tmp_path, {"sessions": 1}) as editing:
        await editing.command("unsorry.pause")
        await editing.command("unsorry.setCpuTarget", 0.8)
        await editing.command("unsorry.setProfile", 1)
        await editing.until(
            lambda: editing.status.get("paused_because") == "paused by the user", "a pause"
        )
        editing.show("A.lean", EASY)
        await editing.until(lambda: editing.states("A.lean") == ["waiting"], "a goal that waits")
        assert editing.status["target"] == 0.8
        assert editing.status["paused_because"] == "paused by the user"
        editing.log.clear()
        (tmp_path / "unsorry.toml").write_text("max_light = 1\n")
        changed(editing, "unsorry.toml")
        await editing.until(lambda: "paused by the user (throttled)" in editing.log, "an engine")
        await asyncio.sleep(0.5)
        assert editing.status["target"] == 0.8
        assert editing.status["paused_because"] == "paused by the user"
        await editing.command("unsorry.resume")
        await editing.until_said("A.lean", "proof found")
        assert "of 20 s left" in await editing.hover("A.lean", "sorry")
        editing.settings["cpuTarget"] = 0.9
        editing.client.workspace_did_change_configuration(
            types.DidChangeConfigurationParams(settings=None)
        )
        await editing.until(lambda: editing.status["target"] == 0.9, "the newer wish")


async def test_texts_are_read_after_a_pause_where_the_user_wants(tmp_path: Path) -> None:
    async with Editing.open(tmp_path, {"extraction": "onIdle", "idleSeconds": 0.3}) as editing:
        editing.show("A.lean", FALSE)
        await editing.until_said("A.lean", "false as stated")
        editing.replace("A.lean", "n < 5", "n < n + 5")
        await editing.until_said("A.lean", "proof found")
        assert (tmp_path / "A.lean").read_text() == FALSE


async def test_what_a_document_imports_is_read_again_when_it_changes(tmp_path: Path) -> None:
    module = "@[expose] public section\ndef size : Nat := {}\n"
    (tmp_path / "Base.lean").write_text(module.format(3))
    async with Editing.open(tmp_path) as editing:
        editing.show("A.lean", "import Base\ntheorem t : size = 4 := by sorry\n")
        await editing.until_said("A.lean", "false as stated")
        (tmp_path / "Base.lean").write_text(module.format(4))
        change = types.FileEvent(editing.uri("Base.lean"), types.FileChangeType.Changed)
        params = types.DidChangeWatchedFilesParams([change])
        editing.client.workspace_did_change_watched_files(params)
        await editing.until_said("A.lean", "proof found")
        assert "workspace/didChangeWatchedFiles" in editing.registered


async def test_files_are_watched_here_when_the_editor_does_not(tmp_path: Path) -> None:
    def unable(capabilities: types.ClientCapabilities) -> None:
        assert capabilities.workspace is not None
        capabilities.workspace.did_change_watched_files = None

    async with Editing.open(tmp_path, change=unable) as editing:
        (tmp_path / "Other.lean").write_text(FALSE)
        editing.show("A.lean", EASY)
        await editing.until_said("A.lean", "proof found")
        await editing.command("unsorry.searchWorkspace")
        await editing.until_said("Other.lean", "false as stated")
        (tmp_path / "Other.lean").write_text(EASY)
        await editing.until_said("Other.lean", "proof found")


async def test_each_folder_of_a_window_is_a_workspace_of_its_own(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("first", "second")]
    for folder in folders:
        folder.mkdir()
        (folder / "Base.lean").write_text(f"def which : Nat := {len(folder.name)}\n")
    async with Editing.open(folders[0], {"sessions": 1}) as editing:
        added = types.WorkspaceFolder(folders[1].as_uri(), "second")
        change = types.WorkspaceFoldersChangeEvent(added=[added], removed=[])
        editing.client.workspace_did_change_workspace_folders(
            types.DidChangeWorkspaceFoldersParams(change)
        )
        for number, folder in enumerate(folders):
            name = f"../{folder.name}/A.lean"
            editing.show(name, f"import Base\ntheorem t : which = {5 + number} := by sorry\n")
            await editing.until_said(name, "proof found")
            assert (folder / OWN_FOLDER / LEDGER).exists()


async def test_a_workspace_may_be_reached_through_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real, target_is_directory=True)
    module = "@[expose] public section\ndef size : Nat := {}\n"
    (real / "Base.lean").write_text(module.format(3))
    (real / "Closed.lean").write_text(FALSE)
    async with Editing.open(link, {"sessions": 1}) as editing:
        editing.show("A.lean", "import Base\ntheorem t : size = 4 := by sorry\n")
        await editing.until_said("A.lean", "false as stated")
        (real / "Base.lean").write_text(module.format(4))
        changed(editing, "Base.lean")
        await editing.until_said("A.lean", "proof found")
        await editing.command("unsorry.searchWorkspace")
        await editing.until_said("Closed.lean", "false as stated")
        (real / "unsorry.toml").write_text("profile = 2\n")
        changed(editing, "unsorry.toml")
        while "of 60 s left" not in await editing.hover("A.lean", "sorry"):
            await asyncio.sleep(0.2)
        assert all("/link/" in uri for uri in [*editing.goals, *editing.diagnostics])


async def test_an_open_file_of_a_nested_project_stays_that_projects(tmp_path: Path) -> None:
    nested = tmp_path / "nested"
    nested.mkdir()
    (nested / "lakefile.toml").write_text('name = "nested"\n')
    (nested / "B.lean").write_text(EASY)
    (nested / "Closed.lean").write_text(EASY)
    async with Editing.open(tmp_path, {"sessions": 1}) as editing:
        editing.show("A.lean", FALSE)
        await editing.until_said("A.lean", "false as stated")
        await editing.command("unsorry.searchWorkspace")
        changed(editing, "nested/Closed.lean")
        editing.show("nested/B.lean")
        await editing.until_said("nested/B.lean", "proof found")
        editing.replace("nested/B.lean", "theorem", "-- not saved yet\ntheorem")
        assert await editing.command("unsorry.insertAllInFile", editing.uri("nested/B.lean")) == 1
        assert editing.text("nested/B.lean") == f"-- not saved yet\n{EASY}".replace(
            "sorry", "omega"
        )
        assert editing.uri("nested/Closed.lean") not in editing.goals


def changed(editing: Editing, *names: str) -> None:
    """Tell the server that files of the folder have changed on the disk."""
    kind = types.FileChangeType.Changed
    changes = [types.FileEvent((editing.folder / name).as_uri(), kind) for name in names]
    params = types.DidChangeWatchedFilesParams(changes)
    editing.client.workspace_did_change_watched_files(params)


async def test_a_broken_lakefile_is_told_and_once_mended_forgotten(tmp_path: Path) -> None:
    (tmp_path / "lakefile.toml").write_text("name = ")
    async with Editing.open(tmp_path) as editing:
        editing.show("A.lean", EASY)
        await editing.until_said("A.lean", "lakefile.toml is not valid TOML")
        await editing.until(lambda: "TOML" in editing.status["paused_because"], "a problem")
        changed(editing, "Other.lean")
        (tmp_path / "lakefile.toml").write_text('name = "t"\n')
        changed(editing, "lakefile.toml")
        await editing.until_said("A.lean", "proof found")


async def test_positions_are_counted_as_agreed(tmp_path: Path) -> None:
    text = "theorem t (a b : Nat) : /- 𝔸é -/ a + b = b + a := by /- 😀 -/ sorry\n"
    columns = {}
    for encoding in ("utf-8", "utf-16", "utf-32"):
        folder = tmp_path / encoding
        folder.mkdir()
        async with Editing.open(folder, encodings=(encoding,)) as editing:
            editing.show("A.lean", text)
            await editing.until_said("A.lean", "proof found")
            (diagnostic,) = editing.diagnostics[editing.uri("A.lean")]
            columns[encoding] = diagnostic.range.start.character
            assert await editing.choose((await editing.actions("A.lean", "sorry"))[0])
            assert editing.text("A.lean") == text.replace("sorry", "omega")
    before = text[: text.index("sorry")]
    assert columns == {
        "utf-8": len(before.encode()),
        "utf-16": len(before.encode("utf-16-le")) // 2,
        "utf-32": len(before),
    }


async def test_clients_that_resolve_nothing_get_the_edit_at_once(tmp_path: Path) -> None:
    def simple(capabilities: types.ClientCapabilities) -> None:
        assert capabilities.text_document is not None and capabilities.workspace is not None
        capabilities.text_document.code_action = None
        capabilities.workspace.workspace_edit = None

    async with Editing.open(tmp_path, change=simple) as editing:
        editing.show("A.lean", EASY)
        await editing.until_said("A.lean", "proof found")
        insert = (await editing.actions("A.lean", "sorry"))[0]
        (edits,) = insert["edit"]["changes"].values()
        assert [edit["newText"] for edit in edits] == ["omega"]


async def test_no_lean_is_told_at_the_header_and_in_the_status(tmp_path: Path) -> None:
    environment = {"UNSORRY_NODE": str(tmp_path / "no-node")}
    async with Editing.open(tmp_path, environment=environment) as editing:
        editing.show("A.lean", EASY)
        await editing.until_said("A.lean", "UNSORRY_NODE")
        await editing.until(lambda: "UNSORRY_NODE" in editing.status["paused_because"])
        assert editing.diagnostics[editing.uri("A.lean")][0].code == "lean-trouble"


async def test_long_work_shows_progress_that_can_be_cancelled(tmp_path: Path) -> None:
    slow = "\n".join(f"theorem t{n} : {n} * {n} = {n * n} := by decide" for n in range(20_000))
    async with Editing.open(tmp_path) as editing:
        # Where Lean takes long to start, that is shown, too.
        editing.show("First.lean", EASY)
        await editing.until_said("First.lean", "proof found")
        editing.progress.clear()
        editing.tokens.clear()
        editing.show("Slow.lean", f"{slow}\n{EASY}")
        await editing.until(lambda: editing.progress, "progress")
        begin = editing.progress[0]
        assert begin["kind"] == "begin" and begin["cancellable"]
        assert "Slow.lean" in begin["title"]
        token = next(iter(editing.tokens))
        editing.client.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token))
        await editing.until(lambda: editing.progress[-1]["kind"] == "end", "its end")
        assert not editing.states("Slow.lean")


@pytest.mark.parametrize("transport", ["tcp", "ws"])
async def test_other_transports_serve_one_client_and_end_with_it(
    tmp_path: Path, transport: str
) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server.cli", "lsp", f"--{transport}", "127.0.0.1:0"),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stderr is not None
        said = (await asyncio.wait_for(process.stderr.readline(), 120)).decode()
        host, _, port = said.split()[-1].rpartition(":")
        client = LanguageClient("other", "1")
        start: Callable[[str, int], Any] = getattr(client, f"start_{transport}")
        await start(host, int(port))
        answer = await client.initialize_async(
            types.InitializeParams(types.ClientCapabilities(), process_id=os.getpid())
        )
        assert answer.server_info is not None and answer.server_info.name == "unsorry"
        await _is_refused(transport, host, int(port))
        await client.shutdown_async(None)
        client.exit(None)
        assert await asyncio.wait_for(process.wait(), 120) == 0
    finally:
        if process.returncode is None:
            process.kill()


async def _is_refused(transport: str, host: str, port: int) -> None:
    """A second client gets no answer and takes nothing from the first; a web page gets in never."""
    if transport == "tcp":
        reader, writer = await asyncio.open_connection(host, port)
        assert await asyncio.wait_for(reader.read(), 60) == b""
        writer.close()
        return
    with pytest.raises(websockets.InvalidStatus, match="403"):
        await websockets.connect(f"ws://{host}:{port}", origin=Origin("https://page.example"))
    second = await websockets.connect(f"ws://{host}:{port}")
    await asyncio.wait_for(second.wait_closed(), 60)


def test_an_address_that_is_none_is_refused() -> None:
    from click.testing import CliRunner

    from server.lsp_command import lsp

    runner = CliRunner()
    wrong = runner.invoke(lsp, ["--tcp", "here"])
    assert wrong.exit_code == 2 and "127.0.0.1:7777" in wrong.output
    both = runner.invoke(lsp, ["--stdio", "--tcp", "127.0.0.1:1"])
    assert both.exit_code == 2 and "Choose one" in both.output
