"""`unsorry gates` on tiny banks with real Lean: one where every gate holds, one where it fails."""

import importlib.metadata
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bench.gates import Gate, lift
from bench.gates_command import as_text, gates
from bench.measurement import Target
from bench.processor_share import ProcessorShare
from bench.rendering import rendered
from lean.errors import WorkspaceError

SWAP = {"id": "swap", "statement": "theorem swap (a b : Nat) : a + b = b + a"}
WRONG = [
    {"id": f"wrong{n}", "statement": f"theorem wrong{n} (n : Nat) : n < {n}"} for n in (5, 6, 7)
]
# Nothing proves or refutes one of them, and each is another goal.
HARD = (
    "theorem hard{0} (f : Nat → Nat) (h : ∀ n, f (n + 1) = f n * f n) : f 9 + {0} = f 0 ^ 512 + {0}"
)
# Only who finds the theorem above knows it: nothing leads from the goal to it.
HIDDEN = {
    "id": "hidden",
    "statement": "theorem hidden_other : hidden.size ≠ 1",
    "preamble": "structure Hidden where\n  size : Nat\n  large : 5 ≤ size\n\n"
    "opaque hidden : Hidden := ⟨5, Nat.le_refl 5⟩\n\n"
    "theorem hidden_large : 5 ≤ hidden.size :=\n  hidden.large",
    "family": "hidden",
    "why": "its value is hidden",
    "reference": "have := hidden_large\nomega",
}


def written(file: Path, *rows: dict[str, Any]) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file


def measured(*arguments: object) -> Result:
    done = CliRunner().invoke(gates, [*map(str, arguments)], standalone_mode=False)
    if done.exception is not None and not isinstance(done.exception, Exception):
        raise done.exception
    return done


def said(result: Result) -> dict[str, Any]:
    found = json.loads(result.stdout)
    return {gate["name"]: gate for gate in found["gates"]}


def value(gate: dict[str, Any], words: str) -> float:
    ((_, target),) = [item for item in gate["targets"].items() if words in item[0]]
    return float(target["value"])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gates")


@pytest.fixture(scope="module")
def good(place: Path) -> Result:
    """All gates, where every one holds."""
    return measured(
        *("--bank", written(place / "good" / "toys.jsonl", SWAP)),
        *("--hard", written(place / "good" / "hard.jsonl", HIDDEN)),
        *("--jobs", 1, "--cpu-target", 1, "--out", place / "out", "--workspace", place, "--json"),
    )


def test_all_gates_hold(good: Result) -> None:
    assert good.return_value == 0, good.output
    found = said(good)
    assert list(found) == ["M0", "M1", "M2"] and all(gate["holds"] for gate in found.values())
    assert any("Lean 4." in line for line in found["M0"]["said"])
    assert "blueprint: there is none here" in found["M0"]["said"]
    assert value(found["M1"], "toy bank") == 1.0 and 0 < value(found["M1"], "machine") <= 1
    assert value(found["M2"], "lift") == 1.0, "none before, one of one after"


def test_progress_is_told_on_stderr(good: Result) -> None:
    assert "measuring M2 …" in good.stderr and "toys/swap proved" in good.stderr
    assert "gate: retrieval, 1 of 1: hard/hidden proved" in good.stderr


def test_too_few_and_a_proof_that_is_none(good: Result, place: Path) -> None:
    """What was found is not searched again, and has to be a proof all the same."""
    results = place / "out" / "results.jsonl"
    rows = [json.loads(line) for line in results.read_text("utf-8").splitlines()]
    for row in rows:
        if row["goal"] == "toys/swap":
            row["script"] = "exact Nat.mul_comm a b"
    results.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    bad = written(place / "bad" / "toys.jsonl", SWAP, *WRONG)
    done = measured(
        *("--only", "m1", "--bank", bad, "--jobs", 1, "--cpu-target", 1, "--out", place / "out"),
        "--json",
    )
    assert done.return_value == 1, done.output
    assert "toys/swap" not in done.stderr and "toys/wrong5" in done.stderr
    gate = said(done)["M1"]
    assert not gate["holds"] and value(gate, "toy bank") == 0.25
    assert value(gate, "fresh Lean") == 1
    assert any(line.startswith("toys/swap is not replayed:") for line in gate["said"])


def test_it_can_be_stopped_and_goes_on(place: Path) -> None:
    hard = ({"id": f"hard{n}", "statement": HARD.format(n)} for n in range(1, 51))
    bank = written(place / "long" / "toys.jsonl", SWAP, *hard)
    out = place / "stopped"
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", "from bench.gates_command import gates; gates()"),
            *("--only", "M1", "--bank", bank, "--jobs", "1", "--out", out, "--cpu-target", "1"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stderr
    for line in process.stderr:
        if "toys/swap proved" in line:
            break
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=120)
    assert "the same command goes on from here" in errors and "Traceback" not in errors
    assert "M1" not in output
    assert "toys/swap" in (out / "results.jsonl").read_text("utf-8")
    assert ProcessorShare(out / "processor.jsonl").of("gate: profile 1 at 1") > 0


