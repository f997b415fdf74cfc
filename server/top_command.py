"""`unsorry top`: what is searched and found in a workspace, live in a terminal.

It reads what the dashboard reads, without a web server; the picture is `server.top_view`.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import click
from rich.console import Console
from rich.live import Live

from lean.workspace import Workspace
from server.dashboard.figures import Overview
from server.dashboard.reading import Reading
from server.dashboard.watching import Watching, watched
from server.ending import on_signals
from server.ledger_option import ledger_options, opened, path_of
from server.top_view import picture

BEAT = 1.0
"""Seconds between two pictures when nothing changes: the clocks of what runs go on."""


@click.command()
@click.option("--once", is_flag=True, help="Show it once, and end.")
@ledger_options
def top(once: bool, folder: Path, ledger: Path | None) -> None:
    """Show in the terminal what is searched and found in a workspace, live. Ctrl-C ends it.

    Where the output is no terminal, it is shown once.
    """
    path = path_of(folder, ledger)
    with opened(path):
        # A damaged or newer ledger is told of here, once.
        pass
    console = Console()
    root = Workspace.find(folder).root
    asyncio.run(_show(path, root, console, once or not console.is_terminal))


async def _show(path: Path, folder: Path, console: Console, once: bool) -> None:
    async with Reading.open(path, folder) as reading:
        if once:
            console.print(picture(await reading.overview()))
            return
        async with watched(reading) as watching:
            showing = asyncio.create_task(_live(watching, console))
            with on_signals(showing.cancel):
                await asyncio.wait({showing})
            if not showing.cancelled():
                showing.result()


async def _live(watching: Watching, console: Console) -> None:
    # The whole screen, given back at the end; drawn by us, not by a thread of rich.
    with Live(console=console, screen=True, auto_refresh=False) as live:
        shown: Overview | None = None
        async for overview in _beats(watching.stream()):
            shown = overview or shown
            if shown is not None:
                height = console.size.height
                live.update(picture(shown, watching.problem, height), refresh=True)


async def _beats(stream: AsyncIterator[Overview | None]) -> AsyncIterator[Overview | None]:
    """What the stream yields, and None whenever it is silent for a beat."""
    coming = asyncio.ensure_future(anext(stream))
    try:
        while True:
            done, _ = await asyncio.wait({coming}, timeout=BEAT)
            if not done:
                yield None
                continue
            try:
                yield coming.result()
            except StopAsyncIteration:
                return
            coming = asyncio.ensure_future(anext(stream))
    finally:
        coming.cancel()
