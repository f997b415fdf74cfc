"""What the engine tells, as one line: JSON for machines, a few words for people.

Rendering only; the events are `search.events`.
"""

import json
import time
from dataclasses import asdict
from typing import Any

from search.events import (
    Attempt,
    AttemptFinished,
    AttemptStarted,
    DocumentElaborated,
    DocumentFailed,
    Event,
    GoalFound,
    GoalHandle,
    GoalOpen,
    GoalSkipped,
    GoalStale,
    IncidentHappened,
    ProofFound,
    RaceWon,
    Refuted,
    Status,
    TicketClosed,
    TicketOpened,
)
from server.prove_report import shortened

DIGITS = 3
"""Of seconds and shares in JSON."""


def as_json(event: Event) -> str:
    """`{"event": …, "time": seconds since the epoch, …}` on one line; goals are named by key, file,
    line and column (from 1).
    """
    fields = {name: _plain(value) for name, value in _fields(event).items()}
    return json.dumps(
        {"event": _NAMES[type(event)], "time": _plain(time.time()), **fields}, ensure_ascii=False
    )


def as_line(event: Event) -> str:
    """The event for people, or the empty string when it is not worth a line."""
    match event:
        case ProofFound(goal, verdict):
            script = " ; ".join(line.strip() for line in verdict.script.split("\n"))
            again = ", known" if verdict.cached else ""
            return (
                f"{_place(goal)}  proved by {script} ({verdict.strategy}, {verdict.seconds:.2f} s"
                f"{again})"
            )
        case Refuted(goal, verdict):
            return f"{_place(goal)}  refuted: {verdict.counterexample}"
        case GoalOpen(goal, verdict):
            why = f" ({verdict.reason})" if verdict.reason else ""
            return f"{_place(goal)}  open: {shortened(goal.hole.goals)}{why}"
        case DocumentFailed(path, _, reason):
            return f"{path}  not read: {' '.join(reason.split())}"
        case TicketOpened(goal, ticket):
            return f"{_place(goal)}  ticket {ticket.ticket_id} asks for a lemma"
        case TicketClosed(goal, ticket):
            return f"{_place(goal)}  ticket {ticket.ticket_id} is {ticket.status}"
        case IncidentHappened(incident):
            return f"{incident.kind} ({incident.severity}): {' '.join(incident.message.split())}"
    return ""


def status_line(status: Status) -> str:
    """The engine now, in one line."""
    parts = [
        f"{status.solved} proved, {status.refuted} refuted, {status.open} open of {status.goals}",
        f"{status.running} running, {status.queued} waiting",
        f"load {status.load:.0%} of {status.target:.0%}",
    ]
    if status.tickets:
        parts.append(f"{status.tickets} {'ticket' if status.tickets == 1 else 'tickets'}")
    if status.paused_because:
        parts.append(f"paused: {status.paused_because}")
    if status.follows:
        parts.append(f"{status.follows} searches here")
    return " · ".join(parts)


_NAMES: dict[type[Event], str] = {
    DocumentElaborated: "document_elaborated",
    DocumentFailed: "document_failed",
    GoalFound: "goal_found",
    GoalStale: "goal_stale",
    AttemptStarted: "attempt_started",
    AttemptFinished: "attempt_finished",
    RaceWon: "race_won",
    ProofFound: "proof_found",
    Refuted: "refuted",
    GoalOpen: "goal_open",
    GoalSkipped: "goal_skipped",
    TicketOpened: "ticket_opened",
    TicketClosed: "ticket_closed",
    IncidentHappened: "incident",
    Status: "status",
}


def _fields(event: Event) -> dict[str, Any]:
    match event:
        case DocumentElaborated(view):
            return {
                "file": view.path,
                "holes": len(view.goals),
                "errors": len(view.document.errors),
            }
        case DocumentFailed(path, _, reason):
            return {"file": path, "reason": reason}
        case GoalFound(goal):
            return {
                **_goal(goal),
                "declaration": goal.hole.declaration,
                "goal": goal.text,
                "difficulty": goal.difficulty,
            }
        case GoalStale(goal):
            return _goal(goal)
        case AttemptStarted(goal, strategy, seconds):
            return {**_goal(goal), "strategy": strategy, "seconds": seconds}
        case AttemptFinished(goal, attempt):
            return {**_goal(goal), **_attempt(attempt)}
        case RaceWon(goal, stopped, seconds):
            return {**_goal(goal), "stopped": stopped, "seconds": seconds}
        case ProofFound(goal, verdict):
            return {
                **_goal(goal),
                "script": verdict.script,
                "strategy": verdict.strategy,
                "helper": verdict.helper,
                "cached": verdict.cached,
                "seconds": verdict.seconds,
                "axioms": list(verdict.axioms),
            }
        case Refuted(goal, verdict):
            return {
                **_goal(goal),
                "counterexample": str(verdict.counterexample),
                "seconds": verdict.seconds,
            }
        case GoalOpen(goal, verdict) | GoalSkipped(goal, verdict):
            return {**_goal(goal), "reason": verdict.reason, "seconds": verdict.seconds}
        case TicketOpened(goal, ticket) | TicketClosed(goal, ticket):
            return {
                **_goal(goal),
                "ticket": ticket.ticket_id,
                "status": ticket.status,
                "statement": ticket.statement,
            }
        case IncidentHappened(incident):
            return incident.as_dict()
        case Status():
            return asdict(event)


def _goal(goal: GoalHandle) -> dict[str, Any]:
    return {
        "key": goal.key.key,
        "file": goal.path,
        "line": goal.hole.line,
        "column": goal.hole.column,
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "strategy": attempt.strategy,
        "outcome": attempt.outcome,
        "script": attempt.script,
        "reason": attempt.reason,
        "seconds": attempt.seconds,
        "heartbeats": attempt.heartbeats,
        "scripts_tried": attempt.scripts_tried,
    }


def _place(goal: GoalHandle) -> str:
    return f"{goal.path}:{goal.hole.line}:{goal.hole.column}"


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    return round(value, DIGITS) if isinstance(value, float) else value
