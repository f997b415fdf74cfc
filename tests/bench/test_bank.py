"""`unsorry bench` with real Lean on small banks: results, exit codes, mistakes, Ctrl-C."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from search.arms import default_arms

ROWS = [
    {"id": "swap", "statement": "theorem swap (a b : Nat) : a + b = b + a", "difficulty": "easy"},
    {"id": "wrong", "statement": "theorem wrong (n : Nat) : n < 5", "tags": ["false"]},
    {"id": "own", "statement": "theorem own : f 2 = 4", "preamble": "def f (n : Nat) := n + n"},
    {"id": "typo", "statement": "theorem typo : Nat.noSuchThing = 1"},
]
RESULT_KEYS = {
    "timestamp",
    "goals_total",
    "goals_processed",
    "goals_solved",
    "goals_refuted",
    "strategies",
    "config",
    "toolchain",
    "machine",
    "goals",
}


def bench(*arguments: object, cwd: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "server.cli", "--bench", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=240,
    )


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("bank") / "small.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in ROWS), "utf-8")
    return file


@pytest.fixture(scope="module")
def run(bank: Path) -> "subprocess.CompletedProcess[str]":
    return bench("--bank", bank, "--json", "--jobs", 1, cwd=bank.parent)


@pytest.fixture
def result(run: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    result: dict[str, Any] = json.loads(run.stdout)
    return result


def test_json_is_the_results_file_and_nothing_else(
    run: "subprocess.CompletedProcess[str]", result: dict[str, Any], bank: Path
) -> None:
    assert run.returncode == 0 and run.stderr == ""
    (written,) = (bank.parent / "bench" / "results").glob("bank-????????-??????.json")
    assert json.loads(written.read_text("utf-8")) == result
    assert set(result) >= RESULT_KEYS


def test_counts_and_rows(result: dict[str, Any]) -> None:
    assert result["goals_total"] == result["goals_processed"] == 4
    assert (result["goals_solved"], result["goals_refuted"], result["goals_failed"]) == (2, 1, 1)
    swap, wrong, own, typo = result["goals"]
    assert swap["solved"] and swap["verified"] and swap["script"]
    assert result["strategies"][swap["strategy"]]["succeeded"] >= 1
    assert swap["seconds"] > 0 and swap["heartbeats"] > 0
    assert wrong["refuted"] and not wrong["solved"] and wrong["counterexample"].startswith("n = ")
    assert own["solved"]
    assert typo["outcome"] == "error" and "noSuchThing" in typo["error"]


def test_strategies_config_toolchain_and_machine(result: dict[str, Any]) -> None:
    by_strategy = result["strategies"].values()
    assert sum(one["succeeded"] for one in by_strategy) == 3
    assert all(one["used"] >= one["succeeded"] for one in by_strategy)
    assert all(one["mean_seconds"] > 0 for one in by_strategy if one["succeeded"])
    assert result["config"]["profile"] == 0 and result["config"]["timeout"] == 8.0
    assert result["toolchain"]["lean_version"].startswith("4.")
    assert result["machine"]["cores"] >= 1


def test_text_limit_out_and_min_solved(bank: Path, tmp_path: Path) -> None:
    done = bench("--bank", bank, "--limit", 1, "--out", "here", "--min-solved", 2, cwd=tmp_path)
    assert done.returncode == 1 and "1 solved, 2 wanted" in done.stderr
    assert "1 of 1 solved and verified" in done.stdout and "Slowest" in done.stdout
    assert any(arm.name in done.stdout for arm in default_arms())
    assert len(list((tmp_path / "here").glob("bank-*.json"))) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--bank", "none.jsonl"), "There is no bank none.jsonl"),
        (("--bank", "."), "is a folder"),
        (("--bank", "empty.jsonl"), "has no lemmas"),
        (("--bank", "broken.jsonl"), "broken.jsonl:1"),
        (("--out", "empty.jsonl"), "can't be written to"),
        (("--profile", "9"), "--profile"),
        (("--limit", "0"), "--limit"),
    ],
)
def test_mistakes_are_told_in_one_line(
    tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "broken.jsonl").write_text("{\n")
    done = bench(*arguments, cwd=tmp_path)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert says in done.stderr.strip().split("\n")[-1]


def test_ctrl_c_writes_what_there_is(tmp_path: Path) -> None:
    # Each another goal: the same one would be searched once.
    hard = (
        "theorem h (f : Nat → Nat) (h : ∀ n, f (n + 1) = f n * f n) : f 9 + {0} = f 0 ^ 512 + {0}"
    )
    rows = [ROWS[0], *({"id": f"h{n}", "statement": hard.format(n + 1)} for n in range(50))]
    (tmp_path / "long.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    ours, theirs = pty.openpty()
    with (tmp_path / "output.json").open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "server.cli", "bench", "--bank", "long.jsonl", "--json"],
            cwd=tmp_path,
            # How far it is, it shows in a terminal.
            env={**os.environ, "TERM": "xterm", "COLUMNS": "120"},
            stdout=output,
            stderr=theirs,
        )
    os.close(theirs)
    shown = _shown(ours, "1 solved")
    process.send_signal(signal.SIGINT)
    shown += _shown(ours)
    os.close(ours)
    assert process.wait(120) == 130 and "Traceback" not in shown
    result = json.loads((tmp_path / "output.json").read_text())
    assert result["interrupted"] and 1 <= result["goals_processed"] < result["goals_total"] == 51
    assert list((tmp_path / "bench" / "results").glob("bank-*.json"))


def _shown(terminal: int, words: str = "", seconds: float = 240.0) -> str:
    """What is written to the terminal until these words, or until nobody is there to write."""
    shown, end = "", time.monotonic() + seconds
    while not words or words not in shown:
        ready, _, _ = select.select([terminal], [], [], max(0.0, end - time.monotonic()))
        assert ready, f"no {words!r} in {shown[-2000:]!r}"
        try:
            some = os.read(terminal, 65536)
        except OSError:  # Linux: nobody has the other end open.
            some = b""
        if not some:
            assert not words, shown[-2000:]
            break
        shown += some.decode("utf-8", "replace")
    return shown
