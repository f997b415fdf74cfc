"""Dashboards that run, and clients to talk to them."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.server.dashboard.a_dashboard import Served, filled, start, stop


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """For all tests that change nothing."""
    folder = tmp_path_factory.mktemp("served")
    served = start(folder, filled(folder))
    yield served
    assert stop(served) == (0, "")


@pytest.fixture(scope="session")
def client(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.root, timeout=60) as client:
        yield client


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Served]:
    """For one test alone."""
    served = start(tmp_path, filled(tmp_path))
    yield served
    assert stop(served) == (0, "")


@pytest.fixture
def own_client(own: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=own.root, timeout=60) as client:
        yield client
