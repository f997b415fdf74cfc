"""The commands that look into the ledger: stats, cache, fit and why. No Lean runs here."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from search.difficulty import Difficulty
from search.ledger import Ledger
from server import cli
from tests.server.remembering import EASY, HARD, fill


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A workspace with a ledger."""
    (tmp_path / "Work.lean").write_text("\n")
    fill(tmp_path / ".unsorry" / "ledger.db")
    return tmp_path


def unsorry(cwd: Path, *arguments: object, code: int = 0) -> str:
    """What it prints; the complaint when it ends with another code than 0."""
    done = subprocess.run(
        [sys.executable, "-m", "server.cli", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr if code else done.stdout


def test_stats_say_what_can_not_run_and_when_a_language_model_is_asked(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = unsorry(place, "stats")
    assert "no copilot" in shown and "`unsorry train` makes one" in shown
    assert "No language model is configured" in shown
    monkeypatch.setenv("UNSORRY_CHAT_URL", "http://localhost:1/v1")
    monkeypatch.setenv("UNSORRY_CHAT_MODEL", "tiny")
    found = json.loads(unsorry(place, "stats", "--json"))
    assert "tiny is asked about goals from difficulty 0.50" in found["payment"]
    assert "sketch" not in found["left_out"] and "reprover" in found["left_out"]


def test_stats_as_json(place: Path) -> None:
    found = json.loads(unsorry(place, "stats", "--json"))
    assert found["goals"] == {"open": 1, "proved": 1}
    assert (found["attempts"], found["proofs"], found["open_tickets"]) == (4, 1, 0)
    assert found["incidents"] == {"session_died": 1}
    assert found["cache"] == {"hits": 0, "rejected": 0, "misses": 0, "hit_rate": 0.0}
    by_name = {strategy["strategy"]: strategy for strategy in found["strategies"]}
    evaluate = by_name["evaluate"]
    assert (evaluate["attempts"], evaluate["successes"], evaluate["mean_seconds"]) == (2, 0, 1.0)
    assert by_name["arithmetic"]["share"] == 1.0


def test_stats_as_a_table(place: Path) -> None:
    shown = unsorry(place, "stats")
    row = next(line for line in shown.splitlines() if line.startswith("arithmetic"))
    assert row.split() == ["arithmetic", "1", "1", "0.25", "0.25", "100%"]
    said = [line.split(maxsplit=1) for line in shown.splitlines()]
    assert ["goals", "1 open, 1 proved"] in said and ["incidents", "1 session_died"] in said


def test_without_a_ledger_there_is_one_line_and_none_is_made(tmp_path: Path) -> None:
    said = unsorry(tmp_path, "stats", code=2)
    assert "There is no ledger at" in said and "Run `unsorry bg`" in said
    assert not list(tmp_path.iterdir())


def test_another_ledger_can_be_named(place: Path, tmp_path: Path) -> None:
    (place / "unsorry.toml").write_text("ledger = 'elsewhere.db'\n")
    assert "elsewhere.db" in unsorry(place, "stats", code=2)
    shown = unsorry(place, "stats", "--json", "--ledger", place / ".unsorry" / "ledger.db")
    assert json.loads(shown)["attempts"] == 4


def test_proofs_go_to_another_ledger_unverified(place: Path, tmp_path: Path) -> None:
    file, other = tmp_path / "proofs.jsonl.gz", tmp_path / "other.db"
    assert "Wrote 1 proof to" in unsorry(place, "cache", "export", file)
    assert "Added 1 proof;" in unsorry(place, "cache", "import", file, "--ledger", other)
    assert "Added 0 proofs;" in unsorry(place, "cache", "import", file, "--ledger", other)
    ledger = Ledger.open(other)
    ((proof, _),) = ledger.every_proof()
    ledger.close()
    assert (proof.script, proof.origin, proof.verified_at) == ("omega", "import", 0.0)


def test_what_is_no_cache_is_not_imported(place: Path) -> None:
    (place / "wrong.jsonl").write_text("theorem\n")
    said = unsorry(place, "cache", "import", "wrong.jsonl", code=2)
    assert "wrong.jsonl" in said and "line 1" in said


def test_fit_needs_enough_goals(place: Path) -> None:
    said = unsorry(place, "fit", code=2)
    assert "There are 2 finished goals" in said and "Search more goals first." in said


def test_fit_learns_which_goals_are_hard(place: Path) -> None:
    path = place / ".unsorry" / "ledger.db"
    fill(path, more_goals=30)
    kept = path.with_name("difficulty.json")
    assert "62 goals, 31 proved by light strategies" in unsorry(place, "fit", "--dry-run")
    assert not kept.exists()
    assert str(kept) in unsorry(place, "fit")
    learned = Difficulty.load(kept)
    assert learned.of({"size": 2.0, "recursive_definitions": 0.4}) < 0.2
    assert learned.of({"size": 9.0, "recursive_definitions": 1.8}) > 0.8


@pytest.mark.parametrize("named", [HARD[:6], "Work.lean:7", "Work.lean:7:3"])
def test_why_explains_what_comes_next(place: Path, named: str) -> None:
    said = unsorry(place, "why", named)
    assert said.startswith("Work.lean:7:3  lemma7\nopen, key bbbb") and "⊢ goal at 7" in said
    difficulty = next(line for line in said.splitlines() if line.startswith("difficulty"))
    assert "by the usual weights" in difficulty and "size +" in difficulty
    assert "light strategies have used 3.5 s, a search may use 8.0 s" in said
    order = said[said.index("in this order (policy contextual)") :]
    assert "1. " in order and "; last time: failed" in order
    tried = said[said.index("what was tried") :]
    assert "evaluate" in tried and "timeout" in tried


def test_why_shows_the_order_of_the_policy_and_strategies_that_are_asked_for(place: Path) -> None:
    said = unsorry(place, "why", EASY[:4], "--policy", "fixed", "--strategies", "grind,evaluate")
    order = said[said.index("(policy fixed)") :].splitlines()[1:]
    assert [line.split()[:2] for line in order[:2]] == [["1.", "evaluate"], ["2.", "grind"]]
    assert order[2] == ""


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("Work.lean:99", "no goal at Work.lean:99. It knows some at lines 2, 7."),
        ("Other.lean:1", "no goal at Other.lean:1. Run `unsorry bg`"),
        ("zzz", "No goal's key, or more than one, begins with zzz."),
    ],
)
def test_why_about_what_is_not_there(place: Path, named: str, said: str) -> None:
    assert said in unsorry(place, "why", named, code=2)
