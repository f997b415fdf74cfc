"""`unsorry dashboard` and `unsorry top`: how they begin, what they refuse, how they end."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from search.ledger import Ledger
from tests.server.dashboard.a_dashboard import ENVIRONMENT, Served, command, filled, start
from tests.server.remembering import HARD, attempt


def refused(folder: Path, *words: str) -> str:
    """The one line that it says when it can't begin."""
    done = subprocess.run(
        command(*words), cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout) == (2, ""), done
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_a_port_that_is_taken(served: Served) -> None:
    said = refused(served.folder, "dashboard", "--port", str(served.port))
    assert f"Port {served.port} can't be used" in said and "--port" in said


@pytest.mark.parametrize("name", ["dashboard", "top"])
def test_without_a_ledger_there_is_nothing_to_show(tmp_path: Path, name: str) -> None:
    assert "There is no ledger at" in refused(tmp_path, name)
    assert not list(tmp_path.iterdir())


def test_without_its_packages_it_says_what_to_install(tmp_path: Path) -> None:
    filled(tmp_path)
    code = (
        "import sys; sys.modules['fastapi'] = None; "
        "from server.cli import main; main(['dashboard'], 'unsorry')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "needs the package fastapi" in done.stderr
    assert "pip install 'unsorry[dashboard]'" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_ends_it_in_order(tmp_path: Path, name: str) -> None:
    served = start(tmp_path, filled(tmp_path))
    served.process.send_signal(getattr(signal, name))
    _, complaint = served.process.communicate(timeout=60)
    assert (served.process.returncode, complaint) == (0, "")


def test_each_start_has_another_token(served: Served, own: Served) -> None:
    assert len(served.token) >= 32 and served.token != own.token


def test_top_shows_it_once_where_there_is_no_terminal(served: Served) -> None:
    done = subprocess.run(
        command("top"), cwd=served.folder, env=ENVIRONMENT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 proved, 1 open" in done.stdout and "4, 1 successful (25%)" in done.stdout
    assert "Nobody searches here now." in done.stdout and "omega" in done.stdout


def test_top_shows_what_changes_and_gives_the_screen_back(tmp_path: Path) -> None:
    filled(tmp_path)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command("top"),
        cwd=tmp_path,
        env={**ENVIRONMENT, "TERM": "xterm", "COLUMNS": "120", "LINES": "50"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    try:
        shown = _until(ours, "4, 1 successful")
        assert "\x1b[?1049h" in shown
        ledger = Ledger.open(tmp_path / ".unsorry" / "ledger.db")
        ledger.record_attempt(attempt(HARD, "grind", "failed", 1.0))
        ledger.close()
        _until(ours, "5, 1 successful")
        process.send_signal(signal.SIGINT)
        assert "\x1b[?1049l" in _until(ours, "\x1b[?1049l")
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        os.close(ours)


def _until(terminal: int, words: str, seconds: float = 120.0) -> str:
    """What was written to the terminal until these words."""
    shown, end = "", time.monotonic() + seconds
    while words not in shown:
        ready, _, _ = select.select([terminal], [], [], max(0.0, end - time.monotonic()))
        assert ready, f"no {words!r} in {shown[-2000:]!r}"
        shown += os.read(terminal, 65536).decode("utf-8", "replace")
    return shown
