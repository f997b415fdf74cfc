"""The editor's side of the conversation: what it can do, and everything that is sent to it.

Only here is written to the client; it is always done from the event loop.
"""

import asyncio
import contextlib
import logging
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer

SECTION = "unsorry"
LATE = 1.0
"""Seconds after which work that has not ended shows its progress."""

logger = logging.getLogger(__name__)


class Client:
    """The editor at the other end of `server`, once it has said `initialize`."""

    def __init__(self, server: "LanguageServer", capabilities: types.ClientCapabilities) -> None:
        self._server = server
        self._text = capabilities.text_document or types.TextDocumentClientCapabilities()
        self._workspace = capabilities.workspace or types.WorkspaceClientCapabilities()
        self._window = capabilities.window or types.WindowClientCapabilities()

    # What it can do

    @property
    def encoding(self) -> str:
        """The position encoding that was agreed on."""
        encoding = self._server.workspace.position_encoding or types.PositionEncodingKind.Utf16
        return types.PositionEncodingKind(encoding).value

    @property
    def only_pulls(self) -> bool:
        """Does it ask for diagnostics, and take none that are pushed?"""
        return self._text.diagnostic is not None and self._text.publish_diagnostics is None

    @property
    def resolves_edits(self) -> bool:
        """Can it ask for the edit of a code action when that is chosen?"""
        actions = self._text.code_action
        support = actions.resolve_support if actions else None
        return support is not None and "edit" in support.properties

    @property
    def watches_files(self) -> bool:
        """Can it be asked to tell which files change?"""
        watching = self._workspace.did_change_watched_files
        return bool(watching and watching.dynamic_registration)

    @property
    def registers_configuration(self) -> bool:
        """Can it be asked to tell that settings change?"""
        changes = self._workspace.did_change_configuration
        return bool(changes and changes.dynamic_registration)

    @property
    def has_versions(self) -> bool:
        """Does it take edits for a certain version of a document?"""
        edits = self._workspace.workspace_edit
        return bool(edits and edits.document_changes)

    # What is sent

    def publish(
        self, uri: str, version: int | None, diagnostics: Sequence[types.Diagnostic]
    ) -> None:
        """All diagnostics of a document."""
        self._server.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri, list(diagnostics), version)
        )

    def notify(self, method: str, params: dict[str, Any]) -> None:
        """A notification of our own."""
        self._server.protocol.notify(method, params)

    def say(self, message: str, kind: types.MessageType = types.MessageType.Info) -> None:
        """Something the user shall see."""
        self._server.window_show_message(types.ShowMessageParams(kind, message))

    def log(self, message: str, kind: types.MessageType = types.MessageType.Info) -> None:
        """A line for the log."""
        self._server.window_log_message(types.LogMessageParams(kind, message))

    def refresh(self) -> None:
        """What is shown beside the text has changed."""
        workspace, server = self._workspace, self._server
        if workspace.code_lens and workspace.code_lens.refresh_support:
            server.workspace_code_lens_refresh(None)
        if workspace.inlay_hint and workspace.inlay_hint.refresh_support:
            server.workspace_inlay_hint_refresh(None)

    def refresh_diagnostics(self) -> None:
        """Diagnostics have changed, for a client that pulls them."""
        diagnostics = self._workspace.diagnostics
        if diagnostics and diagnostics.refresh_support:
            self._server.workspace_diagnostic_refresh(None)

    async def apply(self, edit: types.WorkspaceEdit, label: str) -> bool:
        """Have the editor make an edit; has it?"""
        answer = await self._server.workspace_apply_edit_async(
            types.ApplyWorkspaceEditParams(edit, label)
        )
        return answer.applied

    async def configuration(self) -> object:
        """The settings of our section; None when the client has none to give."""
        if not self._workspace.configuration:
            return None
        items = [types.ConfigurationItem(section=SECTION)]
        try:
            answers = await self._server.workspace_configuration_async(
                types.ConfigurationParams(items)
            )
        except JsonRpcException as error:
            logger.warning("the editor does not tell its settings: %s", error)
            return None
        return answers[0] if answers else None

    async def register(self, registrations: Sequence[types.Registration]) -> None:
        """Ask to be told more."""
        if not registrations:
            return
        try:
            await self._server.client_register_capability_async(
                types.RegistrationParams(list(registrations))
            )
        except JsonRpcException as error:
            logger.warning("the editor does not tell of changes: %s", error)

    @contextlib.asynccontextmanager
    async def progress(
        self, title: str, cancel: Callable[[], object]
    ) -> AsyncIterator[Callable[[str, float | None], None]]:
        """Shows that something is being done, if it takes long; yields what tells how far it is.

        `cancel` is called when the user has had enough.
        """
        bar = _Bar(self._server, title, cancel)
        begin = asyncio.create_task(bar.begin()) if self._window.work_done_progress else None
        try:
            yield bar.report
        finally:
            if begin is not None:
                begin.cancel()
                await asyncio.wait({begin})
            bar.end()


class _Bar:
    """One progress bar of the editor, which appears when the work is late."""

    def __init__(self, server: "LanguageServer", title: str, cancel: Callable[[], object]) -> None:
        self._progress = server.work_done_progress
        self._title = title
        self._cancel = cancel
        self._token = f"unsorry/{uuid.uuid4().hex}"
        self._shown = False
        self._said: tuple[str, int | None] = ("", None)

    async def begin(self) -> None:
        await asyncio.sleep(LATE)
        try:
            await self._progress.create_async(self._token)
        except JsonRpcException:
            return
        self._shown = True
        said, percent = self._said
        begin = types.WorkDoneProgressBegin(
            self._title, cancellable=True, message=said or None, percentage=percent
        )
        self._progress.begin(self._token, begin)
        self._progress.tokens[self._token].add_done_callback(
            lambda token: self._cancel() if token.cancelled() else None
        )

    def report(self, what: str, fraction: float | None) -> None:
        percent = None if fraction is None else round(100 * fraction)
        if (what, percent) == self._said:
            return
        self._said = (what, percent)
        if self._shown:
            report = types.WorkDoneProgressReport(message=what, percentage=percent)
            self._progress.report(self._token, report)

    def end(self) -> None:
        if self._shown:
            self._progress.end(self._token, types.WorkDoneProgressEnd())
        # pygls keeps tokens for ever.
        self._progress.tokens.pop(self._token, None)
