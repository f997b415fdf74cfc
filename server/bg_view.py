"""What `unsorry bg` shows on a terminal while it works: the engine now, and what happened last.

Only the picture; it is drawn anew some times a second, from the status and the events.
"""

from collections import deque

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from search.events import Event, IncidentHappened, ProofFound, Refuted, Status
from server.event_report import as_line

PROOFS_SHOWN = 10
INCIDENTS_SHOWN = 4
METER = 24
"""Characters of the meter of the load."""


class View:
    """The last events, and the picture of them with a status."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._found: deque[str] = deque(maxlen=PROOFS_SHOWN)
        self._incidents: deque[str] = deque(maxlen=INCIDENTS_SHOWN)

    def see(self, event: Event) -> None:
        """Take an event into account."""
        if isinstance(event, ProofFound | Refuted):
            self._found.append(as_line(event))
        elif isinstance(event, IncidentHappened) and event.incident.severity != "low":
            self._incidents.append(as_line(event))

    def picture(self, status: Status, files: int) -> RenderableType:
        """The view now; `files` have holes."""
        table = Table.grid(padding=(0, 2))
        table.add_column(style="dim")
        table.add_column(overflow="fold")
        table.add_row("machine", _meter(status))
        table.add_row("slots", f"{status.light} light, {status.heavy} heavy")
        table.add_row("work", f"{status.running} running, {status.queued} waiting")
        table.add_row("goals", _goals(status, files))
        if status.tickets:
            table.add_row("tickets", f"{status.tickets} open")
        if status.follows:
            table.add_row("waits", Text(f"{status.follows} searches here", style="yellow"))
        if status.paused_because:
            table.add_row("paused", Text(status.paused_because, style="yellow"))
        for name, lines, style in (
            ("found", self._found, "green"),
            ("incidents", self._incidents, "red"),
        ):
            if lines:
                table.add_row(name, Text("\n".join(lines), style=style, overflow="ellipsis"))
        return Group(Text(self._title, style="bold"), table)


def _meter(status: Status) -> str:
    filled = min(METER, round(status.load * METER))
    return f"{'█' * filled}{'░' * (METER - filled)} {status.load:.0%} of {status.target:.0%}"


def _goals(status: Status, files: int) -> str:
    done = status.solved + status.refuted + status.open
    return (
        f"{status.goals} in {files} {'file' if files == 1 else 'files'}: {status.solved} proved, "
        f"{status.refuted} refuted, {status.open} open, {max(0, status.goals - done)} to do"
    )
