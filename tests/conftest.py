"""Fixtures for every test: the Lean that is there, and a pool of sessions on an empty workspace."""

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from lean.pool import Pool
from lean.session import Session
from lean.toolchain import Toolchain, find_toolchain
from lean.workspace import Workspace

# A shell that runs the tests in the background leaves SIGINT ignored, and children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# What Hypothesis tries is right or wrong, not fast or slow: a busy machine may take its time.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A bare folder without any Lean files."""
    folder: Path = tmp_path_factory.mktemp("workspace")
    return Workspace.at(folder)


@pytest.fixture(scope="session")
async def toolchain(workspace: Workspace) -> Toolchain:
    """The Lean that serves the bare workspace; installed on first need."""
    return await find_toolchain(workspace)


@pytest.fixture(scope="session")
async def pool(workspace: Workspace, toolchain: Toolchain) -> AsyncIterator[Pool]:
    """Two warm sessions for all tests together; no spare, to keep the memory for the tests."""
    async with Pool.open(workspace, toolchain, sessions=2, spare=False) as pool:
        yield pool


@pytest.fixture
async def session(pool: Pool) -> AsyncIterator[Session]:
    """A leased session with Init imported; whatever a test does to it, the next has a good one."""
    async with pool.lease(["Init"]) as session:
        yield session
