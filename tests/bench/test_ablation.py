"""The ablation: its file, its tables, and a run over a few goals with real Lean."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bench.ablation import Asked, Configuration, main
from bench.ablation_goals import problems
from bench.ablation_results import Gain, Outcome, Result, Results, as_lines, digest, found_by
from bench.places import bare_workspace
from lean.errors import WorkspaceError
from search.engine import Engine
from search.settings import Settings

BANK = [
    {"id": "swap", "statement": "theorem swap (a b : Nat) : a + b = b + a"},
    {"id": "wrong", "statement": "theorem wrong (n : Nat) : n < 5"},
]
FIRST = {
    "id": "first",
    "statement": "theorem first (n : Nat) : n = n",
    "family": "two",
    "why": "it is not",
    "reference": "rfl",
}
SECOND = FIRST | {
    "id": "second",
    "statement": "theorem second (m n : Nat) : m + n = n + m",
    "preamble": "theorem first (n : Nat) : n = n := by\n  rfl",
    "reference": "exact Nat.add_comm m n",
}

FILE = """namespace N

theorem one (n : Nat) : n ≤ n + 1 := by sorry

def value : Nat := sorry

theorem two (n : Nat) : n = n ∧ n ≤ n := by
  constructor
  · sorry
  · sorry

end N
"""


def result(goal: str, kind: str = "proved", seconds: float = 1.0) -> Result:
    return Result("some", goal, "bank", "d", kind, "grind", seconds)


def outcome(name: str, *rows: Result) -> Outcome:
    return Outcome(name, rows)


def bank(folder: Path) -> Path:
    file = folder / "toys.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in BANK), "utf-8")
    return file


def family(folder: Path) -> Path:
    file = folder / "hard.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in (FIRST, SECOND)), "utf-8")
    return file


@pytest.fixture(scope="module")
async def engine() -> AsyncIterator[Engine]:
    settings = Settings(
        automatic=False,
        sessions=1,
        spare=False,
        strategies=("hypotheses", "arithmetic"),
        remember=False,
        tickets=False,
    )
    async with Engine.open(bare_workspace(), settings) as engine:
        yield engine


# The file


def test_results_are_found_again_by_exactly_what_was_asked(tmp_path: Path) -> None:
    results = Results.resumed(tmp_path / "new" / "results.jsonl")
    results.add(result("a"))
    results.add(result("b", kind="error"))
    again = Results.resumed(results.path)
    assert again.find("some", "a", "d") == result("a")
    assert again.find("some", "a", "other") is None
    assert again.find("some", "b", "d") is None, "what could not be searched is searched again"
    assert digest("a", 1) != digest("a", 2)


def test_a_line_that_was_cut_off_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    results = Results.resumed(path)
    results.add(result("a"))
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"configuration": "some", "go')
    again = Results.resumed(path)
    assert list(again.rows) == [("some", "a", "d")] and path.read_bytes() == whole


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.jsonl"
    path.write_text('{"id": "x"}\n')
    with pytest.raises(WorkspaceError, match="no file of such results"):
        Results.resumed(path)


# The tables


@pytest.mark.parametrize(
    ("after", "verdict"),
    [
        ([result("a"), result("b"), result("c")], "adds 1 goal"),
        ([result("a", seconds=0.5), result("b", seconds=0.5)], "adds no goals, saves 50%"),
        ([result("a", seconds=0.98), result("b")], "adds neither"),
        ([result("a", seconds=0.1)], "adds neither"),
    ],
)
def test_what_a_strategy_adds_is_said(after: list[Result], verdict: str) -> None:
    before = outcome("micro", result("a"), result("b"), result("c", kind="open"))
    assert Gain.over(before, outcome("more", *after)).verdict.startswith(verdict)


def test_the_table_says_what_is_not_there() -> None:
    outcomes = [
        outcome("micro", result("a")),
        Outcome("+copilot", unavailable="there is no model"),
        Outcome("all", (result("a"), result("b", seconds=3.0)), without=("copilot (no model)",)),
    ]
    text = "\n".join(as_lines(outcomes, {"bank": 2}))
    assert "not available: there is no model" in text
    assert "all did without copilot (no model)" in text
    assert "2.00 s" in text and "adds 1 goal" in text
    assert "grind" in "\n".join(found_by(outcomes[2].results))


# Runs


def test_a_run_is_resumed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--goals", str(bank(tmp_path)), "--only", "micro"]
    arguments += ["--output", str(tmp_path / "results.jsonl")]
    assert main(arguments) == 0
    printed = capsys.readouterr()
    assert "toys/swap proved" in printed.err and "toys/wrong refuted" in printed.err
    path = tmp_path / "results.jsonl"
    whole = path.read_text("utf-8")
    path.write_text(whole.split("\n")[0] + "\n", "utf-8")

    assert main(arguments) == 0
    printed = capsys.readouterr()
    assert "toys/swap" not in printed.err and "toys/wrong refuted" in printed.err
    assert "micro" in printed.out


def test_configurations_may_run_side_by_side_and_heavy_strategies_from_profile_1_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--goals", str(bank(tmp_path)), "--only", "micro", "+induct", "+premises"]
    arguments += ["--output", str(tmp_path / "results.jsonl"), "--jobs", "3", "--profile", "0"]
    assert main(arguments) == 0
    printed = capsys.readouterr()
    assert "not available: it runs from profile 1 on" in printed.out
    assert "+induct, 1 of 2" not in printed.err
    order = [line.partition(",")[0] for line in printed.err.splitlines()]
    assert sorted(order) == ["+premises", "+premises", "micro", "micro"]
    assert len((tmp_path / "results.jsonl").read_text("utf-8").splitlines()) == 4


async def test_goals_of_a_family_one_by_one_and_within_all_of_it(
    engine: Engine, tmp_path: Path
) -> None:
    found = await problems([family(tmp_path)])
    first, second = found.goals
    assert "theorem second" in first.whole and "theorem second" not in first.above
    assert first.whole.count("sorry") == second.whole.count("sorry") == 1
    for sight in ("above", "others"):
        asked = Asked(
            engine, Configuration("test", (), sight), found, Results(tmp_path / sight), ()
        )
        rows = await asked.all()
        assert [row.kind for row in rows] == ["proved", "proved"], [row.reason for row in rows]


async def test_holes_of_a_file_stand_where_they_are_said_to(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "File.lean").write_text(FILE, "utf-8")
    found = await problems([tmp_path / "File.lean"])
    assert [problem.line for problem in found.goals] == [3, 9, 10]
    assert found.goals[1].above.endswith("· sorry\n  · sorry\n")
    for problem in found.goals:
        for text in (problem.above, problem.whole):
            view = await engine.update(problem.path, text)
            assert view and problem.handle(view)
    engine.forget("projects/File.lean")