def test_m0_fails_without_lean(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNSORRY_TOOLCHAIN", "native")
    monkeypatch.setenv("PATH", str(place))
    done = measured("--only", "M0", "--workspace", place, "--out", place / "none")
    assert done.return_value == 1
    assert done.stdout.startswith("M0 FAILS\n") and "elan" in done.stdout


def test_mistakes(place: Path) -> None:
    none = place / "none.jsonl"
    done = measured("--bank", none, "--out", place / "none")
    assert isinstance(done.exception, WorkspaceError) and done.stdout == ""
    assert f"There is no bank {none}" in str(done.exception)
    taken = place / "taken"
    taken.write_text("")
    done = measured("--only", "M1", "--out", taken / "below")
    assert isinstance(done.exception, WorkspaceError) and "--out" in str(done.exception)


def test_the_command_is_found() -> None:
    found = importlib.metadata.entry_points(group="unsorry.commands", name="gates")
    assert [point.load() for point in found] == [gates]


# The figures


@pytest.mark.parametrize(
    ("before", "after", "total", "expected"),
    [(10, 11, 77, 0.1), (20, 21, 77, 0.05), (0, 8, 80, 0.1), (0, 7, 80, 0.0875), (4, 2, 9, -0.5)],
)
def test_the_lift(before: int, after: int, total: int, expected: float) -> None:
    assert lift(before, after, total) == pytest.approx(expected)


def test_a_gate_fails_by_one_target_and_by_what_was_not_measured() -> None:
    good, bad = Target("one", 1, ">=", 1), Target("two", float("nan"), "<=", 1)
    assert Gate("M1", targets=(good,)).holds
    failed = Gate("M1", ("a line",), (good, bad))
    assert not failed.holds
    assert as_text(failed, limit=3).splitlines() == [
        "M1 FAILS (the first 3 goals of each bank)",
        "  a line",
        "  one: 1 (target >= 1) met",
        "  two: nan (target <= 1) MISSED",
    ]
    assert not Gate("M2", problem="it broke").holds


def test_the_share_of_the_machine_is_added_up(tmp_path: Path) -> None:
    share = ProcessorShare(tmp_path / "processor.jsonl")
    rows = [("a", 1.0, 2.0), ("b", 9.0, 9.0), ("a", 0.0, 2.0)]
    lines = [json.dumps({"name": name, "used": used, "had": had}) for name, used, had in rows]
    share.path.write_text("\n".join(lines) + "\n")
    with share.measured("a", lambda: False):
        pass
    assert share.of("a") == 0.25 and share.of("c") != share.of("c")
    share.path.write_text("nonsense\n")
    with pytest.raises(WorkspaceError, match=r"processor\.jsonl"):
        share.of("a")


# The blueprint


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "blueprint" / "src").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin")
    return tmp_path


def leanblueprint(project: Path, script: str) -> None:
    """A program of that name, for what comes of its exit code and its pages."""
    program = project / "bin" / "leanblueprint"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


async def test_no_blueprint_and_no_program_are_no_failures(project: Path, tmp_path: Path) -> None:
    missing = await rendered(project)
    assert missing.ok and "leanblueprint is not installed" in missing.said
    none = await rendered(project / "bin")
    assert none.ok and none.said == "there is none here"


async def test_a_blueprint_that_renders(project: Path) -> None:
    leanblueprint(project, "mkdir -p blueprint/$1 && echo page > blueprint/$1/index.html")
    found = await rendered(project)
    assert found.ok and str(project / "blueprint" / "web" / "index.html") in found.said


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo starting; echo 'undefined \\\\uses' >&2; exit 4", "exit code 4: undefined"),
        ("true", "made no blueprint/web/index.html"),
        (
            "mkdir -p blueprint/web; echo page > blueprint/web/index.html\n"
            "echo 'ERROR: Loading package \"report\" failed: No'\n"
            "echo '   module x'\necho ' [ y ]'",
            'Loading package "report" failed: No module x. Run',
        ),
    ],
)
async def test_a_blueprint_that_does_not(project: Path, script: str, says: str) -> None:
    leanblueprint(project, script)
    found = await rendered(project)
    assert not found.ok and says in str(found) and "leanblueprint web" in found.remedy


async def test_pages_of_before_do_not_count(project: Path) -> None:
    (project / "blueprint" / "web").mkdir()
    (project / "blueprint" / "web" / "index.html").write_text("old")
    leanblueprint(project, "true")
    assert not (await rendered(project)).ok
