"""From rows of the ledger and notes of programs to what the dashboard shows of them.

Arithmetic and renaming only; nothing is read here.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import median, quantiles

from search.difficulty import Difficulty
from search.incidents import KINDS
from search.ledger_activity import RecentAttempt
from search.ledger_stats import Stats
from search.records import AttemptRecord, GoalRecord, IncidentRecord
from search.run_notes import RunNote
from search.tickets import Ticket
from server.dashboard.figures import (
    AttemptRow,
    Cache,
    GoalRow,
    Hour,
    IncidentRow,
    Searching,
    StrategyOfLate,
    TicketRow,
)

HOUR = 3600.0
SUCCESSES = ("proved", "refuted")
REASONS_SHOWN = 6


def searching(notes: Iterable[RunNote]) -> tuple[Searching, ...]:
    """The programs that have left a note."""
    return tuple(
        Searching(
            note.run,
            note.command,
            note.process,
            note.started_at,
            note.at,
            note.status,
            note.sessions.sessions,
            note.sessions.leased,
            note.sessions.rss_bytes,
        )
        for note in notes
    )


def cache(stats: Stats) -> Cache:
    """How the cache served."""
    return Cache(stats.hits, stats.rejected, stats.misses, stats.hit_rate)


def goal_row(goal: GoalRecord) -> GoalRow:
    """A goal in a list."""
    # The first line with a target says what is to be proved.
    lines = [line for line in goal.display.splitlines() if line.startswith("⊢")]
    return GoalRow(
        goal.key,
        goal.file,
        goal.line,
        goal.column,
        goal.declaration,
        lines[0] if lines else goal.display,
        goal.status,
        goal.difficulty,
        goal.spent_light + goal.spent_heavy,
        goal.first_seen,
        goal.last_seen,
    )


def attempt_row(attempt: AttemptRecord) -> AttemptRow:
    """An attempt in a goal's history."""
    return AttemptRow(
        attempt.strategy,
        attempt.outcome,
        attempt.script,
        attempt.reason,
        attempt.seconds,
        attempt.verify_seconds,
        attempt.scripts_tried,
        attempt.started_at,
        attempt.run,
    )


def ticket_row(ticket: Ticket) -> TicketRow:
    """A ticket in a list."""
    return TicketRow(
        ticket.ticket_id,
        ticket.status,
        ticket.name,
        ticket.statement,
        ticket.lemma if ticket.proof else "",
        ticket.context.place,
        ticket.priority,
        ticket.requester,
        ticket.claimant,
        ticket.parent_goal,
        ticket.created_at,
        ticket.expires_at,
        ticket.lease_until,
        ticket.completed_at,
    )


def incident_row(incident: IncidentRecord) -> IncidentRow:
    """An incident, with what its kind means."""
    usual = KINDS.get(incident.kind)
    return IncidentRow(
        incident.kind,
        incident.severity,
        incident.component,
        incident.operation,
        incident.message,
        usual.meaning if usual else "",
        incident.context,
        incident.happened_at,
        incident.run,
    )


def reasons(difficulty: Difficulty, goal: GoalRecord) -> dict[str, float]:
    """What makes the goal look hard (above 0) or easy, the largest parts first."""
    parts = {
        name: weight * goal.vector.get(name, 0.0) for name, weight in difficulty.weights.items()
    }
    largest = sorted(parts.items(), key=lambda item: -abs(item[1]))[:REASONS_SHOWN]
    return {name: part for name, part in largest if part}


def by_hour(attempts: Sequence[RecentAttempt]) -> tuple[Hour, ...]:
    """The attempts of each strategy in each hour that has some."""
    groups: defaultdict[tuple[float, str], list[RecentAttempt]] = defaultdict(list)
    for attempt in attempts:
        groups[attempt.ended_at // HOUR * HOUR, attempt.strategy].append(attempt)
    return tuple(
        Hour(start, strategy, len(row), _successes(row), sum(entry.seconds for entry in row))
        for (start, strategy), row in sorted(groups.items())
    )


def of_late(attempts: Sequence[RecentAttempt]) -> tuple[StrategyOfLate, ...]:
    """Each strategy over all these attempts, the most successful first."""
    groups: defaultdict[str, list[RecentAttempt]] = defaultdict(list)
    for attempt in attempts:
        groups[attempt.strategy].append(attempt)
    made = []
    for strategy, row in groups.items():
        seconds = [entry.seconds for entry in row]
        nine = quantiles(seconds, n=10, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]
        made.append(
            StrategyOfLate(strategy, len(row), _successes(row), median(seconds), nine, sum(seconds))
        )
    return tuple(sorted(made, key=lambda one: (-one.successes, -one.attempts, one.strategy)))


def _successes(attempts: Iterable[RecentAttempt]) -> int:
    return sum(attempt.outcome in SUCCESSES for attempt in attempts)
