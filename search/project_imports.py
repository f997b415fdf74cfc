"""Makes what a text imports from its own project importable, and knows when that has changed.

Compiling is `lean.imports`; here is remembered which modules the sessions have already read,
because a session never reads a module twice.
"""

import asyncio

from lean.errors import ImportFailed
from lean.imports import prepare_imports
from lean.positions import SourceText
from lean.source_header import read_header
from lean.toolchain import Progress, Toolchain
from lean.workspace import Workspace


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
        self._turn = asyncio.Lock()

    async def prepare(self, source: SourceText) -> str:
        """Compile what `source` imports; why that failed, or the empty string.

        Raises ToolchainError when there is no folder to compile to.
        """
        imports = read_header(source.normalized).imports
        if not imports:
            return ""
        async with self._turn:
            try:
                prepared = await prepare_imports(
                    self._workspace, self._toolchain, imports, self._progress
                )
            except ImportFailed as failure:
                return str(failure)
            self._note(dict(prepared.modules))
            self.unproved |= {tainted.name for tainted in prepared.tainted}
        return ""

    def _note(self, modules: dict[str, str]) -> None:
        if any(self._known.get(name, key) != key for name, key in modules.items()):
            self.generation += 1
            # A corrected module may have proved what it had not; the others tell again.
            self.unproved = frozenset()
        self._known |= modules
