"""The same files, ledger and seed give the same report, byte for byte, on a busy machine too."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.check.checked_repository import FALSE, OPEN, PROVABLE, check, write

LISTS = """theorem folded (xs ys : List Nat) :
    (xs ++ ys).reverse.foldr (· + ·) 0 = (ys.map id).foldr (· + ·) (xs.foldl (· + ·) 0) := by sorry

theorem squared (f : Nat → Nat) (h : ∀ n, f (n + 1) = f n * f n) : f 3 = f 0 ^ 8 := by sorry
"""
FILES = {"Open.lean": OPEN, "Provable.lean": PROVABLE, "False.lean": FALSE, "Lists.lean": LISTS}


@pytest.fixture
def load() -> Iterator[None]:
    """Four processes that want all of the machine."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4)]
    yield
    for process in busy:
        process.kill()
        process.wait()


def test_two_runs_tell_the_same(tmp_path: Path, load: None) -> None:
    """From nothing, and from what the first run remembers of half of the files."""
    write(tmp_path / "first", {name: FILES[name] for name in ("Provable.lean", "Lists.lean")})
    begun = check(tmp_path / "first", "--seed", "7", "--timeout", "3")
    assert begun.returncode == 1, begun.stderr
    write(tmp_path / "first", FILES)
    shutil.copytree(tmp_path / "first", tmp_path / "second")
    arguments = ("--seed", "7", "--timeout", "3", "--format", "json")
    reports = [check(tmp_path / name, *arguments).stdout for name in ("first", "second")]
    assert reports[0] == reports[1] != ""


def test_a_budget_is_an_amount_of_work(tmp_path: Path) -> None:
    """It is used up before the last file, whose easy goals nobody has looked at."""
    reports = []
    for name in ("first", "second"):
        write(tmp_path / name, FILES)
        done = check(tmp_path / name, "--budget", "2", "--format", "json", "--fail-on", "none")
        assert done.returncode == 0, done.stderr
        reports.append(done.stdout)
    assert reports[0] == reports[1]
    assert '"verdict": "refuted"' in reports[0] and '"verdict": "provable"' not in reports[0]
