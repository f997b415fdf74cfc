"""One search of the fixture repository; the tests then look at what its ledger knows."""

import shutil
from pathlib import Path

import pytest

from tests.server.check.checked_repository import FILES, QUICK, check, write


@pytest.fixture(scope="session")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository after a first check: nobody may write here."""
    root = write(tmp_path_factory.mktemp("searched"), FILES)
    done = check(root, *QUICK)
    assert done.returncode == 1, done.stderr
    return root


@pytest.fixture
def known(searched: Path, tmp_path: Path) -> Path:
    """A copy of it, with the ledger: a check without budget answers at once."""
    shutil.copytree(searched, tmp_path / "known")
    return tmp_path / "known"
