"""One editor window for most tests of this folder; each test uses a file of its own."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from bench.editing import ROOT, Editing


@pytest.fixture(scope="session")
async def window(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Editing]:
    """An editor with its server, and Lean behind it."""
    folder = tmp_path_factory.mktemp("window")
    async with Editing.open(folder, {"tickets": False}) as editing:
        yield editing


@pytest.fixture
def editing(window: Editing) -> Iterator[Editing]:
    """The same, with nothing left over in messages, and every document closed in the end."""
    window.messages.clear()
    window.log.clear()
    yield window
    for uri in list(window.buffers):
        window.shut(uri.rpartition("/")[2])


@pytest.fixture
def tortured() -> Callable[[], int]:
    """How many edit sequences are tried: TORTURE_SEQUENCES, or few enough for every run."""
    return lambda: int(os.environ.get("TORTURE_SEQUENCES", "12"))


@pytest.fixture
def lean_accepts() -> Callable[[Path], bool]:
    """Does plain Lean, in a process of its own, read a file without an error or a `sorry`?"""

    def accepts(file: Path) -> bool:
        done = subprocess.run(
            [sys.executable, "-m", "server.cli", "toolchain", "exec", str(file)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return done.returncode == 0 and "sorry" not in done.stdout + done.stderr

    return accepts
