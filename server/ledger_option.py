"""Opening the ledger for commands that only look into it, and the flags that say which.

Making and using it is the engine's business; a command that looks does not make one.
"""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from lean.workspace import Workspace
from search.errors import LedgerError
from search.ledger import Ledger
from search.memory import ledger_path
from server.options import settings_for


def ledger_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `folder` (a place in the workspace) and `ledger` (a path, or None)."""
    command = click.option(
        "--ledger",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="The database (default: .unsorry/ledger.db in the workspace).",
    )(command)
    return click.option(
        "--workspace",
        "folder",
        type=click.Path(path_type=Path, exists=True),
        default=Path(),
        metavar="PATH",
        help="A place in the workspace (default: here).",
    )(command)


def path_of(folder: Path, ledger: Path | None) -> Path:
    """The ledger that is meant. Raises LeanError for a wrong configuration."""
    workspace = Workspace.find(folder)
    flags = {"ledger": str(ledger)} if ledger is not None else {}
    return ledger_path(workspace, settings_for(workspace.root, flags))


@contextlib.contextmanager
def opened(path: Path, create: bool = False) -> Iterator[Ledger]:
    """The ledger at `path`, closed at the end. Raises LedgerError, also when there is none yet
    and it is not to be created.
    """
    if not create and not path.is_file():
        raise LedgerError(
            f"There is no ledger at {path}.", "Run `unsorry bg` or `unsorry prove` first."
        )
    ledger = Ledger.open(path)
    try:
        if ledger.notice:
            click.echo(f"unsorry: {ledger.notice}", err=True)
        yield ledger
    finally:
        ledger.close()
