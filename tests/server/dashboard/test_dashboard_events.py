"""The stream: what other programs write is told at once, without being asked for."""

import json
from collections.abc import Iterator
from typing import Any

import httpx

from search.ledger import Ledger
from tests.server.dashboard.a_dashboard import Served, start, stop
from tests.server.remembering import HARD, attempt, fill

SOON = 60.0


def events(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    name = ""
    for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def test_what_another_program_writes_is_told(own_client: httpx.Client, own: Served) -> None:
    with own_client.stream("GET", "/api/events", timeout=SOON) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert "no-transform" in answer.headers["Cache-Control"]
        told = events(answer.iter_lines())
        name, first = next(told)
        assert (name, first["attempts"]) == ("overview", 4)
        ledger = Ledger.open(own.ledger)
        ledger.record_attempt(attempt(HARD, "grind", "failed", 1.0))
        ledger.close()
        later = next(overview for _, overview in told if overview["attempts"] == 5)
        assert later["changes"] > first["changes"]


def test_a_change_made_here_is_told_too(own_client: httpx.Client, own: Served) -> None:
    with own_client.stream("GET", "/api/events", timeout=SOON) as answer:
        told = events(answer.iter_lines())
        _, first = next(told)
        path = f"/api/marketplace/{own.tickets[1]}"
        httpx.post(
            f"{own.root}{path}", json={"action": "withdraw"}, headers=own.with_token
        ).raise_for_status()
        later = next(overview for _, overview in told if overview["open_tickets"] == 1)
        assert later["changes"] > first["changes"]


def test_a_ledger_that_goes_away_and_comes_back(own_client: httpx.Client, own: Served) -> None:
    with own_client.stream("GET", "/api/events", timeout=SOON) as answer:
        told = events(answer.iter_lines())
        next(told)
        own.ledger.rename(own.ledger.with_name("moved.db"))
        problem = next(data for name, data in told if name == "problem")
        assert "There is no ledger at" in str(problem["detail"])
        fill(own.ledger, more_goals=2)
        # It may be seen while it is being filled.
        later = next(data for name, data in told if data.get("attempts") == 8)
        assert sum(later["goals"].values()) == 6


def test_it_ends_at_once_though_somebody_listens(own: Served) -> None:
    second = start(own.folder)
    with httpx.stream("GET", f"{second.root}/api/events", timeout=SOON) as answer:
        told = events(answer.iter_lines())
        next(told)
        assert stop(second) == (0, "")
        # The stream has come to its end: a connection that is cut off would be an error here.
        assert list(told) == []
