"""The language server: LSP in, LSP out, over the engine that the command line uses too.

It answers from what `server.editor` knows through one file of `server.features` each; how bytes
come and go is `server.lsp_transport`.
"""

import asyncio
import importlib.metadata
import inspect
import logging
from collections.abc import Awaitable, Callable, Generator
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInternalError, JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, lsp_method
from pygls.uris import to_fs_path

from lean.errors import LeanError
from server.editor.client import SECTION, Client
from server.editor.editor import Editor
from server.editor.options import start_options
from server.editor.project import SETTING_UP
from server.features import actions, commands, diagnostics, hover, lens, shown
from server.lsp_converter import plain_converter

REQUEST_FAILED = -32803
"""LSP's code of a request that was understood and can't be done."""
WATCHED = ("**/*.lean", *(f"**/{name}" for name in SETTING_UP))

Answer = TypeVar("Answer")
logger = logging.getLogger(__name__)


class Protocol(LanguageServerProtocol):
    """pygls' protocol without its own copies of documents, and with an end that ends us cleanly.

    Its documents split lines where LSP does not; `server.editor.buffer` is right.
    """

    _server: "UnsorryServer"

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        """The editor has opened a document."""
        document = params.text_document
        self._server.editor.open(document.uri, document.text, document.version)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        """The editor has changed one."""
        document = params.text_document
        self._server.editor.change(document.uri, list(params.content_changes), document.version)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """The editor has closed one."""
        self._server.editor.shut(params.text_document.uri)

    @lsp_method(types.EXIT)
    def lsp_exit(self, *args: object) -> Generator[Any, Any, None]:
        """The client wants no more of us."""
        self._server.ended.set()
        yield from ()


