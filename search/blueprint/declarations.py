"""Asks Lean which declarations of a workspace there are, and which of them are proved.

Each file is elaborated as it stands, after the project's files that it imports; what rests on a
`sorry` of another file is found whether or not this Lean looks into imported proofs.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lean.document import Command, Document, elaborate
from lean.errors import LeanError, RequestRefused
from lean.pool import Pool
from lean.positions import SourceText
from lean.protocol import Axiom
from lean.session import Session
from lean.source_header import read_header
from lean.toolchain import Progress, find_toolchain, silent
from lean.verify import Policy
from lean.workspace import Workspace
from search.project_imports import ProjectImports
from search.settings import Settings

WITHIN = 600.0
"""Seconds for one file."""
_WORD = re.compile(r"[\w'!?₀-₉]+")
_RESTS = "it rests on a sorry"
_INTERNAL = re.compile(r"(?:_.*|(?:proof|match|eq)_\d+)\Z")
"""Parts of names that Lean makes for what belongs to a declaration."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A declaration as Lean knows it.

    `file` is the label of its file and `line` counts from 1 (empty and 0 for the library's).
    `open` says what it rests on that is not proved, `statement_open` what its statement does (of a
    definition that is all of it); both are empty when it is done.
    """

    name: str
    file: str = ""
    line: int = 0
    open: str = ""
    statement_open: str = ""


@dataclass(slots=True)
class Declarations:
    """What was asked for, by name; `unread` says of files that Lean could not read why not."""

    found: dict[str, Declared] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Is a name that is not among them no declaration?"""
        return not self.unread


async def read_declarations(
    workspace: Workspace,
    settings: Settings,
    files: Iterable[Path],
    names: Sequence[str],
    progress: Progress = silent,
    reading: Callable[[str], None] = lambda file: None,
) -> Declarations:
    """The declarations `names`, looked for in `files` and in what they import.

    Files in which none of the names may stand are left out as long as nothing is missing.
    `progress` hears of what is installed and compiled, `reading` of each file. Raises
    ToolchainError.
    """
    toolchain = await find_toolchain(workspace, choice=settings.toolchain, progress=progress)
    async with Pool.open(workspace, toolchain, 1, False, settings.memory_ceiling) as pool:
        imports = ProjectImports(workspace, toolchain, progress)
        reader = _Reader(workspace, pool, imports, settings.policy, frozenset(names), reading)
        texts = {path: text for path in files if (text := reader.text(path)) is not None}
        likely = {name.rsplit(".", 1)[-1] for name in names}
        first = [path for path, text in texts.items() if likely.intersection(_WORD.findall(text))]
        for path in dict.fromkeys([*first, *texts]):
            if path in first or reader.missing:
                await reader.read(path)
        return reader.declarations


class _Reader:
    def __init__(
        self,
        workspace: Workspace,
        pool: Pool,
        imports: ProjectImports,
        policy: Policy,
        names: frozenset[str],
        reading: Callable[[str], None],
    ) -> None:
        self.declarations = Declarations()
        self._workspace = workspace
        self._pool = pool
        self._imports = imports
        self._policy = policy
        self._names = names
        self._reading = reading
        self._open: dict[str, str] = {}
        """What is not proved of all that was read, with the reason."""
        self._read: set[Path] = set()

    @property
    def missing(self) -> bool:
        """Is there a name that was not found yet?"""
        return not self._names.issubset(self.declarations.found)

    def text(self, path: Path) -> str | None:
        """The text of a file; None, and noted, when it can't be read."""
        try:
            return path.read_bytes().decode()
        except (OSError, UnicodeDecodeError) as error:
            self.declarations.unread[self._label(path)] = str(error)
            return None

    async def read(self, path: Path) -> None:
        """Read a file, after those of the project that it imports."""
        text = self.text(path) if self._is_new(path) else None
        if text is None:
            return
        source = SourceText(text)
        for module in read_header(source.normalized).imports:
            file = self._workspace.module_file(module)
            if file is not None:
                await self.read(file)
        self._reading(self._label(path))
        try:
            problem = await self._on_a_session(path, source)
        except LeanError as error:
            problem = str(error)
        if problem:
            self.declarations.unread[self._label(path)] = problem

    def _is_new(self, path: Path) -> bool:
        """Was the file not read before? From now on it was."""
        whole = path.resolve()
        new = whole not in self._read
        self._read.add(whole)
        return new

    async def _on_a_session(self, path: Path, source: SourceText) -> str:
        """Ask about everything in a file; why it could not be read, or the empty string."""
        prepared = await self._imports.prepare(source)
        if prepared.problem:
            return prepared.problem
        async with self._pool.lease() as session:
            document = await elaborate(session, source, path=self._label(path), seconds=WITHIN)
            if document.import_error or document.interrupted:
                return document.import_error or f"it took longer than {WITHIN:.0f} s"
            await self._ask(session, document)
            session.discard(
                [command.after for command in document.commands],
                [hole.proof for command in document.commands for hole in command.reports],
            )
        return ""

    async def _ask(self, session: Session, document: Document) -> None:
        last = document.commands[-1].after if document.commands else document.state
        theorems = {
            row[0]: row[2]
            async for batch in session.theorems(last, modules=[""])
            for row in batch.rows
        }
        known: dict[str, str] = {}
        for command in document.commands:
            for name in command.declarations:
                axioms = await _axioms(session, command.after, name)
                if axioms is None:
                    continue
                reason = self._reason(axioms)
                if reason == _RESTS:
                    reason = _own_reason(command, name)
                if reason:
                    self._open[name] = reason
                if name not in self._names or name in self.declarations.found:
                    continue
                line = document.source.data.count(b"\n", 0, command.start) + 1
                stated = "" if any(axiom.name == name for axiom in axioms) else reason
                if name in theorems:
                    stated = await self._of_symbols(session, last, theorems[name], known)
                self.declarations.found[name] = Declared(name, document.path, line, reason, stated)
        for name in self._names.difference(self.declarations.found):
            await self._in_library(session, last, name)

    async def _of_symbols(
        self, session: Session, state: int, symbols: Collection[str], known: dict[str, str]
    ) -> str:
        """What the constants of a statement rest on that is not proved."""
        for symbol in symbols:
            if symbol not in known:
                # It may be a definition of another file, which Lean looks into.
                axioms = await _axioms(session, state, symbol) or ()
                known[symbol] = self._open.get(symbol) or self._reason(axioms)
            if known[symbol]:
                return known[symbol]
        return ""

    async def _in_library(self, session: Session, state: int, name: str) -> None:
        """Is it a declaration of what the file imports?"""
        axioms = await _axioms(session, state, name)
        if axioms is not None:
            reason = self._reason(axioms)
            self.declarations.found[name] = Declared(name, open=reason, statement_open=reason)

    def _reason(self, axioms: Sequence[Axiom]) -> str:
        """What a declaration with these axioms rests on that is not proved."""
        for axiom in axioms:
            if axiom.kind == "sorry":
                return _RESTS
            owner = self._unproved_owner(axiom.name)
            if axiom.kind == "other" and axiom.name not in self._policy.allowed_axioms:
                return f"it rests on the axiom {axiom.name}"
            if owner:
                return f"it rests on {owner}, which is not proved"
            if axiom.kind == "compiler" and not self._policy.allow_compiler:
                return f"it trusts the compiler ({axiom.name})"
        return ""

    def _unproved_owner(self, name: str) -> str:
        """The declaration of an earlier file that a constant belongs to, if that is not proved.

        Of a file with a `module` header, a native Lean imports theorems without their proofs.
        """
        owner = name
        while owner not in self._open:
            owner, _, last = owner.rpartition(".")
            if not owner or not _INTERNAL.match(last):
                return ""
        return owner

    def _label(self, path: Path) -> str:
        whole = path.resolve()
        root = self._workspace.root
        return whole.relative_to(root).as_posix() if whole.is_relative_to(root) else str(whole)


async def _axioms(session: Session, state: int, name: str) -> Sequence[Axiom] | None:
    """What a declaration rests on; None when there is none of that name. Raises SessionDied."""
    try:
        return await session.axioms(state, name)
    except RequestRefused:
        return None


def _own_reason(command: Command, name: str) -> str:
    """Why what a command declares rests on a `sorry`; Lean puts one where there is an error."""
    if any(hole.declaration == name for hole in command.reports):
        return "it has a sorry"
    if any(message.severity == "error" for message in command.messages):
        return "it has an error"
    return _RESTS
