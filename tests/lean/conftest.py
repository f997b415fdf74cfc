"""Fixtures of the tests of `lean`: the embedded Lean, shared with every test run of this user."""

import pytest

from lean.embedded import EmbeddedToolchain, find_embedded


@pytest.fixture(scope="session")
async def embedded() -> EmbeddedToolchain:
    """The embedded Lean in the user's real cache: downloaded once, not once a test run."""
    return await find_embedded()
