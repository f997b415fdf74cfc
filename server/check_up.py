"""Whether Unsorry can work in a workspace: one check for each thing it rests on, tried for real.

Nothing of the user's is changed, and nothing is downloaded; what it says to the user is
`server.doctor_command`'s.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Self

from lean.errors import LeanError, WorkspaceError
from lean.source_header import read_header
from lean.toolchain import Progress, find_toolchain, silent
from lean.workspace import Workspace
from search.engine import Engine
from search.events import GoalVerdict
from search.ledger import Ledger
from search.memory import ledger_path
from search.settings import Settings
from search.sketching.chat_settings import ChatSettings
from server.sources import label, lean_files, text_of
from server.toy_goals import TOY_GOALS

SEARCH_SECONDS = 30.0
"""For all toy goals together."""
LEDGER_WITHIN = 5.0
"""Seconds to wait for another program that writes to the ledger."""
MOST_FILES = 2000
"""Whose imports are looked at; enough for a project, and a home folder by mistake is soon done."""
INSTALL_LEAN = (
    "Run `unsorry toolchain install`, or install elan (https://lean-lang.org/install) and run "
    "`lake build`."
)
LOOK_AT_EDITOR = "Run `unsorry lsp --verbose` in a terminal and look at what it says."
LOOK_AT_SEARCH = (
    "Look at `strategies` and `features` in your settings, raise `cpu_target`, or close other "
    "programs and try again."
)

_TRIVIAL = "example : 1 + 1 = 2 := rfl\n"


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one check, in a line; `remedy` is what to do where it failed."""

    name: str
    ok: bool
    said: str
    remedy: str = ""

    def __str__(self) -> str:
        return " ".join(f"{self.said} {self.remedy}".split())


