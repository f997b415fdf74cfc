"""`unsorry why GOAL`: what the ledger knows of a goal, how hard it looks, and what comes next.

It asks the policy and the difficulty that the engine would ask, on what the ledger holds now; no
Lean runs.
"""

import asyncio
from pathlib import Path

import click

from lean.errors import WorkspaceError
from lean.workspace import Workspace
from search.arms import default_arms
from search.ledger import Ledger
from search.memory import Memory, ledger_path
from search.records import GoalRecord
from search.settings import Settings
from server.explanation import explanation
from server.ledger_option import opened
from server.options import Flags, search_options, settings_for
from server.sources import label
from server.why_report import Explanation, as_text


@click.command()
@click.argument("goal")
@search_options
def why(goal: str, flags: Flags) -> None:
    """Explain what is tried next on GOAL, and why.

    GOAL is FILE:LINE, or the beginning of a goal's key (`unsorry bg --events json` prints them).
    """
    file, line = _file_line(goal)
    workspace = Workspace.find(file.absolute().parent if file else Path())
    settings = settings_for(workspace.root, flags)
    with opened(ledger_path(workspace, settings)) as ledger:
        if file is None:
            record = _by_key(ledger, goal)
        else:
            record = _by_place(ledger, label(workspace.root, file), line)
    click.echo(as_text(asyncio.run(_explained(workspace, settings, record))))


def _file_line(goal: str) -> tuple[Path | None, int]:
    """FILE:LINE (a column after it is passed over), or None for something else."""
    parts = goal.split(":")
    numbers = [part for part in parts[1:] if part.isdigit()]
    if len(parts) > 1 and len(numbers) == len(parts) - 1:
        return Path(parts[0]), int(numbers[0])
    return None, 0


def _by_key(ledger: Ledger, key: str) -> GoalRecord:
    record = ledger.goal(key)
    if record is None:
        raise WorkspaceError(
            f"No goal's key, or more than one, begins with {key}.",
            "Give more of it, or FILE:LINE.",
        )
    return record


def _by_place(ledger: Ledger, file: str, line: int) -> GoalRecord:
    """The first goal on a line of a file; of those at one place, the one seen last."""
    places = {
        (at, column): record
        for record in reversed(ledger.goals(file=file))
        for name, _, at, column in ledger.places(record.key)
        if name == file
    }
    here = sorted(place for place in places if place[0] == line)
    if here:
        return places[here[0]]
    lines = ", ".join(str(at) for at in sorted({at for at, _ in places}))
    raise WorkspaceError(
        f"The ledger knows no goal at {file}:{line}.",
        f"It knows some at lines {lines}."
        if lines
        else "Run `unsorry bg` or `unsorry prove` first.",
    )


async def _explained(workspace: Workspace, settings: Settings, goal: GoalRecord) -> Explanation:
    arms = [arm for arm in default_arms() if settings.wants(arm.name)]
    async with Memory.open(workspace, settings, arms, "why") as memory:
        return await explanation(memory, arms, settings, goal)
