"""`unsorry doctor` with a real Lean, a real ledger and a real language server: what works is said,
the first thing that does not is named with its remedy, and the exit code tells which kind it is.
"""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from lean.workspace import Workspace
from search.ledger import Ledger
from search.settings import Settings
from server import check_up, editor_answers
from server.check_up import CheckUp, Finding
from server.editor_answers import EditorError, first_answer
from server.toy_goals import TOY_GOALS


def doctor(
    *arguments: str, cwd: Path, environment: dict[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        [sys.executable, "-m", "server.cli", "doctor", *arguments],
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def verdicts(done: "subprocess.CompletedProcess[str]") -> list[tuple[str, str]]:
    """Verdict and name of each line."""
    return [tuple(line.split()[:2]) for line in done.stdout.splitlines()]  # type: ignore[misc]


def program(path: Path, script: str) -> str:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


async def finding(settings: Settings, place: Path, *names: str) -> Finding:
    """The last of these checks."""
    async with CheckUp.open(Workspace.at(place), settings) as opened:
        for name in names:
            found: Finding = await getattr(opened, name)()
    return found


def test_all_is_well(tmp_path: Path) -> None:
    (tmp_path / "Base.lean").write_text("def twice (n : Nat) : Nat := n + n\n")
    (tmp_path / "Use.lean").write_text("import Base\n\ntheorem two : twice 1 = 2 := by\n  sorry\n")
    done = doctor(cwd=tmp_path)
    assert (done.returncode, verdicts(done)) == (
        0,
        [("ok", name) for name in ("toolchain", "workspace", "ledger", "editor", "search")],
    ), done.stdout + done.stderr
    lean, workspace, ledger, editor, search = done.stdout.splitlines()
    assert "Lean 4." in lean
    assert f"{tmp_path}: 2 Lean files, 1 module imported" in workspace
    assert str(tmp_path / ".unsorry" / "ledger.db") in ledger
    assert "answers `initialize`" in editor
    assert f"of {len(TOY_GOALS)} toy goals proved in" in search


def test_the_first_failure_ends_it_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "Far.lean").write_text("import Mathlib.Tactic\n\nexample : True := trivial\n")
    done = doctor("--quick", cwd=tmp_path)
    assert done.returncode == 3
    assert verdicts(done) == [("ok", "toolchain"), ("failed", "workspace")]
    line = done.stdout.splitlines()[-1]
    assert "Far.lean imports Mathlib.Tactic, which Lean 4." in line and "Install elan" in line
    assert not (tmp_path / ".unsorry").exists(), "what comes after it is not tried"


def test_no_lean(tmp_path: Path) -> None:
    here = {"UNSORRY_TOOLCHAIN": "native", "PATH": str(tmp_path)}
    done = doctor(cwd=tmp_path, environment=here)
    assert (done.returncode, verdicts(done)) == (3, [("failed", "toolchain")])
    assert "elan" in done.stdout


def test_a_project_that_can_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "lakefile.toml").write_text("name = \n")
    done = doctor(cwd=tmp_path)
    assert (done.returncode, verdicts(done)) == (3, [("failed", "workspace")])
    assert "lakefile.toml is not valid TOML" in done.stdout and "Correct that" in done.stdout


def test_a_wrong_setting_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "unsorry.toml").write_text("profile = 7\n")
    done = doctor(cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "profile" in done.stderr and done.stderr.count("\n") == 1


# The ledger


async def test_the_ledger_is_written_and_says_what_it_said(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = Ledger.open(path)
    ledger.begin_run("prove")
    before = list(ledger.database["runs"].rows)
    version = ledger.database.execute("PRAGMA user_version").fetchone()
    log = path.with_name("ledger.db-wal").stat().st_size
    found = await finding(Settings(ledger=path), tmp_path, "ledger")
    assert found.ok and str(path) in found.said
    assert path.with_name("ledger.db-wal").stat().st_size > log, "something reached the disk"
    assert list(ledger.database["runs"].rows) == before
    assert ledger.database.execute("PRAGMA user_version").fetchone() == version
    ledger.close()


async def test_a_ledger_that_can_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = await finding(Settings(ledger=tmp_path / "file" / "ledger.db"), tmp_path, "ledger")
    assert not found.ok and str(tmp_path / "file") in found.said and found.remedy


async def test_a_ledger_that_others_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_up, "LEDGER_WITHIN", 0.2)
    ledger = Ledger.open(tmp_path / "ledger.db")
    with ledger.transaction():
        found = await finding(Settings(ledger=ledger.path), tmp_path, "ledger")
    ledger.close()
    assert not found.ok and "locked" in found.said and "Close programs" in found.remedy


async def test_no_ledger_is_wanted(tmp_path: Path) -> None:
    found = await finding(Settings(remember=False), tmp_path, "ledger")
    assert found.ok and not (tmp_path / ".unsorry").exists()


# The language server


async def test_a_server_that_ends_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = program(tmp_path / "python", "echo 'no module named pygls' >&2; exit 3")
    monkeypatch.setattr(sys, "executable", broken)
    with pytest.raises(EditorError, match="exit code 3: no module named pygls"):
        await first_answer()
    found = await finding(Settings(), tmp_path, "editor")
    assert not found.ok and "unsorry lsp --verbose" in found.remedy


async def test_a_server_that_says_nothing_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = program(tmp_path / "python", f"exec tail -f {tmp_path / 'python'} >/dev/null")
    monkeypatch.setattr(sys, "executable", silent)
    monkeypatch.setattr(editor_answers, "WITHIN", 1.0)
    with pytest.raises(EditorError, match="did not answer within"):
        await first_answer()
    assert not [child for child in psutil.Process().children() if silent in _command(child)]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


# The search


async def test_a_search_that_proves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(sessions=1, strategies=("refute",))
    monkeypatch.setattr(check_up, "SEARCH_SECONDS", 15.0)
    began = asyncio.get_running_loop().time()
    found = await finding(settings, tmp_path, "toolchain", "search")
    assert not found.ok and found.said.startswith(f"0 of {len(TOY_GOALS)} toy goals")
    assert "strategies" in found.remedy
    assert asyncio.get_running_loop().time() - began < 120


async def test_a_search_has_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_up, "SEARCH_SECONDS", 0.0)
    found = await finding(Settings(sessions=1), tmp_path, "toolchain", "search")
    assert not found.ok and found.said.startswith("0 of")


async def test_nothing_is_searched_without_lean(tmp_path: Path) -> None:
    found = await finding(Settings(), tmp_path, "search")
    assert not found.ok and "has not been started" in found.said
