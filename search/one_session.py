"""One session for one piece of work outside of any search, with a text's imports made importable.

For commands that ask Lean a few questions and end; everything that searches uses `search.engine`.
"""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from lean.errors import ImportFailed
from lean.pool import Pool
from lean.positions import SourceText
from lean.session import Session
from lean.toolchain import Progress, find_toolchain, silent
from lean.workspace import Workspace
from search.project_imports import ProjectImports
from search.settings import Settings


@dataclass(frozen=True, slots=True)
class OneSession:
    """The session, and the imported declarations of the project that nothing may rest on."""

    session: Session
    unproved: frozenset[str]


@contextlib.asynccontextmanager
async def one_session(
    workspace: Workspace, settings: Settings, text: str, progress: Progress = silent
) -> AsyncIterator[OneSession]:
    """A session on which `text` can be elaborated; it ends with the block.

    Raises ToolchainError, SessionDied, and ImportFailed when its imports can't be made importable.
    """
    toolchain = await find_toolchain(workspace, choice=settings.toolchain, progress=progress)
    imports = ProjectImports(workspace, toolchain, progress)
    prepared = await imports.prepare(SourceText(text))
    if prepared.problem:
        raise ImportFailed(prepared.problem)
    async with (
        Pool.open(workspace, toolchain, 1, False, settings.memory_ceiling) as pool,
        pool.lease() as session,
    ):
        yield OneSession(session, imports.unproved)
