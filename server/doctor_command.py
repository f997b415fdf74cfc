"""`unsorry doctor`: does everything work that Unsorry rests on, and if not, what is to be done?

Only the conversation with the user; the checks are `server.check_up`.
"""

import asyncio
from dataclasses import replace
from pathlib import Path

import click

from lean.errors import WorkspaceError
from lean.workspace import Workspace
from search.settings import Settings
from server.check_up import CheckUp, Finding
from server.ledger_option import ledger_options
from server.options import settings_for

EXIT_FAILED = 1
EXIT_UNUSABLE = 3
UNUSABLE = ("toolchain", "workspace")
"""The checks without which nothing can be searched at all."""

_WIDTH = len("toolchain")


@click.command()
@click.option("--quick", is_flag=True, help="Without the search.")
@ledger_options
def doctor(quick: bool, folder: Path, ledger: Path | None) -> int:
    """Try whether everything works here, up to the first thing that does not.

    A line each: Lean starts, it can import what the workspace's files import, the ledger can be
    written, the language server answers an editor, and a search of at most 30 seconds proves at
    least one of ten toy goals. For what failed the line says what to do. Nothing is downloaded, and
    no file of yours is changed.

    Exit code 0 when all is well, 3 when Lean or the workspace can't be used, 1 when something else
    failed, 2 for a wrong flag or setting.
    """
    try:
        workspace = Workspace.find(folder)
    except WorkspaceError as error:
        remedy = error.remedy or "Correct that file."
        click.echo(line_of(Finding("workspace", False, error.message, remedy)))
        return EXIT_UNUSABLE
    flags = {"ledger": str(ledger)} if ledger is not None else {}
    settings = settings_for(workspace.root, flags)
    if quick:
        settings = replace(settings, sessions=1)
    return asyncio.run(_examine(workspace, settings, quick))


async def _examine(workspace: Workspace, settings: Settings, quick: bool) -> int:
    last = None
    async with CheckUp.open(workspace, settings, _say) as check_up:
        async for last in check_up.all(quick):
            click.echo(line_of(last))
    if last is None or last.ok:
        return 0
    return EXIT_UNUSABLE if last.name in UNUSABLE else EXIT_FAILED


def line_of(finding: Finding) -> str:
    """The finding as it is shown."""
    return f"{'ok' if finding.ok else 'failed':<8}{finding.name:<{_WIDTH}}  {finding}"


def _say(what: str, fraction: float | None) -> None:
    if fraction is None:
        click.echo(f"{what} …", err=True)
