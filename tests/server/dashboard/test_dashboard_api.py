"""What the API answers is what the ledger has."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from search.ledger import Ledger
from search.records import AttemptOutcome, RefutationRecord
from tests.server.dashboard.a_dashboard import Served
from tests.server.remembering import EASY, HARD, attempt, fill


def got(client: httpx.Client, path: str, **parameters: str | float) -> dict[str, Any]:
    answer = client.get(f"/api/{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_the_overview_counts_what_the_ledger_has(client: httpx.Client, served: Served) -> None:
    found = got(client, "stats")
    assert found["goals"] == {"open": 1, "proved": 1}
    assert (found["attempts"], found["successes"], found["success_rate"]) == (4, 1, 0.25)
    assert (found["proofs"], found["open_tickets"]) == (1, 2)
    assert found["incidents"] == {"session_died": 1}
    assert found["workspace"] == str(served.folder)
    assert (found["running"], found["searching"]) == ([], [])
    (find,) = found["finds"]
    assert (find["file"], find["line"], find["script"]) == ("Work.lean", 2, "omega")


@pytest.mark.parametrize(
    ("filter", "keys"),
    [
        ({}, [EASY, HARD]),
        ({"status": "open"}, [HARD]),
        ({"status": "refuted"}, []),
        ({"file": "Work.lean"}, [EASY, HARD]),
        ({"file": "Other.lean"}, []),
        ({"text": "LEMMA7"}, [HARD]),
        ({"text": "%"}, []),
        ({"easiest": 0.6}, []),
        ({"hardest": 0.4}, []),
        ({"order": "spent"}, [HARD, EASY]),
        ({"order": "place", "limit": 1, "offset": 1}, [HARD]),
    ],
)
def test_goals_are_filtered_ordered_and_paged(
    client: httpx.Client, filter: dict[str, Any], keys: list[str]
) -> None:
    page = got(client, "goals", **filter)
    assert [goal["key"] for goal in page["goals"]] == keys
    assert page["files"] == {"Work.lean": 2}
    assert page["total"] == (2 if "offset" in filter else len(keys))


def test_a_goal_has_its_whole_history(own_client: httpx.Client, own: Served) -> None:
    ledger = Ledger.open(own.ledger)
    refutation = RefutationRecord(
        HARD, (("n", "0"),), "decide", attempt(HARD, "x", "failed", 1).fingerprint
    )
    ledger.record_refutation(refutation)
    ledger.close()
    easy, hard = got(own_client, f"goals/{EASY}"), got(own_client, f"goals/{HARD[:5]}")
    assert [one["outcome"] for one in easy["attempts"]] == ["failed", "proved"]
    assert [(one["script"], one["origin"]) for one in easy["proofs"]] == [("omega", "search")]
    assert easy["places"] == [
        {"file": "Work.lean", "declaration": "lemma2", "line": 2, "column": 3}
    ]
    assert hard["goal"]["status"] == "refuted" and hard["display"] == "⊢ goal at 7"
    assert [one["values"] for one in hard["refutations"]] == [{"n": "0"}]
    assert hard["tickets"] == list(own.tickets)
    assert hard["reasons"]["size"] > 0


@pytest.mark.parametrize("key", ["zzz", "x", "%25"])
def test_a_goal_that_is_not_there(client: httpx.Client, key: str) -> None:
    answer = client.get(f"/api/goals/{key}")
    assert answer.status_code == 404 and "No goal's key" in answer.json()["detail"]


def test_strategies_hour_by_hour(own_client: httpx.Client, own: Served) -> None:
    assert got(own_client, "strategies")["strategies"] == []  # The filling is from 2023.
    ledger = Ledger.open(own.ledger)
    now = own_client.get("/api/stats").json()["at"]
    outcomes: tuple[AttemptOutcome, ...] = ("failed", "proved", "timeout")
    for seconds, outcome in enumerate(outcomes, 1):
        made = attempt(HARD, "grind", outcome, seconds)
        ledger.record_attempt(replace(made, started_at=now - 10))
    ledger.close()
    found = got(own_client, "strategies", hours=2)
    (grind,) = found["strategies"]
    assert (grind["attempts"], grind["successes"], grind["median"]) == (3, 1, 2.0)
    assert 2.0 < grind["nine_of_ten"] <= 3.0
    assert sum(hour["attempts"] for hour in found["hours"]) == 3
    assert found["since"] % 3600 == 0


def test_the_marketplace_has_tickets_edges_and_the_goals_that_wait(
    client: httpx.Client, served: Served
) -> None:
    found = got(client, "marketplace")
    first, second = served.tickets
    assert {ticket["ticket_id"] for ticket in found["tickets"]} == {first, second}
    edges = {(edge["ticket"], edge["kind"], edge["target"]) for edge in found["edges"]}
    assert edges == {
        (first, "needs", second),
        (first, "serves", HARD),
        (second, "serves", HARD),
    }
    assert [goal["key"] for goal in found["goals"]] == [HARD]


def test_a_ticket_is_claimed_released_and_withdrawn(own_client: httpx.Client, own: Served) -> None:
    ticket = own.tickets[0]

    def change(action: str) -> httpx.Response:
        return own_client.post(
            f"/api/marketplace/{ticket}", json={"action": action}, headers=own.with_token
        )

    assert change("claim").json()["status"] == "claimed"
    assert change("release").json()["status"] == "open"
    assert change("withdraw").json()["status"] == "withdrawn"
    refused = change("claim")
    assert refused.status_code == 409 and "is withdrawn" in refused.json()["detail"]
    assert got(own_client, "stats")["open_tickets"] == 1


@pytest.mark.parametrize(
    ("ticket", "body", "code"),
    [
        ("lem-1999-01-01-0001", {"action": "claim"}, 404),
        ("0001", {"action": "claim"}, 404),  # Its end is no name for a change.
        ("%25", {"action": "claim"}, 404),
        ("lem-1999-01-01-0001", {"action": "prove"}, 422),
        ("lem-1999-01-01-0001", {}, 422),
    ],
)
def test_a_change_of_what_is_not_there(
    own_client: httpx.Client, own: Served, ticket: str, body: dict[str, str], code: int
) -> None:
    answer = own_client.post(f"/api/marketplace/{ticket}", json=body, headers=own.with_token)
    assert answer.status_code == code, answer.text


def test_cache_host_incidents_and_health(client: httpx.Client, served: Served) -> None:
    cache = got(client, "cache")
    assert cache["proofs"] == {"search": 1} and cache["cache"]["hits"] == 0
    assert [one["template"] for one in cache["templates"]] == ["omega"]
    host = got(client, "host")
    assert host["cores"] >= 1 and host["memory_total"] > 0
    (incident,) = got(client, "incidents")["incidents"]
    assert incident["kind"] == "session_died"
    assert incident["meaning"] == "A Lean session ended while it was at work."
    health = got(client, "health")
    assert health["ok"] and health["problems"] == [] and health["ledger"] == str(served.ledger)


def test_a_blueprint_that_was_not_compared_yet(own_client: httpx.Client, own: Served) -> None:
    assert got(own_client, "blueprint")["state"] == "none"
    (own.folder / "blueprint" / "src").mkdir(parents=True)
    assert got(own_client, "blueprint") == {"state": "not looked at", "at": 0.0, "found": None}
    (own.folder / ".unsorry" / "blueprint.json").write_text('{"nodes": 7}')
    assert got(own_client, "blueprint")["state"] == "not looked at"


def test_a_ledger_that_goes_away_is_a_sentence_and_comes_back(
    own_client: httpx.Client, own: Served
) -> None:
    moved = own.ledger.with_name("moved.db")
    own.ledger.rename(moved)
    answer = own_client.get("/api/stats")
    assert answer.status_code == 503 and "There is no ledger at" in answer.json()["detail"]
    health = got(own_client, "health")
    assert not health["ok"] and "There is no ledger" in health["problems"][0]
    fill(own.ledger, more_goals=1)
    assert got(own_client, "stats")["attempts"] == 6
