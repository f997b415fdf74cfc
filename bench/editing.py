"""An editor without a screen: a real LSP client, with documents that it opens, edits and saves.

For measurements and tests. It speaks to `unsorry lsp` through pygls' own client, applies the edits
that the server offers as an editor does, and keeps what was said.
"""

import asyncio
import contextlib
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.client import LanguageClient
from pygls.protocol import LanguageServerProtocol
from pygls.uris import to_fs_path

from server.editor.buffer import Buffer
from server.lsp_converter import plain_converter

WITHIN = 120.0
"""Seconds to wait for anything; a slow machine with other work needs some."""
ROOT = Path(__file__).parents[1]

Json = dict[str, Any]


class _Protocol(LanguageServerProtocol):
    """lsprotocol takes a code action with a command for a bare command: left as JSON."""

    def get_result_type(  # type: ignore[override]
        self, method: str
    ) -> type[Any] | None:
        return None if method == "textDocument/codeAction" else super().get_result_type(method)


class Editing:
    """One editor window on `folder`. Made by `Editing.open`."""

    def __init__(self, folder: Path, settings: Mapping[str, Any], encoding: str) -> None:
        self.folder = folder
        self.settings: Json = {"cpuTarget": 1.0, **settings}
        self.client = LanguageClient(
            "editing", "1", protocol_cls=_Protocol, converter_factory=plain_converter
        )
        self.buffers: dict[str, Buffer] = {}
        self.diagnostics: dict[str, list[types.Diagnostic]] = {}
        self.goals: dict[str, list[Json]] = {}
        self.status: Json = {}
        self.statuses: list[tuple[float, Json]] = []
        self.tickets: list[Json] = []
        self.messages: list[str] = []
        self.log: list[str] = []
        self.progress: list[Json] = []
        self.tokens: list[int | str] = []
        self.registered: list[str] = []
        self.server: types.InitializeResult | None = None
        self.refreshes = 0
        self._encoding = encoding
        self._changed = asyncio.Event()
        self._listen()

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls,
        folder: Path,
        settings: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
        encodings: Sequence[str] = ("utf-16",),
        change: Callable[[types.ClientCapabilities], object] = lambda capabilities: None,
        environment: Mapping[str, str] | None = None,
    ) -> AsyncIterator["Editing"]:
        """An editor with a server of its own; at the end that is asked to end, and has to."""
        one = cls(folder, settings or {}, encodings[0])
        await one.start(environment or {})
        try:
            await one.initialize(options or {}, encodings, change)
            yield one
            if one.process.returncode is None:
                await one.end()
        finally:
            await one.kill()

    async def start(self, environment: Mapping[str, str]) -> None:
        """Start the server's process."""
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        await self.client.start_io(
            *(sys.executable, "-m", "server.cli", "lsp"),
            env={**os.environ, "PYTHONPATH": path, **environment},
            cwd=self.folder,
        )

    async def initialize(
        self,
        options: Mapping[str, Any],
        encodings: Sequence[str] = ("utf-16",),
        change: Callable[[types.ClientCapabilities], object] = lambda capabilities: None,
    ) -> None:
        """Say who we are."""
        capabilities = _capabilities(encodings)
        change(capabilities)
        folder = types.WorkspaceFolder(self.folder.as_uri(), self.folder.name)
        self.server = await self.client.initialize_async(
            types.InitializeParams(
                capabilities,
                process_id=os.getpid(),
                root_uri=self.folder.as_uri(),
                workspace_folders=[folder],
                initialization_options=dict(options),
            )
        )
        agreed = self.server.capabilities.position_encoding or types.PositionEncodingKind.Utf16
        self._encoding = types.PositionEncodingKind(agreed).value
        self.client.initialized(types.InitializedParams())

    def first_request(self) -> bytes:
        """`initialize` as it goes over the wire, for who wants to time the answer alone."""
        params = types.InitializeParams(
            _capabilities(("utf-16",)), process_id=os.getpid(), root_uri=self.folder.as_uri()
        )
        request = types.InitializeRequest(id="first", params=params)
        body = json.dumps(self.client.protocol._converter.unstructure(request)).encode()
        return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)

    async def end(self) -> int:
        """Ask the server to end; its exit code."""
        await self.client.shutdown_async(None)
        self.client.exit(None)
        process = self.process
        async with asyncio.timeout(WITHIN):
            return await process.wait()

    async def kill(self) -> None:
        """Make sure that it has ended."""
        if self.process.returncode is None:
            self.process.kill()
        with contextlib.suppress(Exception):
            await self.client.stop()  # type: ignore[no-untyped-call]

    @property
    def process(self) -> asyncio.subprocess.Process:
        """The server."""
        process = self.client._server
        assert isinstance(process, asyncio.subprocess.Process)
        return process

    # Documents

    def uri(self, name: str) -> str:
        """The URI of a file of the folder."""
        # As editors do: without "..", and a link is called by its own name.
        return Path(os.path.abspath(self.folder / name)).as_uri()  # noqa: PTH100 - links stay

    def text(self, name: str) -> str:
        """What the document says now."""
        return self.buffers[self.uri(name)].text

    def show(self, name: str, text: str | None = None) -> None:
        """Open a file, which is written first when there is a `text`."""
        path = self.folder / name
        if text is not None:
            path.write_bytes(text.encode())
        said = path.read_bytes().decode()
        self.buffers[self.uri(name)] = Buffer(said, 1, self._encoding)
        item = types.TextDocumentItem(self.uri(name), "lean4", 1, said)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def edit(self, name: str, start: int, end: int, text: str) -> None:
        """Replace [`start`, `end`) of the text, in code points, and tell the server that much."""
        buffer = self.buffers[self.uri(name)]
        change = types.TextDocumentContentChangePartial(buffer.lines.range(start, end), text)
        version = (buffer.version or 0) + 1
        buffer.change([change], version)
        document = types.VersionedTextDocumentIdentifier(version, self.uri(name))
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))

    def replace(self, name: str, old: str, new: str) -> None:
        """Replace the first occurrence of a text."""
        start = self.text(name).index(old)
        self.edit(name, start, start + len(old), new)

    def save(self, name: str) -> None:
        """Write the document to its file, and say so."""
        (self.folder / name).write_bytes(self.text(name).encode())
        document = types.TextDocumentIdentifier(self.uri(name))
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(document))

    def shut(self, name: str) -> None:
        """Close the document."""
        del self.buffers[self.uri(name)]
        document = types.TextDocumentIdentifier(self.uri(name))
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(document))

    # Questions

    async def actions(
        self, name: str, at: str | int, only: Sequence[str] = (), length: int = 0
    ) -> list[Json]:
        """The code actions at the first occurrence of a text, or at an index, or of a range that
        begins there.
        """
        index = self.text(name).index(at) if isinstance(at, str) else at
        place = self.buffers[self.uri(name)].lines.position(index)
        here = self.buffers[self.uri(name)].lines.range(index, index + length)
        context = types.CodeActionContext(
            [d for d in self.diagnostics.get(self.uri(name), []) if _overlap(d.range, place)],
            only=list(only) or None,
        )
        document = types.TextDocumentIdentifier(self.uri(name))
        params = types.CodeActionParams(document, here, context)
        found: list[Json] = await self.client.protocol.send_request_async(
            "textDocument/codeAction", params
        )
        return found

    async def choose(self, action: Json) -> bool:
        """Do what an action says; has it changed anything?"""
        if action.get("command"):
            await self.command(action["command"]["command"], *action["command"]["arguments"])
            return True
        known = self.client.protocol._converter.structure(action, types.CodeAction)
        edit = known.edit or await self.edit_of(action)
        return edit is not None and self.apply(edit)

    async def edit_of(self, action: Json) -> types.WorkspaceEdit | None:
        """The edit of an action that came without one."""
        known = self.client.protocol._converter.structure(action, types.CodeAction)
        return (await self.client.code_action_resolve_async(known)).edit

    def apply(self, edit: types.WorkspaceEdit) -> bool:
        """Make an edit, unless it is for another version of a document; was it made?"""
        changes = list(edit.document_changes or [])
        for change in changes:
            assert isinstance(change, types.TextDocumentEdit)
            buffer = self.buffers.get(change.text_document.uri)
            if buffer is not None and change.text_document.version != buffer.version:
                return False
        for change in changes:
            assert isinstance(change, types.TextDocumentEdit)
            self._make(change.text_document.uri, change.edits)
        for uri, edits in (edit.changes or {}).items():
            self._make(uri, edits)
        return True

    def _make(self, uri: str, edits: Sequence[Any]) -> None:
        path = Path(to_fs_path(uri) or "")
        if uri not in self.buffers:
            # An editor would open it; the effect on the text is the same.
            self.buffers[uri] = Buffer(path.read_text(), None, self._encoding)
        buffer = self.buffers[uri]
        places = [
            (buffer.lines.index(e.range.start), buffer.lines.index(e.range.end), e.new_text)
            for e in edits
        ]
        for start, end, text in sorted(places, reverse=True):
            if buffer.version is None:
                buffer.replace(buffer.text[:start] + text + buffer.text[end:], None)
            else:
                self.edit(os.path.relpath(path, self.folder), start, end, text)

    async def command(self, name: str, *arguments: object) -> Any:  # noqa: ANN401 - JSON
        """Run a command. Raises JsonRpcException."""
        params = types.ExecuteCommandParams(name, list(arguments))
        return await self.client.workspace_execute_command_async(params)

    async def hover(self, name: str, at: str) -> str:
        """The hover at the first occurrence of a text."""
        place = self.buffers[self.uri(name)].lines.position(self.text(name).index(at))
        document = types.TextDocumentIdentifier(self.uri(name))
        found = await self.client.text_document_hover_async(types.HoverParams(document, place))
        if found is None:
            return ""
        assert isinstance(found.contents, types.MarkupContent)
        return found.contents.value

    # Waiting

    async def until(
        self, condition: Callable[[], object], what: str = "", within: float = WITHIN
    ) -> None:
        """Wait for a condition on what the server has said."""
        try:
            async with asyncio.timeout(within):
                while not condition():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            last = {uri: self.diagnostics.get(uri) for uri in self.buffers}
            raise AssertionError(
                f"{what or 'it'} did not happen in {within} s: {self.status} {last} {self.log[-5:]}"
            ) from None

    async def until_said(self, name: str, *words: str) -> None:
        """Wait until each of these stands in a diagnostic of a file."""
        await self.until(
            lambda: all(any(word in said for said in self.said(name)) for word in words),
            f"{words} in {name}",
        )

    def said(self, name: str) -> list[str]:
        """The messages of the diagnostics of a file."""
        return [str(d.message) for d in self.diagnostics.get(self.uri(name), [])]

    def states(self, name: str) -> list[str]:
        """The states of the goals of a file."""
        return [goal["state"] for goal in self.goals.get(self.uri(name), [])]

    def _listen(self) -> None:
        client = self.client

        def told(method: str) -> Callable[[Callable[[Any], Any]], None]:
            def register(handler: Callable[[Any], Any]) -> None:
                async def handle(params: Any) -> Any:  # noqa: ANN401 - of any message
                    answer = handler(params)
                    self._changed.set()
                    return answer

                client.feature(method)(handle)

            return register

        told(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(
            lambda p: self.diagnostics.__setitem__(p.uri, list(p.diagnostics))
        )
        told("unsorry/status")(self._take_status)
        told("unsorry/goals")(
            lambda p: self.goals.update({file["uri"]: file["goals"] for file in p["files"]})
        )
        told("unsorry/tickets")(lambda p: setattr(self, "tickets", p["tickets"]))
        told(types.WINDOW_SHOW_MESSAGE)(lambda p: self.messages.append(p.message))
        told(types.WINDOW_LOG_MESSAGE)(lambda p: self.log.append(p.message))
        told(types.WINDOW_WORK_DONE_PROGRESS_CREATE)(lambda p: self.tokens.append(p.token))
        told(types.PROGRESS)(lambda p: self.progress.append(p.value))
        told(types.WORKSPACE_CODE_LENS_REFRESH)(lambda p: self._refreshed())
        told(types.WORKSPACE_INLAY_HINT_REFRESH)(lambda p: self._refreshed())
        told(types.WORKSPACE_DIAGNOSTIC_REFRESH)(lambda p: self._refreshed())
        told(types.WORKSPACE_CONFIGURATION)(lambda p: [self.settings for _ in p.items])
        told(types.CLIENT_REGISTER_CAPABILITY)(
            lambda p: self.registered.extend(r.method for r in p.registrations)
        )
        told(types.WORKSPACE_APPLY_EDIT)(
            lambda p: types.ApplyWorkspaceEditResult(self.apply(p.edit))
        )

    def _take_status(self, status: Json) -> None:
        self.status = status
        self.statuses.append((time.monotonic(), status))

    def _refreshed(self) -> None:
        self.refreshes += 1


def _overlap(where: types.Range, place: types.Position) -> bool:
    start, end = where.start, where.end
    here = (place.line, place.character)
    return (start.line, start.character) <= here <= (end.line, end.character)


def _capabilities(encodings: Sequence[str]) -> types.ClientCapabilities:
    """What VS Code can do, as far as the server asks."""
    refresh = types.CodeLensWorkspaceClientCapabilities(refresh_support=True)
    return types.ClientCapabilities(
        workspace=types.WorkspaceClientCapabilities(
            apply_edit=True,
            configuration=True,
            workspace_folders=True,
            workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True),
            code_lens=refresh,
            inlay_hint=types.InlayHintWorkspaceClientCapabilities(refresh_support=True),
            diagnostics=types.DiagnosticWorkspaceClientCapabilities(refresh_support=True),
            did_change_configuration=types.DidChangeConfigurationClientCapabilities(
                dynamic_registration=True
            ),
            did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(
                dynamic_registration=True
            ),
        ),
        text_document=types.TextDocumentClientCapabilities(
            publish_diagnostics=types.PublishDiagnosticsClientCapabilities(version_support=True),
            diagnostic=types.DiagnosticClientCapabilities(),
            code_action=types.CodeActionClientCapabilities(
                resolve_support=types.ClientCodeActionResolveOptions(["edit"]),
                is_preferred_support=True,
                data_support=True,
                disabled_support=True,
            ),
        ),
        window=types.WindowClientCapabilities(work_done_progress=True),
        general=types.GeneralClientCapabilities(
            position_encodings=[types.PositionEncodingKind(name) for name in encodings]
        ),
    )