class UnsorryServer(LanguageServer):
    """One server for one client. `ended` is set when that wants no more of it."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__(
            "unsorry",
            importlib.metadata.version("unsorry"),
            text_document_sync_kind=types.TextDocumentSyncKind.Incremental,
            protocol_cls=Protocol,
            converter_factory=plain_converter,
        )
        self.ended = asyncio.Event()
        self.was_shut_down = False
        self._editor: Editor | None = None
        _register(self)

    @property
    def editor(self) -> Editor:
        """What the client has open. Raises JsonRpcException before `initialize`."""
        if self._editor is None:
            raise JsonRpcException("The server has not been initialized.", code=-32002)
        return self._editor

    def begin(self, params: types.InitializeParams) -> None:
        """The client has said who it is."""
        options = start_options(params.initialization_options)
        editor = Editor(Client(self, params.capabilities), options, shown.Shown())
        folders = [folder.uri for folder in params.workspace_folders or []]
        editor.change_folders(_paths(folders or [params.root_uri or ""]))
        self._editor = editor
        # Pulled diagnostics and pushed ones would be shown twice.
        if editor.pulls:
            self.feature(
                types.TEXT_DOCUMENT_DIAGNOSTIC,
                types.DiagnosticOptions(False, False, identifier=diagnostics.SOURCE),
            )(lambda params: diagnostics.report(editor, params))

    async def close(self) -> None:
        """End every project; no process is left."""
        if self._editor is not None:
            editor, self._editor = self._editor, None
            await editor.close()

    def report_server_error(self, error: Exception, source: Any) -> None:  # noqa: ANN401 - pygls'
        """The log has it; a message for each would bury the user, and could not be sent either."""
        data = error.data if isinstance(error, JsonRpcInternalError) else None
        logger.warning("%s%s", error, "".join(["\n", *data["traceback"]]) if data else "")


def _register(server: UnsorryServer) -> None:
    """Everything that a client can send beyond the documents."""

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        server.begin(params)

    @server.feature(types.INITIALIZED)
    async def initialized(params: types.InitializedParams) -> None:
        editor = server.editor
        editor.start(editor.client.register(_registrations(editor.client)))
        await editor.run()

    @server.feature(types.SHUTDOWN)
    async def shutdown(params: None) -> None:
        server.was_shut_down = True
        await server.close()

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE, types.SaveOptions(include_text=True))
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        server.editor.save(params.text_document.uri, params.text)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def files_changed(params: types.DidChangeWatchedFilesParams) -> None:
        server.editor.changed_on_disk(set(_paths([change.uri for change in params.changes])))

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def configuration_changed(params: types.DidChangeConfigurationParams) -> None:
        await server.editor.configure()

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders_changed(params: types.DidChangeWorkspaceFoldersParams) -> None:
        added = _paths([folder.uri for folder in params.event.added])
        removed = _paths([folder.uri for folder in params.event.removed])
        server.editor.change_folders(added, removed)

    @server.feature("unsorry/trust")
    def trust(params: dict[str, Any]) -> None:
        server.editor.trust(bool(params.get("trusted")) if isinstance(params, dict) else False)

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=actions.KINDS, resolve_provider=True),
    )
    async def code_action(params: types.CodeActionParams) -> list[types.CodeAction]:
        return await actions.code_actions(server.editor, params)

    @server.feature(types.CODE_ACTION_RESOLVE)
    async def resolve(action: types.CodeAction) -> types.CodeAction:
        try:
            return await actions.resolve(server.editor, action)
        except LeanError as error:
            # Editors say nothing when this request fails, and the user has just chosen it.
            server.editor.client.say(str(error), types.MessageType.Warning)
            return action

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hovered(params: types.HoverParams) -> types.Hover | None:
        return await hover.hover(server.editor, params)

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions(resolve_provider=False))
    def code_lens(params: types.CodeLensParams) -> list[types.CodeLens]:
        return lens.code_lenses(server.editor, params)

    @server.feature(types.TEXT_DOCUMENT_INLAY_HINT)
    def inlay_hint(params: types.InlayHintParams) -> list[types.InlayHint]:
        return lens.inlay_hints(server.editor, params)

    @server.feature("unsorry/goals")
    def goals(params: None) -> dict[str, Any]:
        return shown.all_goals(server.editor)

    @server.feature("unsorry/tickets")
    async def tickets(params: None) -> dict[str, Any]:
        return await shown.tickets_of(server.editor)

    for name, work in commands.COMMANDS.items():
        server.command(name)(_command(server, name, work))


def _command(
    server: UnsorryServer, name: str, work: Callable[..., Awaitable[Answer]]
) -> Callable[..., Awaitable[Answer]]:
    """A command of LSP: its arguments are checked by their annotations, its errors explained."""
    wanted = [p.annotation for p in inspect.signature(work).parameters.values()][1:]

    async def run(*arguments: Any) -> Answer:  # noqa: ANN401 - JSON
        if len(arguments) != len(wanted) or not all(map(_is_a, arguments, wanted)):
            names = ", ".join(kind.__name__ for kind in wanted) or "nothing"
            raise JsonRpcInvalidParams(f"{name} takes {names}.")
        try:
            answer = await work(server.editor, *arguments)
        except LeanError as error:
            raise JsonRpcException(str(error), code=REQUEST_FAILED) from error
        if name in commands.SHOWN and not server.editor.shows_texts:
            server.editor.client.say(str(answer))
        return answer

    return run


def _is_a(value: object, kind: type) -> bool:
    """Is a JSON value of this type? A whole number is a number too."""
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)


def _registrations(client: Client) -> list[types.Registration]:
    """What the client is asked to tell."""
    wanted = []
    if client.watches_files:
        watchers = [types.FileSystemWatcher(pattern) for pattern in WATCHED]
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
        wanted.append(types.Registration(method, method, options))
    if client.registers_configuration:
        method = types.WORKSPACE_DID_CHANGE_CONFIGURATION
        wanted.append(types.Registration(method, method, {"section": SECTION}))
    return wanted


def _paths(uris: list[str]) -> list[Path]:
    return [Path(path) for path in map(to_fs_path, uris) if path]
