"""Prometheus reads /metrics, and the Grafana dashboard asks for what is there."""

import json
import re
from pathlib import Path

import httpx
import yaml
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as openmetrics_families,
)
from prometheus_client.parser import text_string_to_metric_families

MONITORING = Path(__file__).parents[3] / "docs" / "monitoring"


def test_prometheus_accepts_the_metrics(client: httpx.Client) -> None:
    answer = client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert families["unsorry_attempts"].type == "counter"
    attempts = {
        (one.labels["strategy"], one.labels["outcome"]): one.value
        for one in families["unsorry_attempts"].samples
    }
    assert attempts["arithmetic", "success"] == 1 and attempts["simplify", "timeout"] == 1
    goals = {one.labels["status"]: one.value for one in families["unsorry_goals"].samples}
    assert goals == {"open": 1, "proved": 1, "refuted": 0, "skipped": 0}
    (proofs,) = families["unsorry_proofs"].samples
    assert proofs.value == 1


def test_they_come_as_openmetrics_to_who_asks(client: httpx.Client) -> None:
    accept = "application/openmetrics-text; version=1.0.0"
    answer = client.get("/metrics", headers={"Accept": accept})
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    names = {family.name for family in openmetrics_families(answer.text)}
    assert {"unsorry_attempts", "unsorry_cache_lookups", "unsorry_running"} <= names


def test_the_grafana_dashboard_asks_for_metrics_that_are_there(client: httpx.Client) -> None:
    text = client.get("/metrics").text
    there = {
        name
        for family in text_string_to_metric_families(text)
        for name in (family.name, f"{family.name}_total")
    }
    board = json.loads((MONITORING / "grafana" / "unsorry.json").read_text("utf-8"))
    asked = {
        name
        for panel in board["panels"]
        for target in panel["targets"]
        for name in re.findall(r"\bunsorry_\w+", target["expr"])
    }
    assert asked and asked <= there, asked - there


def test_the_example_scrapes_the_usual_port() -> None:
    compose = yaml.safe_load((MONITORING / "compose.yml").read_text("utf-8"))
    assert set(compose["services"]) == {"prometheus", "grafana"}
    for service in compose["services"].values():
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            assert not source.startswith("./") or (MONITORING / source).exists(), source
    scraped = yaml.safe_load((MONITORING / "prometheus.yml").read_text("utf-8"))
    (job,) = scraped["scrape_configs"]
    assert job["static_configs"] == [{"targets": ["127.0.0.1:8000"]}]
