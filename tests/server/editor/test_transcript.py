"""One whole session, message by message, as a readable file in `transcripts/`.

`> ` is what the editor says, `< ` what the server answers; only what was waited for is kept,
without what differs from run to run. `PYTHONPATH=. python tests/server/editor/test_transcript.py`
writes it anew.
"""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.editing import ROOT

FLOW = Path(__file__).parent / "transcripts" / "flow.txt"
WORKSPACE = "file:///workspace"
WITHIN = 120.0
Message = dict[str, Any]

TEXT = "theorem easy (a b : Nat) : a + b = b + a := by\n  sorry\n"
DOCUMENT = {"uri": f"{WORKSPACE}/A.lean"}
HOLE = {"start": {"line": 1, "character": 2}, "end": {"line": 1, "character": 7}}
CAPABILITIES = {
    "workspace": {"configuration": True, "workspaceEdit": {"documentChanges": True}},
    "textDocument": {
        "publishDiagnostics": {"versionSupport": True},
        "codeAction": {"dataSupport": True, "resolveSupport": {"properties": ["edit"]}},
    },
}


class Wire:
    """Raw LSP over a process's pipes, written down as it goes."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        self._process = process
        self._folder = folder
        self._id = 0
        self.lines: list[str] = []

    def say(self, **message: object) -> None:
        """Send a message and write it down."""
        self._note(">", message)
        text = json.dumps({"jsonrpc": "2.0", **message}).replace(WORKSPACE, self._folder.as_uri())
        body = text.encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    async def ask(self, method: str, params: object) -> Any:  # noqa: ANN401 - JSON
        """Send a request; its result, which is written down."""
        self._id += 1
        number = self._id
        self.say(id=number, method=method, params=params)
        return (await self.hear(lambda m: m.get("id") == number and "method" not in m))["result"]

    async def hear(self, wanted: Callable[[Message], bool]) -> Message:
        """The next message that is wanted; others are passed over."""
        async with asyncio.timeout(WITHIN):
            while not wanted(message := await self._receive()):
                pass
        self._note("<", message)
        return message

    async def _receive(self) -> Message:
        assert self._process.stdout is not None
        length = 0
        while line := (await self._process.stdout.readline()).strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        body = (await self._process.stdout.readexactly(length)).decode()
        said: Message = json.loads(body.replace(self._folder.as_uri(), WORKSPACE))
        return said

    def _note(self, sign: str, message: Message) -> None:
        self.lines.append(f"{sign} {json.dumps(_steady(message), ensure_ascii=False)}")


def _steady(value: Any) -> Any:  # noqa: ANN401 - JSON
    """What is the same in every run."""
    if isinstance(value, list):
        return [_steady(item) for item in value]
    if not isinstance(value, dict):
        return value
    steady = {key: _steady(item) for key, item in value.items() if key != "jsonrpc"}
    if "serverInfo" in steady:
        steady["serverInfo"]["version"] = ""
    if "-" in str(steady.get("id")):
        # The server's own requests have ids by chance.
        steady["id"] = "…"
    if "codeDescription" in steady:
        link = steady["codeDescription"]["href"]
        steady["codeDescription"] = {"href": f"…/{link.rpartition('/')[2]}"}
    if "contents" in steady:
        # Times are of this run.
        steady["contents"]["value"] = steady["contents"]["value"].split("\n\n")[0]
    return steady


def _says(*words: str) -> Callable[[Message], bool]:
    """Diagnostics of just so many messages, each with its words."""

    def right(message: Message) -> bool:
        if message.get("method") != "textDocument/publishDiagnostics":
            return False
        found = message["params"]["diagnostics"]
        return len(found) == len(words) and all(
            word in diagnostic["message"] for word, diagnostic in zip(words, found, strict=True)
        )

    return right


async def session(folder: Path) -> list[str]:
    """The session of `flow.txt` with a server of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server.cli", "lsp"),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        wire = Wire(process, folder)
        (folder / "A.lean").write_text(TEXT)
        await _speak(wire, folder)
        assert await asyncio.wait_for(process.wait(), WITHIN) == 0
        return wire.lines
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _speak(wire: Wire, folder: Path) -> None:
    folders = [{"uri": WORKSPACE, "name": "workspace"}]
    await wire.ask(
        "initialize",
        {"processId": None, "rootUri": WORKSPACE, "workspaceFolders": folders}
        | {"capabilities": CAPABILITIES, "initializationOptions": {"trusted": True}},
    )
    wire.say(method="initialized", params={})
    asked = await wire.hear(lambda m: m.get("method") == "workspace/configuration")
    wire.say(id=asked["id"], result=[{"cpuTarget": 1, "strategies": ["arithmetic"]}])
    item = {**DOCUMENT, "languageId": "lean4", "version": 1, "text": TEXT}
    wire.say(method="textDocument/didOpen", params={"textDocument": item})
    found = await wire.hear(_says("proof found"))
    here = {"textDocument": DOCUMENT, "position": HOLE["start"]}
    await wire.ask("textDocument/hover", here)
    context = {"diagnostics": found["params"]["diagnostics"]}
    params = {"textDocument": DOCUMENT, "range": HOLE, "context": context}
    insert, *_ = await wire.ask("textDocument/codeAction", params)
    resolved = await wire.ask("codeAction/resolve", insert)
    (change,) = resolved["edit"]["documentChanges"]
    (edit,) = change["edits"]
    versioned = {**DOCUMENT, "version": 2}
    changes = [{"range": edit["range"], "text": edit["newText"]}]
    params = {"textDocument": versioned, "contentChanges": changes}
    wire.say(method="textDocument/didChange", params=params)
    (folder / "A.lean").write_text(TEXT.replace("sorry", edit["newText"]))
    wire.say(method="textDocument/didSave", params={"textDocument": DOCUMENT})
    await wire.hear(_says())
    await wire.ask("shutdown", None)
    wire.say(method="exit")


async def test_the_flow_is_as_it_was_written_down(tmp_path: Path) -> None:
    assert await session(tmp_path) == FLOW.read_text("utf-8").splitlines()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        FLOW.write_text("\n".join(asyncio.run(session(Path(scratch)))) + "\n", "utf-8")
