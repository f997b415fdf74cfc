"""Incidents: what they are by kind, and how they reach the ledger and the log."""

import json
import logging
import time
from typing import get_args

import pytest

from search.incidents import KINDS, Incident, Severity


def test_an_incident_has_what_is_usual_for_its_kind() -> None:
    incident = Incident.of("session_died", "Lean ended.", "prove", file="A.lean")
    assert (incident.severity, incident.component) == ("medium", "lean")
    assert abs(incident.happened_at - time.time()) < 5
    assert Incident.of("session_died", "", severity="high").severity == "high"


def test_an_unknown_kind_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        Incident.of("something", "happened")


@pytest.mark.parametrize(
    "kind",
    [
        "time_budget_exceeded",
        "token_budget_exceeded",
        "memory_budget_exceeded",
        "max_iterations_reached",
        "timeout",
        "verification_failed",
        "session_died",
        "toolchain_missing",
        "storage_full",
    ],
)
def test_the_promised_kinds_are_there(kind: str) -> None:
    assert KINDS[kind].severity in get_args(Severity)


def test_the_ledger_gets_the_context_as_json() -> None:
    incident = Incident.of("timeout", "Too slow.", "run", goal="k∀", seconds=8.0)
    record = incident.record(run="r1")
    assert (record.kind, record.operation, record.run) == ("timeout", "run", "r1")
    assert json.loads(record.context) == {"goal": "k∀", "seconds": 8.0}
    assert record.happened_at == incident.happened_at


@pytest.mark.parametrize(
    ("kind", "level"),
    [
        ("timeout", logging.INFO),
        ("session_died", logging.WARNING),
        ("import_failed", logging.ERROR),
        ("storage_full", logging.CRITICAL),
    ],
)
def test_the_log_gets_it_at_the_level_of_its_severity(
    caplog: pytest.LogCaptureFixture, kind: str, level: int
) -> None:
    with caplog.at_level(logging.DEBUG):
        Incident.of(kind, "It happened.", goal="k").log()
    (line,) = caplog.records
    assert line.levelno == level and line.getMessage().startswith(f"{kind} (")
    assert line.__dict__["incident"]["context"] == {"goal": "k"}
