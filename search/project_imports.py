"""Makes what a text imports from its own project importable, and knows when that has changed.

Compiling is `lean.imports`; here is remembered which modules the sessions have already read,
because a session never reads a module twice. A theorem that rests on an imported `sorry` without
having one itself is found out on a session: the embedded Lean ships no proofs to look into.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from lean.errors import ImportFailed
from lean.imports import prepare_imports
from lean.positions import SourceText
from lean.source_header import read_header
from lean.toolchain import Progress, Toolchain
from lean.workspace import Workspace
from search.desk import Desk

LOOKED_THROUGH = "module:"
"""How the path of a module that is looked through begins."""

AtDesk = Callable[[Callable[[Desk], Awaitable[frozenset[str]]]], Awaitable[frozenset[str]]]
"""Has something done at a desk, before any strategy."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """The project modules behind a text's imports (name, content hash), and why they failed if
    `problem` is not empty.
    """

    modules: tuple[tuple[str, str], ...] = ()
    problem: str = ""


class ProjectImports:
    """The project modules that were imported so far. `generation` counts their changes."""

    def __init__(self, workspace: Workspace, toolchain: Toolchain, progress: Progress) -> None:
        self.generation = 0
        """Sessions of an older generation have read modules that are no longer like that."""
        self.unproved: frozenset[str] = frozenset()
        """Declarations of imported project modules that use `sorry`: nothing may rest on them."""
        self._workspace = workspace
        self._toolchain = toolchain
        self._progress = progress
        self._known: dict[str, str] = {}
        self._tainted: dict[str, frozenset[str]] = {}
        self._looked_through: dict[str, str] = {}
        self._turn = asyncio.Lock()

    async def prepare(self, source: SourceText) -> "Prepared":
        """Compile what `source` imports; `look_through` is to follow before anything is proved.

        Raises ToolchainError when there is no folder to compile to.
        """
        imports = read_header(source.normalized).imports
        if not imports:
            return Prepared()
        async with self._turn:
            try:
                prepared = await prepare_imports(
                    self._workspace, self._toolchain, imports, self._progress
                )
            except ImportFailed as failure:
                return Prepared(problem=str(failure))
            for module, key in prepared.modules:
                names = {tainted.name for tainted in prepared.tainted if tainted.module == module}
                if self._known.get(module) != key or module not in self._tainted:
                    self._tainted[module] = frozenset(names)
            self._note(dict(prepared.modules))
            self._collect()
        return Prepared(prepared.modules)

    async def look_through(self, prepared: Prepared, at_desk: AtDesk) -> None:
        """Find the declarations of the modules that rest on an unproved one of another module.

        Each module is read once while it stays as it is, and only behind one that has a `sorry`.
        Raises SessionDied, ProtocolError.
        """
        suspicious = False
        for module, key in prepared.modules:
            if suspicious and self._looked_through.get(module) != key:
                resting = await at_desk(partial(self._resting, module))
                self._tainted[module] = self._tainted.get(module, frozenset()) | resting
                self._looked_through[module] = key
                self._collect()
            suspicious = suspicious or bool(self._tainted.get(module))

    async def _resting(self, module: str, desk: Desk) -> frozenset[str]:
        """The declarations of a module that rest on what is known to be unproved."""
        file = self._workspace.module_file(module)
        if file is None:
            return frozenset()
        text = await asyncio.to_thread(file.read_text, "utf-8-sig")
        document = await desk.document(f"{LOOKED_THROUGH}{module}", SourceText(text))
        resting = set()
        for command in document.commands:
            for name in command.declarations:
                axioms = await desk.session.axioms(command.after, name)
                if any(axiom.kind == "sorry" or axiom.name in self.unproved for axiom in axioms):
                    resting.add(name)
        desk.forget(document.path)
        return frozenset(resting)

    def _collect(self) -> None:
        # Of all modules: searches of other texts, which import other ones, go on meanwhile.
        self.unproved = frozenset().union(*self._tainted.values())

    def _note(self, modules: dict[str, str]) -> None:
        if any(self._known.get(name, key) != key for name, key in modules.items()):
            self.generation += 1
        self._known |= modules