class CheckUp:
    """The checks of one workspace. Made by `CheckUp.open`, whose end leaves nothing running.

    Each check returns its finding and raises nothing. `loads` and `search` need the Lean that
    `toolchain` has started.
    """

    def __init__(
        self,
        workspace: Workspace,
        settings: Settings,
        progress: Progress,
        stack: contextlib.AsyncExitStack,
    ) -> None:
        self._workspace = workspace
        self._settings = settings
        self._progress = progress
        self._stack = stack
        self._engine: Engine | None = None

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls, workspace: Workspace, settings: Settings, progress: Progress = silent
    ) -> AsyncIterator[Self]:
        """A check-up of `workspace` with the user's settings."""
        async with contextlib.AsyncExitStack() as stack:
            yield cls(workspace, settings, progress, stack)

    async def all(self, quick: bool = False) -> AsyncIterator[Finding]:
        """Every check as it is done, up to the first that fails; `quick`: without the search."""
        checks: list[Callable[[], Awaitable[Finding]]] = [
            self.toolchain,
            self.loads,
            self.ledger,
            self.editor,
        ]
        if not quick:
            checks.append(self.search)
        for check in checks:
            finding = await check()
            yield finding
            if not finding.ok:
                return

    async def toolchain(self) -> Finding:
        """Is there a Lean, does it start, and does it elaborate a line?"""

        async def work() -> str:
            began = time.monotonic()
            lean = await find_toolchain(
                self._workspace,
                choice=self._settings.toolchain,
                allow_install=False,
                progress=self._progress,
            )
            engine = self._engine = await self._stack.enter_async_context(
                Engine.open(self._workspace, _alone(self._settings), progress=self._progress)
            )
            document = await engine.confirm("UnsorryDoctor.lean", _TRIVIAL, fresh=False)
            if document.import_error or document.errors:
                said = document.import_error or document.errors[0].text
                raise WorkspaceError(f"{lean.description} refuses `{_TRIVIAL.strip()}`: {said}.")
            seconds = time.monotonic() - began
            return f"{lean.description} answers ({seconds:.1f} s)"

        return await _found("toolchain", work, INSTALL_LEAN)

    async def loads(self) -> Finding:
        """Is what its files import there, and can Lean import it for the file edited last?"""

        async def work() -> str:
            root, engine = self._workspace.root, self._started
            texts = await asyncio.to_thread(_texts, root)
            imports = {file: read_header(text).imports for file, text in texts.items()}
            for file, names in imports.items():
                for name in names:
                    self._require(label(root, file), name)
            newest = next((file for file, names in imports.items() if names), None)
            lines = [f"import {name}\n" for name in imports[newest]] if newest else []
            view = await engine.update("UnsorryDoctor.lean", "".join(lines) + _TRIVIAL)
            problem = view.document.import_error if view else ""
            if problem and newest:
                raise WorkspaceError(f"{label(root, newest)}: {problem}")
            counted = f"{root}: {_counted(len(texts), 'Lean file')}"
            modules = set().union(*imports.values())
            return f"{counted}, {_counted(len(modules), 'module')} imported"

        return await _found("workspace", work, "Run `lake build` in the workspace.")

    async def ledger(self) -> Finding:
        """Can the ledger be opened and written?"""

        async def work() -> str:
            if not self._settings.remember:
                return "nothing is kept (remember = false)"
            path = ledger_path(self._workspace, self._settings)
            return await asyncio.to_thread(_written, path)

        return await _found("ledger", work, "Name another place with the setting `ledger`.")

    async def editor(self) -> Finding:
        """Does the language server answer an editor's first request?"""
        # Imported here: pygls costs more than the other checks.
        from server.editor_answers import first_answer

        async def work() -> str:
            return f"the language server answers `initialize` ({await first_answer():.1f} s)"

        return await _found("editor", work, LOOK_AT_EDITOR)

    async def search(self) -> Finding:
        """Is at least one of the toy goals proved within `SEARCH_SECONDS`?"""

        async def work() -> str:
            began = time.monotonic()
            proved = await self._proved()
            seconds = time.monotonic() - began
            said = f"{proved} of {len(TOY_GOALS)} toy goals proved in {seconds:.1f} s"
            if not proved:
                raise WorkspaceError(f"{said}.")
            return said

        return await _found("search", work, LOOK_AT_SEARCH)

    async def _proved(self) -> int:
        """How many toy goals are proved in time."""
        engine = self._started
        proved = 0
        searches: list[asyncio.Task[GoalVerdict]] = []
        try:
            async with asyncio.timeout(SEARCH_SECONDS):
                view = await engine.update("UnsorryToyGoals.lean", "\n".join(TOY_GOALS))
                goals = view.goals if view else ()
                searches = [asyncio.create_task(engine.prove(goal)) for goal in goals]
                for search in asyncio.as_completed(searches):
                    proved += (await search).kind == "proved"
        except TimeoutError:
            pass  # What was proved in time counts.
        finally:
            for task in searches:
                task.cancel()
            await asyncio.gather(*searches, return_exceptions=True)
        return proved

    @property
    def _started(self) -> Engine:
        if self._engine is None:
            raise WorkspaceError("Lean has not been started.", INSTALL_LEAN)
        return self._engine

    def _require(self, file: str, module: str) -> None:
        """Raises WorkspaceError for an imported module that is nowhere."""
        lean = self._started.toolchain
        if self._workspace.module_file(module) is None and lean.compiled_module(module) is None:
            remedy = f"In a Lake project, run `lake build` in {self._workspace.root}."
            if lean.name == "embedded":
                remedy = (
                    "Install elan (https://lean-lang.org/install) and run `lake build`, or import "
                    "only Lean's own library and files of the workspace."
                )
            raise WorkspaceError(
                f"{file} imports {module}, which {lean.description} doesn't have.", remedy
            )


async def _found(name: str, work: Callable[[], Awaitable[str]], remedy: str) -> Finding:
    """What `work` says, or what went wrong with it; `remedy` serves where the error has none."""
    try:
        return Finding(name, True, await work())
    except LeanError as error:
        return Finding(name, False, error.message, error.remedy or remedy)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return Finding(name, False, f"{where}{error.strerror or error}.", remedy)


def _alone(settings: Settings) -> Settings:
    """The user's settings for a search that keeps nothing, costs nothing and asks nobody."""
    return replace(
        settings,
        automatic=False,
        spare=False,
        remember=False,
        tickets=False,
        chat=ChatSettings(),
    )


def _texts(root: Path) -> dict[Path, str]:
    """The Lean files of a workspace, the one edited last first."""
    files = sorted(islice(lean_files([root]), MOST_FILES), key=_edited, reverse=True)
    texts = {file: text_of(file) for file in files}
    return {file: text for file, text in texts.items() if text is not None}


def _edited(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


def _written(path: Path) -> str:
    """Write to the ledger, and change nothing of what it says. Raises LedgerError."""
    ledger = Ledger.open(path, LEDGER_WITHIN)
    try:
        with ledger.transaction() as database:
            (version,) = database.execute("PRAGMA user_version").fetchone()
            # The same number again: a page is written and reaches the disk.
            database.execute(f"PRAGMA user_version = {version}")
        return f"{path} can be written. {ledger.notice}".strip()
    finally:
        ledger.close()


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
