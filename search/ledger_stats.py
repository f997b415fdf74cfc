"""What the ledger says as a whole: figures for reports, and rows for learning.

Functions over a database, reading only. The figures by strategy are kept up with every attempt
(`search.ledger_attempts`), so that a report does not read a million rows.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass

from sqlite_utils import Database

from search.records import AttemptOutcome


@dataclass(frozen=True, slots=True)
class StrategyStats:
    """One strategy over all attempts. `mean_seconds`: an attempt; `mean_success_seconds`: a
    successful one. `share` of all successes is its own, in [0, 1].
    """

    strategy: str
    attempts: int
    successes: int
    failed: int
    timeouts: int
    cancelled: int
    errors: int
    seconds: float
    mean_seconds: float
    mean_success_seconds: float
    share: float


@dataclass(frozen=True, slots=True)
class Stats:
    """The ledger in figures. `strategies`: most successes first.

    Cache: a goal's known proof passed again (`hits`), did not (`rejected`), or there was none
    (`misses`).
    """

    strategies: tuple[StrategyStats, ...]
    goals: Mapping[str, int]
    attempts: int
    proofs: int
    hits: int
    rejected: int
    misses: int
    open_tickets: int
    incidents: Mapping[str, int]

    @property
    def hit_rate(self) -> float:
        """The part of the goals looked up that the cache served; 0 when there were none."""
        looked_up = self.hits + self.rejected + self.misses
        return self.hits / looked_up if looked_up else 0.0


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """An attempt for a policy to learn from. `censored`: stopped before it ended by itself."""

    goal: str
    vector: Mapping[str, float]
    strategy: str
    outcome: AttemptOutcome
    seconds: float
    censored: bool


@dataclass(frozen=True, slots=True)
class SolvedScript:
    """A script that proved a goal; `hypotheses` are the names that it uses, in canonical order.

    `display` is the goal as people read it.
    """

    key: str
    display: str
    vector: Mapping[str, float]
    hypotheses: tuple[str, ...]
    script: str
    helper: str
    strategy: str


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """A template (`search.templates`) with how many holes it has and how it has served.

    `uses` counts proofs found by its scripts, `goals` on how many goals, `seconds` in all.
    """

    template: str
    hypotheses: int
    premises: int
    uses: int
    goals: int
    seconds: float


@dataclass(frozen=True, slots=True)
class CachedScript:
    """How a script has served a goal: `uses` times tried, `successes` of them, `seconds` in all."""

    script: str
    uses: int
    successes: int
    seconds: float


def stats(database: Database, run: str | None) -> Stats:
    """Figures of the whole ledger; the cache's only of `run` when it is given."""
    hits, rejected, misses = database.execute(
        "SELECT coalesce(sum(hits), 0), coalesce(sum(rejected), 0), coalesce(sum(misses), 0) "
        "FROM runs WHERE ?1 IS NULL OR run = ?1",
        (run,),
    ).fetchone()
    strategies = _strategies(database)
    return Stats(
        strategies=strategies,
        goals=_counts(database, "SELECT status, count(*) FROM goals GROUP BY status"),
        attempts=sum(strategy.attempts for strategy in strategies),
        proofs=_count(database, "SELECT count(*) FROM proofs WHERE withdrawn = ''"),
        hits=hits,
        rejected=rejected,
        misses=misses,
        open_tickets=_count(
            database,
            "SELECT count(*) FROM tickets WHERE status IN ('open', 'claimed') "
            f"AND (coalesce(expires_at, 0) <= 0 OR expires_at > {time.time()})",
        ),
        incidents=_counts(database, "SELECT kind, count(*) FROM incidents GROUP BY kind"),
    )


def history(database: Database, limit: int) -> list[HistoryRow]:
    """The last attempts on known goals, the newest last; those that broke tell nothing."""
    rows = database.execute(
        "SELECT goal, strategy, outcome, seconds, vector FROM attempts JOIN goals "
        "ON goals.key = attempts.goal WHERE outcome <> 'error' ORDER BY id DESC LIMIT ?",
        (limit,),
    ).fetchall()
    vectors: dict[str, Mapping[str, float]] = {}
    made = []
    for goal, strategy, outcome, seconds, vector in reversed(rows):
        if goal not in vectors:
            vectors[goal] = json.loads(vector)
        censored = outcome in ("timeout", "cancelled")
        made.append(HistoryRow(goal, vectors[goal], strategy, outcome, seconds, censored))
    return made


def solved_scripts(database: Database, limit: int) -> list[SolvedScript]:
    """The proofs of known goals, those verified last first."""
    rows = database.execute(
        "SELECT goal, display, vector, proofs.hypotheses, script, helper, strategy FROM proofs "
        "JOIN goals ON goals.key = proofs.goal WHERE withdrawn = '' "
        "ORDER BY verified_at DESC LIMIT ?",
        (limit,),
    )
    return [
        SolvedScript(
            key, display, json.loads(vector), tuple(json.loads(names)), script, helper, strategy
        )
        for key, display, vector, names, script, helper, strategy in rows
    ]


def templates(database: Database, limit: int) -> list[TemplateRow]:
    """The templates that served most goals, the most useful first."""
    rows = database.execute(
        "SELECT template, hypotheses, premises, uses, goals, seconds FROM tactic_templates "
        "ORDER BY goals DESC, uses DESC, template LIMIT ?",
        (limit,),
    )
    return [TemplateRow(*row) for row in rows]


def scripts(database: Database, goal: str) -> list[CachedScript]:
    """The scripts tried again and again on a goal, the most reliable first."""
    rows = database.execute(
        "SELECT script, uses, successes, seconds FROM tactic_cache WHERE goal = ? "
        "ORDER BY 1.0 * successes / uses DESC, uses DESC, script",
        (goal,),
    )
    return [CachedScript(*row) for row in rows]


def premises(database: Database, goal: str) -> list[tuple[str, float, int]]:
    """The premises of a goal's proofs with score and hits, the best first."""
    rows = database.execute(
        "SELECT premise, score, hits FROM premise_cache WHERE goal = ? "
        "ORDER BY score DESC, hits DESC, premise",
        (goal,),
    )
    return list(rows)


def premise_hits(database: Database) -> list[tuple[str, int]]:
    """Every premise of proofs that are known, with how often it was used."""
    rows = database.execute(
        "SELECT premise, sum(hits) FROM premise_cache GROUP BY premise ORDER BY premise"
    )
    return list(rows)


def _strategies(database: Database) -> tuple[StrategyStats, ...]:
    rows = database.execute(
        "SELECT strategy, attempts, successes, failed, timeouts, cancelled, errors, seconds, "
        "seconds / max(attempts, 1), success_seconds / max(successes, 1), "
        "1.0 * successes / max((SELECT sum(successes) FROM strategy_stats), 1) "
        "FROM strategy_stats ORDER BY successes DESC, strategy"
    )
    return tuple(StrategyStats(*row) for row in rows)


def _counts(database: Database, query: str) -> dict[str, int]:
    return dict(database.execute(query).fetchall())


def _count(database: Database, query: str) -> int:
    (number,) = database.execute(query).fetchone()
    return int(number)
