"""The picture of `unsorry top`: searches, what they try now, figures, strategies, the last finds.

Drawing only; the values are `server.dashboard.figures`.
"""

import time
from collections.abc import Mapping

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from search.ledger_activity import Find
from server.dashboard.figures import Overview, Searching

METER = 24
"""Characters of the meter of the load."""
FIXED_LINES = 16
"""Lines that are neither strategies, nor what is running, nor finds."""
NUMBERS = frozenset({"seconds", "attempts", "successes", "mean seconds"})
"""Names of columns with numbers."""
COMMANDS = {"lsp": "editor", "bg": "unsorry bg"}
STATUS_STYLES = {"proved": "green", "refuted": "magenta", "open": "yellow", "skipped": "dim"}


def picture(overview: Overview, problem: str = "", height: int = 60) -> RenderableType:
    """The overview, in about `height` lines; `problem` says why it is not of now."""
    room = max(9, height - FIXED_LINES - len(overview.searching))
    head = Text.assemble(("Unsorry ", "bold"), overview.workspace, (_clock(overview.at), "dim"))
    parts: list[RenderableType] = [head]
    if problem:
        parts.append(Text(problem, style="red"))
    parts += [
        Text(),
        _searching(overview),
        Text(),
        _running(overview, room // 3),
        Text(),
        _figures(overview),
        Text(),
        _strategies(overview, room // 3),
        Text(),
        _finds(overview.finds, room // 3),
    ]
    return Group(*parts)


def _searching(overview: Overview) -> RenderableType:
    if not overview.searching:
        return Text("Nobody searches here now. Start: unsorry bg", style="dim")
    table = _grid()
    for search in overview.searching:
        status = search.status
        said = f"{status.running} running, {status.queued} waiting, {search.sessions} Lean sessions"
        table.add_row(
            f"{COMMANDS.get(search.command, search.command)} ({search.process})",
            _meter(search),
            f"{said}, {search.memory / 2**30:.1f} GiB",
            Text(_waits(search), style="yellow"),
        )
    return table


def _running(overview: Overview, room: int) -> RenderableType:
    table = _table("running now", "goal", "", "seconds")
    for attempt in overview.running[:room]:
        place = f"{attempt.file}:{attempt.line}"
        so_far = max(0.0, time.time() - attempt.started_at)
        table.add_row(
            attempt.strategy, place, attempt.declaration, f"{so_far:.1f} of {attempt.seconds:.0f}"
        )
    if not overview.running:
        table.add_row(Text("nothing", style="dim"), "", "", "")
    return table


def _figures(overview: Overview) -> RenderableType:
    table = _grid()
    hour, cache = overview.last_hour, overview.cache
    rows: dict[str, str | Text] = {
        "goals": _counted(overview.goals),
        "attempts": f"{overview.attempts}, {overview.successes} successful "
        f"({overview.success_rate:.0%})",
        "last hour": f"{hour.attempts} attempts, {hour.successes} successful",
        "cache": f"{cache.hits} of {cache.hits + cache.rejected + cache.misses} goals served",
        "tickets": f"{overview.open_tickets} open",
        "incidents": str(sum(overview.incidents.values())),
    }
    for name, said in rows.items():
        table.add_row(Text(name, style="dim"), said)
    return table


def _strategies(overview: Overview, room: int) -> RenderableType:
    table = _table("strategy", "attempts", "successes", "mean seconds")
    for one in overview.strategies[:room]:
        table.add_row(
            one.strategy, str(one.attempts), str(one.successes), f"{one.mean_seconds:.2f}"
        )
    return table


def _finds(finds: tuple[Find, ...], room: int) -> RenderableType:
    table = _table("found", "", "by", "")
    for find in finds[:room]:
        table.add_row(
            Text(find.outcome, style=STATUS_STYLES.get(find.outcome, "")),
            f"{find.file}:{find.line} {find.declaration}",
            f"{find.strategy}, {find.seconds:.1f} s",
            " ; ".join(line.strip() for line in find.script.splitlines()),
        )
    return table


def _table(*names: str) -> Table:
    """A table; what is in NUMBERS stands to the right, the first column is never cut."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for at, name in enumerate(names):
        table.add_column(
            name,
            no_wrap=True,
            overflow="ellipsis",
            justify="right" if name in NUMBERS else "left",
            min_width=8 if at == 0 else None,
        )
    return table


def _grid() -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    return table


def _meter(search: Searching) -> str:
    status = search.status
    filled = min(METER, round(status.load * METER))
    bar = f"{'█' * filled}{'░' * (METER - filled)}"
    return f"{bar} {status.load:.0%} of {status.target:.0%}"


def _waits(search: Searching) -> str:
    if search.status.follows:
        return f"{search.status.follows} searches"
    return search.status.paused_because and f"paused: {search.status.paused_because}"


def _counted(counts: Mapping[str, int]) -> Text:
    shown = Text()
    for name in ("proved", "refuted", "open", "skipped"):
        if counts.get(name):
            shown.append(", " if shown else "")
            shown.append(f"{counts[name]} {name}", style=STATUS_STYLES[name])
    return shown or Text("none", style="dim")


def _clock(at: float) -> str:
    return time.strftime("  %H:%M:%S", time.localtime(at))
