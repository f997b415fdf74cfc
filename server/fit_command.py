"""`unsorry fit`: learn from the ledger how hard goals are; the engine reads the result."""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import click

from search.arms import default_arms
from search.difficulty import Difficulty
from search.difficulty import fit as fit_difficulty
from search.ledger_stats import HistoryRow
from search.memory import difficulty_path
from server.ledger_option import ledger_options, opened, path_of

ROWS = 500_000
"""The most attempts that are looked at, the newest ones."""
SURE = 1e-6
"""Probabilities this near to 0 or 1 count as this for the log loss."""


@click.command()
@click.option("--dry-run", is_flag=True, help="Show the weights, but don't keep them.")
@ledger_options
def fit(dry_run: bool, folder: Path, ledger: Path | None) -> None:
    """Learn from the goals tried so far how hard a goal looks.

    The weights are kept beside the ledger, and used from the next start on.
    """
    path = path_of(folder, ledger)
    with opened(path) as database:
        rows = goals_for_fit(database.history(ROWS))
    fitted = fit_difficulty(rows)
    learned, usual = log_loss(fitted, rows), log_loss(Difficulty(), rows)
    click.echo(
        f"{len(rows)} goals, {sum(proved for _, proved in rows)} proved by light strategies: "
        f"log loss {learned:.3f}, with the usual weights {usual:.3f}."
    )
    for name, weight in sorted(fitted.weights.items(), key=lambda item: -abs(item[1])):
        click.echo(f"  {name:<24}{weight:+.3f}")
    if not dry_run:
        fitted.save(difficulty_path(path))
        click.echo(f"Kept in {difficulty_path(path)}.")


def goals_for_fit(history: Iterable[HistoryRow]) -> list[tuple[Mapping[str, float], bool]]:
    """Each goal that light strategies have finished with, and whether they proved it.

    Refuted goals say nothing about how hard proving is, and one of which every attempt was stopped
    says nothing at all.
    """
    heavy = {arm.name for arm in default_arms() if arm.strategy.weight == "heavy"}
    outcomes: dict[str, set[str]] = {}
    vectors: dict[str, Mapping[str, float]] = {}
    for row in history:
        vectors[row.goal] = row.vector
        if row.strategy not in heavy:
            outcomes.setdefault(row.goal, set()).add(row.outcome)
    return [
        (vectors[goal], "proved" in seen)
        for goal, seen in outcomes.items()
        if "refuted" not in seen and seen != {"cancelled"}
    ]


def log_loss(difficulty: Difficulty, rows: Sequence[tuple[Mapping[str, float], bool]]) -> float:
    """Mean negative log-likelihood of what happened, in nats; 0 is perfect, 0.693 a coin."""
    losses = []
    for vector, proved in rows:
        hard = min(1 - SURE, max(SURE, difficulty.of(vector)))
        losses.append(-math.log(1 - hard if proved else hard))
    return math.fsum(losses) / max(1, len(losses))
