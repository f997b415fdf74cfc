"""`unsorry dashboard`: a web page on this machine about what is searched and found here.

It reads the ledger and searches nothing; the page is `server.dashboard`.
"""

import asyncio
import webbrowser
from pathlib import Path

import click

from lean.errors import ToolchainError
from lean.workspace import Workspace
from server.ledger_option import ledger_options, opened, path_of


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Where it listens on 127.0.0.1; 0: any free port.",
)
@click.option("--open", "browse", is_flag=True, help="Open it in the browser.")
@ledger_options
def dashboard(port: int, browse: bool, folder: Path, ledger: Path | None) -> None:
    """Show in a browser what is searched and found in a workspace, live.

    It prints the address to open; the token in it is needed to claim, release or withdraw tickets.
    Only this machine can reach it. Ctrl-C ends it.
    """
    try:
        from server.dashboard.serving import serve
    except ModuleNotFoundError as error:
        raise ToolchainError(
            f"The dashboard needs the package {error.name}.",
            "Run: pip install 'unsorry[dashboard]'",
        ) from error
    path = path_of(folder, ledger)
    with opened(path):
        # A damaged or newer ledger is told of here, once.
        pass

    def told(address: str) -> None:
        click.echo(f"Dashboard: {address}  (Ctrl-C ends it)")
        if browse:
            webbrowser.open(address)

    asyncio.run(serve(path, Workspace.find(folder).root, port, told))
