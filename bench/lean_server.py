"""Lean's own language server for one file, to be measured beside ours.

It is the worker that the editor's Lean extension talks to, of the same embedded Lean, on the same
machine; only what a measurement needs is spoken.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from lean.toolchain import find_toolchain
from lean.workspace import Workspace


class LeanServerEnded(Exception):
    """It has ended by itself: this build of Lean runs out of memory after some edits."""


class LeanServer:
    """`lean --worker` with one open document. Every method may raise LeanServerEnded."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin and process.stdout
        self._process = process
        self._input = process.stdin
        self._output = process.stdout
        self._id = 0
        self._version = 1

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, text: str) -> AsyncIterator["LeanServer"]:
        """The server, when it has read `text` and said what it has to say."""
        workspace = Workspace.at(Path(__file__).parent / "projects")
        toolchain = await find_toolchain(workspace, choice="embedded")
        launch = toolchain.lean_command(workspace.root / "Logic.lean", workspace=workspace)
        process = await asyncio.create_subprocess_exec(
            *(*launch.argv[:-1], "--worker"),
            cwd=launch.cwd,
            env=dict(launch.environment),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            one = cls(process)
            await one._begin(text)
            yield one
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def edit(self, text: str) -> None:
        """Change the document to `text`; returns when every diagnostic of that has come."""
        self._version += 1
        self._send(
            "textDocument/didChange",
            {
                "textDocument": {"uri": self.uri, "version": self._version},
                "contentChanges": [{"text": text}],
            },
        )
        await self._ask("textDocument/waitForDiagnostics", self._awaited())

    uri = "file:///workspace/Measured.lean"

    async def _begin(self, text: str) -> None:
        self._id += 1
        capabilities = {"textDocument": {}, "lean": {"silentDiagnosticSupport": False}}
        self._send(
            "initialize",
            {"processId": None, "rootUri": None, "capabilities": capabilities},
            self._id,
        )
        document = {"uri": self.uri, "languageId": "lean4", "version": 1, "text": text}
        self._send("textDocument/didOpen", {"textDocument": document})
        await self._ask("textDocument/waitForDiagnostics", self._awaited())

    def _awaited(self) -> dict[str, Any]:
        return {"uri": self.uri, "version": self._version}

    async def _ask(self, method: str, params: dict[str, Any]) -> None:
        self._id += 1
        self._send(method, params, self._id)
        while (await self._receive()).get("id") != self._id:
            pass

    def _send(self, method: str, params: dict[str, Any], number: int | None = None) -> None:
        message: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "params": params}
        if number is not None:
            message["id"] = number
        body = json.dumps(message).encode()
        self._input.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    async def _receive(self) -> dict[str, Any]:
        length = 0
        while (line := (await self._output.readline()).strip()) or not length:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
            elif self._output.at_eof():
                raise LeanServerEnded
        said: dict[str, Any] = json.loads(await self._output.readexactly(length))
        return said
