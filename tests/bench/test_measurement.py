"""What every measuring program does with its options, and that each of them has a `--help`."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.measurement import Measurement, Target, run

PROGRAMS = (
    "crash",
    "driver",
    "fire",
    "incremental",
    "learning",
    "ledger",
    "policies",
    "project_files",
    "races",
    "record_attempts",
    "refutations",
    "rivals",
    "soak",
    "throttle",
    "ticket_life",
)


async def measured(chosen: argparse.Namespace) -> Measurement:
    targets = [Target("good", 3, ">=", 2), Target("bad", 3, "<=", 2)]
    return Measurement(["a table"], {"figure": 7}, targets)


def test_figures_are_written_and_missed_targets_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "figures.json"
    assert run("x", "", measured, arguments=["--json", str(file), "--check"]) == 1
    said = capsys.readouterr()
    assert "a table" in said.out and "good: 3 (target >= 2) met" in said.out
    assert "missed: bad: 3 (target <= 2) MISSED" in said.err and "good" not in said.err
    written = json.loads(file.read_text("utf-8"))
    assert written["figures"] == {"figure": 7} and written["machine"]["cores"] >= 1
    assert written["targets"]["bad"] == {"value": 3, "bound": "<= 2"}


def test_without_check_a_missed_target_is_no_failure() -> None:
    assert run("x", "", measured, arguments=[]) == 0


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_program_explains_itself(program: str) -> None:
    command = [sys.executable, "-m", f"bench.{program}", "--help"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0 and "--check" in done.stdout and "--json FILE" in done.stdout
