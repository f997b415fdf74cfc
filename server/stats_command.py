"""`unsorry stats`: the ledger in figures, as tables for people or as JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from search.ledger_stats import Stats
from search.sketching.payment import terms
from server.configuration import configure
from server.ledger_option import ledger_options, opened, path_of

DIGITS = 3
"""Of seconds and shares in JSON."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--run", metavar="ID", help="The cache's figures of this run only.")
@ledger_options
def stats(as_json: bool, run: str | None, folder: Path, ledger: Path | None) -> None:
    """Show what was tried so far and what came of it."""
    path = path_of(folder, ledger)
    with opened(path) as database:
        found = database.stats(run)
    left_out, payment = outlook(folder)
    if as_json:
        said = {"ledger": str(path), **as_dict(found), "left_out": left_out, "payment": payment}
        click.echo(json.dumps(said, indent=2))
    else:
        show(found, path, Console(), left_out, payment)


def outlook(folder: Path) -> tuple[dict[str, str], str]:
    """The strategies that can't run in a workspace, with the reason; and when a language model is
    asked.
    """
    # Imported here: most of the program, for two lines at the end.
    from lean.workspace import Workspace
    from search.lineup import line_up
    from search.resources import Resources

    workspace, settings = Workspace.find(folder), configure(folder)
    resources = Resources.of(workspace, settings.models, settings.chat)
    lineup = line_up(workspace, settings, resources)
    return dict(lineup.left_out), terms(settings.chat)


def as_dict(stats: Stats) -> dict[str, Any]:
    """The figures as JSON has them; `cache.hit_rate` and `share` are in [0, 1]."""
    strategies = [
        {
            name: round(value, DIGITS) if isinstance(value, float) else value
            for name, value in asdict(strategy).items()
        }
        for strategy in stats.strategies
    ]
    return {
        "strategies": strategies,
        "goals": dict(stats.goals),
        "attempts": stats.attempts,
        "proofs": stats.proofs,
        "cache": {
            "hits": stats.hits,
            "rejected": stats.rejected,
            "misses": stats.misses,
            "hit_rate": round(stats.hit_rate, DIGITS),
        },
        "open_tickets": stats.open_tickets,
        "incidents": dict(stats.incidents),
    }


def show(
    stats: Stats,
    path: Path,
    console: Console,
    left_out: Mapping[str, str] | None = None,
    payment: str = "",
) -> None:
    """Print the figures for people."""
    console.print(f"Ledger  {path}", highlight=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False, padding=(0, 2), header_style="bold")
    table.add_column("strategy")
    for name in ("attempts", "successes", "mean s", "mean s to success", "share"):
        table.add_column(name, justify="right")
    for strategy in stats.strategies:
        table.add_row(
            strategy.strategy,
            str(strategy.attempts),
            str(strategy.successes),
            f"{strategy.mean_seconds:.2f}",
            f"{strategy.mean_success_seconds:.2f}" if strategy.successes else "",
            f"{strategy.share:.0%}",
        )
    if stats.strategies:
        console.print(table)
    looked_up = stats.hits + stats.rejected + stats.misses
    lines = {
        "goals": _counted(stats.goals),
        "proofs": str(stats.proofs),
        "cache": f"{stats.hits} of {looked_up} goals served ({stats.hit_rate:.0%}), "
        f"{stats.rejected} refused by Lean",
        "tickets": f"{stats.open_tickets} open",
        "incidents": _counted(stats.incidents),
    }
    if payment:
        lines["payment"] = payment
    lines |= {f"no {name}": reason for name, reason in (left_out or {}).items()}
    width = max(map(len, lines)) + 2
    for name, said in lines.items():
        console.print(f"{name:<{width}}{said}", highlight=False, soft_wrap=True)


def _counted(counts: Mapping[str, int]) -> str:
    """`2 open, 5 proved`; the most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{number} {name}" for name, number in ordered) or "none"
