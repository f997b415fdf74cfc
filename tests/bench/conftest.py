"""These tests run the command line in its own processes; Lean is installed before the first."""

import pytest

from lean.toolchain import Toolchain


@pytest.fixture(scope="session", autouse=True)
async def installed(toolchain: Toolchain) -> Toolchain:
    """So that no test pays for the installation, or sees it."""
    return toolchain
