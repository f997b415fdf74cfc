"""`unsorry bg`: watch a workspace, search its holes in the background, show what is found.

The conversation with the user, and a clean end; the search is `search.engine`, which files are read
is `server.watch`.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.live import Live

from lean.toolchain import Progress
from lean.workspace import Workspace
from search import incidents
from search.engine import Engine
from search.events import Event, IncidentHappened, Status
from search.settings import Settings
from server.bg_view import View
from server.ending import on_signals
from server.event_report import as_json, as_line, status_line
from server.logs import set_up_logging
from server.options import Flags, search_options, settings_for
from server.watch import Watch

USUAL = {"cpu_target": 0.5}
"""Defaults of this command: it runs beside the user's own work."""
REFRESH = 0.25
"""Seconds between two looks at the engine."""
STATUS_EVERY = 5.0
"""Seconds between two status events for programs, when nothing happens."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How long to go on, and how to tell: `duration` in seconds (None: until stopped)."""

    duration: float | None
    once: bool
    events: bool
    log_json: bool


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True), metavar="[PATH]…")
@click.option(
    "--duration", type=click.FloatRange(min=0), metavar="S", help="End after so many seconds."
)
@click.option("--once", is_flag=True, help="End when nothing is left to do.")
@click.option(
    "--events", type=click.Choice(["json"]), help="Print each event as a JSON object, one a line."
)
@click.option(
    "--log-json", is_flag=True, help="Write the log on stderr as JSON, one object a line."
)
@search_options
def bg(
    paths: Sequence[Path],
    duration: float | None,
    once: bool,
    events: str | None,
    log_json: bool,
    flags: Flags,
) -> None:
    """Search the holes of a workspace in the background, and again whenever a file is saved.

    PATH is a folder or a Lean file (default: here); all must belong to one workspace. Unsorry keeps
    to half of the machine unless --cpu-target says otherwise. It ends by Ctrl-C, with --duration,
    or with --once when all is tried; what was found is kept for the next time.
    """
    folders = [path.resolve() for path in paths or (Path(),)]
    roots = {Workspace.find(folder).root for folder in folders}
    if len(roots) > 1:
        listed = ", ".join(sorted(map(str, roots)))
        raise click.UsageError(f"These are several workspaces ({listed}); start one bg for each.")
    workspace = Workspace.at(roots.pop())
    settings = settings_for(workspace.root, flags, USUAL)
    wish = Wish(duration, once, events is not None, log_json)
    asyncio.run(Background(workspace, folders, settings, wish).run())


class Background:
    """One run of `unsorry bg`."""

    def __init__(
        self, workspace: Workspace, folders: Sequence[Path], settings: Settings, wish: Wish
    ) -> None:
        self._workspace = workspace
        self._folders = folders
        self._settings = settings
        self._wish = wish
        self._view = View(f"Unsorry at work in {workspace.root}  (Ctrl-C ends it)")
        console = Console()
        drawn = console.is_terminal and not wish.events
        # Drawn by `_show`, not by a thread of rich.
        self._live = Live(console=console, auto_refresh=False) if drawn else None
        self._paused = ""

    async def run(self) -> None:
        """Work until it is time to end; nothing is left running then.

        Raises LeanError, and OSError when the system can't watch the folders.
        """
        with self._live or contextlib.nullcontext():
            # After the picture has begun: rich then keeps the log's lines above it.
            set_up_logging(self._wish.log_json)
            if self._live is not None and not self._wish.log_json:
                # The picture has the incidents.
                incidents.logger.propagate = False
            work = asyncio.create_task(self._work())
            try:
                with on_signals(work.cancel):
                    await asyncio.wait({work}, timeout=self._wish.duration)
            finally:
                work.cancel()
                await asyncio.wait({work})
        if not work.cancelled():
            work.result()

    async def _work(self) -> None:
        progress = _said_once()
        async with Engine.open(
            self._workspace, self._settings, progress=progress, command="bg", alone=False
        ) as engine:
            for kind, message in engine.memory.early:
                # Told before anybody could listen.
                if kind:
                    self._view.see(IncidentHappened(incidents.Incident.of(kind, message, "open")))
            watch = Watch(engine, self._workspace, self._folders)
            try:
                async with asyncio.TaskGroup() as group:
                    others = [
                        group.create_task(self._tell(engine.events())),
                        group.create_task(self._show(engine, watch)),
                        group.create_task(watch.run()),
                    ]
                    await self._until_done(engine, watch)
                    for task in others:
                        task.cancel()
            except BaseExceptionGroup as errors:
                raise _first(errors) from None
            finally:
                self._last_word(engine.status(), watch)

    async def _until_done(self, engine: Engine, watch: Watch) -> None:
        """Return when it was asked to end by itself and two looks have found nothing to do.

        Between them the last events are told.
        """
        await watch.swept.wait()
        idle = 0
        while True:
            idle = 0 if engine.busy else idle + 1
            if self._wish.once and idle > 1:
                return
            await asyncio.sleep(REFRESH)

    async def _tell(self, events: AsyncIterator[Event]) -> None:
        async for event in events:
            self._view.see(event)
            if self._wish.events:
                click.echo(as_json(event))
            elif self._live is None and (line := self._line(event)):
                click.echo(line)

    def _line(self, event: Event) -> str:
        """For people without a picture: what is found, and that work pauses or goes on."""
        if isinstance(event, IncidentHappened):
            # The log has it, on stderr.
            return ""
        if not isinstance(event, Status):
            return as_line(event)
        before, self._paused = self._paused, event.paused_because
        if self._paused == before:
            return ""
        return f"paused: {self._paused}" if self._paused else "going on"

    async def _show(self, engine: Engine, watch: Watch) -> None:
        while True:
            if self._live is not None:
                self._draw(engine.status(), watch)
            elif self._wish.events:
                click.echo(as_json(engine.status()))
            await asyncio.sleep(STATUS_EVERY if self._live is None else REFRESH)

    def _draw(self, status: Status, watch: Watch) -> None:
        if self._live is not None:
            self._live.update(self._view.picture(status, watch.followed), refresh=True)

    def _last_word(self, status: Status, watch: Watch) -> None:
        if self._live is not None:
            self._draw(status, watch)
        else:
            click.echo(as_json(status) if self._wish.events else status_line(status))


def _said_once() -> Progress:
    """A progress callback that names on stderr what is being done, each thing once."""
    said: set[str] = set()

    def say(what: str, _: float | None) -> None:
        if what not in said:
            said.add(what)
            click.echo(f"{what} …", err=True)

    return say


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error that ended a group of tasks."""
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
