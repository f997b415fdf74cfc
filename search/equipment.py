"""What an engine works with: the parts that are opened before it, and closed after it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from lean.pool import Pool
from lean.toolchain import Progress, Toolchain, find_toolchain
from lean.workspace import Workspace
from search.arms import Arm
from search.blueprint.importance import importance
from search.drafting.draft import Drafter
from search.leadership import Leadership
from search.ledger import Ledger
from search.lineup import Lineup, line_up
from search.memory import Memory, ledger_path
from search.project_imports import ProjectImports
from search.resources import Resources
from search.scheduler import Scheduler
from search.settings import Settings


@dataclass(frozen=True, slots=True)
class Equipment:
    """The parts, all of one workspace and one toolchain."""

    workspace: Workspace
    settings: Settings
    command: str
    toolchain: Toolchain
    pool: Pool
    imports: ProjectImports
    scheduler: Scheduler
    memory: Memory
    leadership: Leadership
    resources: Resources
    lineup: Lineup


@contextlib.asynccontextmanager
async def equipped(
    workspace: Workspace,
    settings: Settings,
    arms: Sequence[Arm] | None,
    drafters: Sequence[Drafter] | None,
    progress: Progress,
    command: str,
    alone: bool,
) -> AsyncIterator[Equipment]:
    """All parts, as `Engine.open` describes them. Raises ToolchainError, LedgerError."""
    toolchain = await find_toolchain(workspace, choice=settings.toolchain, progress=progress)
    async with contextlib.AsyncExitStack() as stack:
        resources = await stack.enter_async_context(
            Resources.open(workspace, toolchain, settings.models, settings.chat)
        )
        resources.library.patient = settings.repeatable
        lineup = line_up(workspace, settings, resources, arms, drafters)
        memory = await stack.enter_async_context(
            Memory.open(workspace, settings, lineup.arms, command, resources.proved)
        )
        resources.used(await memory.ledger.do(Ledger.premise_hits))
        size, ceiling = settings.sessions, settings.memory_ceiling
        opening = Pool.open(
            workspace, toolchain, size, settings.spare, ceiling, settings.repeatable
        )
        pool = await stack.enter_async_context(opening)
        scheduler = Scheduler(lineup.arms, memory.policy, settings)
        scheduler.criticality.plan(await asyncio.to_thread(importance, workspace.root))
        shared = None if alone or not settings.remember else ledger_path(workspace, settings)
        leadership = Leadership(shared, command)
        stack.callback(leadership.release)
        leadership.seek()
        yield Equipment(
            workspace=workspace,
            settings=settings,
            command=command,
            toolchain=toolchain,
            pool=pool,
            imports=ProjectImports(workspace, toolchain, progress),
            scheduler=scheduler,
            memory=memory,
            leadership=leadership,
            resources=resources,
            lineup=lineup,
        )
