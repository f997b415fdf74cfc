"""Makes what a text imports from its own project importable, and knows when that has changed.

Compiling is `lean.imports`; here is remembered which modules the sessions have already read,
because a session never reads a module twice.
"""

import asyncio
from dataclasses import dataclass

from lean.errors import ImportFailed
from lean.imports import prepare_imports
from lean.positions import SourceText
from lean.source_header import read_header
from lean.toolchain import Progress, Toolchain
from lean.workspace import Workspace


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
        self._turn = asyncio.Lock()

    async def prepare(self, source: SourceText) -> "Prepared":
        """Compile what `source` imports.

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
            self._note(dict(prepared.modules))
            for module, _ in prepared.modules:
                names = {tainted.name for tainted in prepared.tainted if tainted.module == module}
                self._tainted[module] = frozenset(names)
            # Of all modules: searches of other texts, which import other ones, go on meanwhile.
            self.unproved = frozenset().union(*self._tainted.values())
        return Prepared(prepared.modules)

    def _note(self, modules: dict[str, str]) -> None:
        if any(self._known.get(name, key) != key for name, key in modules.items()):
            self.generation += 1
        self._known |= modules
