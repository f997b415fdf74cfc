"""The figures for Prometheus, in its text format or as OpenMetrics.

Counters are those of the ledger, so they go on where they were when the dashboard is started anew.
"""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from search.ledger_stats import StrategyStats
from server.dashboard.figures import Host, Overview

OUTCOMES = {
    "success": "successes",
    "failed": "failed",
    "timeout": "timeouts",
    "cancelled": "cancelled",
    "error": "errors",
}
"""Values of the label `outcome`, and the fields of StrategyStats that they stand for."""


def exposition(overview: Overview, host: Host, accept: str = "") -> tuple[bytes, str]:
    """The metrics, in the format that `accept` asks for, and its media type."""
    registry = CollectorRegistry()
    registry.register(_Figures(overview, host))
    encode, kind = choose_encoder(accept)
    return encode(registry), kind


class _Figures(Collector):
    """The metrics of one moment."""

    def __init__(self, overview: Overview, host: Host) -> None:
        self._overview = overview
        self._host = host

    def collect(self) -> Iterator[Metric]:
        """All metrics."""
        yield from _of_strategies(self._overview.strategies)
        yield from _of_the_ledger(self._overview)
        yield from _of_searches(self._overview)
        yield from _of_the_machine(self._host)


def _of_strategies(strategies: tuple[StrategyStats, ...]) -> Iterator[Metric]:
    attempts = CounterMetricFamily(
        "unsorry_attempts", "Finished attempts.", labels=["strategy", "outcome"]
    )
    seconds = CounterMetricFamily(
        "unsorry_attempt_seconds", "Seconds of finished attempts.", labels=["strategy"]
    )
    for strategy in strategies:
        for outcome, field in OUTCOMES.items():
            attempts.add_metric([strategy.strategy, outcome], getattr(strategy, field))
        seconds.add_metric([strategy.strategy], strategy.seconds)
    yield from (attempts, seconds)


def _of_the_ledger(overview: Overview) -> Iterator[Metric]:
    goals = GaugeMetricFamily("unsorry_goals", "Goals in the ledger.", labels=["status"])
    for status in ("open", "proved", "refuted", "skipped"):
        goals.add_metric([status], overview.goals.get(status, 0))
    lookups = CounterMetricFamily(
        "unsorry_cache_lookups", "Goals looked up in the cache.", labels=["result"]
    )
    cache = overview.cache
    for result, count in (
        ("hit", cache.hits),
        ("rejected", cache.rejected),
        ("miss", cache.misses),
    ):
        lookups.add_metric([result], count)
    incidents = CounterMetricFamily("unsorry_incidents", "Incidents.", labels=["kind"])
    for kind, count in overview.incidents.items():
        incidents.add_metric([kind], count)
    yield from (goals, lookups, incidents)
    yield GaugeMetricFamily("unsorry_proofs", "Proofs that stand.", overview.proofs)
    yield GaugeMetricFamily("unsorry_open_tickets", "Tickets asked for.", overview.open_tickets)


def _of_searches(overview: Overview) -> Iterator[Metric]:
    labels = ["command", "process"]
    load = GaugeMetricFamily("unsorry_cpu_share", "Share of the machine in use.", labels=labels)
    target = GaugeMetricFamily("unsorry_cpu_target", "Share of the machine allowed.", labels=labels)
    jobs = GaugeMetricFamily("unsorry_jobs", "Jobs of a search.", labels=[*labels, "state"])
    sessions = GaugeMetricFamily("unsorry_lean_sessions", "Lean sessions.", labels=labels)
    memory = GaugeMetricFamily(
        "unsorry_lean_memory_bytes", "Memory of the Lean sessions.", labels=labels
    )
    paused = GaugeMetricFamily("unsorry_paused", "1 while a search is paused.", labels=labels)
    for search in overview.searching:
        names = [search.command, str(search.process)]
        load.add_metric(names, search.status.load)
        target.add_metric(names, search.status.target)
        jobs.add_metric([*names, "running"], search.status.running)
        jobs.add_metric([*names, "queued"], search.status.queued)
        sessions.add_metric(names, search.sessions)
        memory.add_metric(names, search.memory)
        paused.add_metric(names, bool(search.status.paused_because))
    yield from (load, target, jobs, sessions, memory, paused)
    yield GaugeMetricFamily("unsorry_running", "Strategies at work.", len(overview.running))
    yield GaugeMetricFamily(
        "unsorry_searching", "Programs that search here.", len(overview.searching)
    )


def _of_the_machine(host: Host) -> Iterator[Metric]:
    if host.samples:
        now = host.samples[-1]
        yield GaugeMetricFamily("unsorry_machine_cpu_share", "Of all programs.", now.cpu)
        yield GaugeMetricFamily("unsorry_machine_memory_bytes", "Of all programs.", now.memory)
