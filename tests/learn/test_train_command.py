"""`unsorry train` from a clean folder: with real Lean, real torch, and very little time."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lean.errors import ToolchainError
from lean.toolchain import Toolchain
from lean.workspace import Workspace
from search.generation.model_folder import kind_of
from search.settings import Settings
from search.training.course import Course, Request
from search.training.gathering import Gathered, HeldOut
from search.training.pairs import split
from search.training.plan import CONVERTED, Plan, Progress, Trained
from tests.search.tiny_models import random_model, words_model

WITHIN = 300
FILE = """\
def twice : Nat → Nat
  | 0 => 0
  | n + 1 => twice n + 2

theorem twice_eq (n : Nat) : twice n = 2 * n := by
  induction n with
  | zero => rfl
  | succ n ih => simp [twice, ih]; omega

theorem total_append (p q : Prop) (h : p ∧ q) : q ∧ p := by
  sorry

/-- Held out, as the hash of its name has it. -/
theorem le_twice (n : Nat) : n ≤ twice n := by
  sorry

theorem and_swap' (p q : Prop) (h : p ∧ q) : q ∧ p ∧ q := by
  exact ⟨h.2, h.1, h.2⟩

theorem twice_le (a b c : Nat) (h : a < b) (k : b < c) : a < c := by
  exact Nat.lt_trans h k

theorem %s (a b : Nat) (h : a ≤ b) : a < b + 1 := by
  exact Nat.lt_succ_of_le h
"""


def command(folder: Path, *arguments: object) -> list[str]:
    return [
        *(sys.executable, "-m", "server.cli", "train", "--workspace", str(folder)),
        *map(str, arguments),
    ]


def run(folder: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(folder, *arguments), capture_output=True, text=True, timeout=WITHIN
    )


def validation_name() -> str:
    """A name that falls among what the best model is chosen by."""
    from search.training.pairs import side_of

    names = (f"of_le_{number}" for number in range(1000))
    return next(name for name in names if side_of(name) == "validation")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("train")
    (folder / "Small.lean").write_text(FILE % validation_name(), "utf-8")
    return folder


@pytest.fixture(scope="module")
def done(folder: Path, installed: Toolchain) -> Iterator["subprocess.CompletedProcess[str]"]:
    """One run, at which several tests look."""
    yield run(folder, "--minutes", 0.2, "--curriculum", 12, "--seed", 5, "--jobs", 1)


def recipe_of(folder: Path) -> dict[str, Any]:
    places = [folder / "tacgen", folder / ".tacgen.training" / CONVERTED]
    place = next(place for place in places if place.is_dir())
    recipe: dict[str, Any] = json.loads((place / "recipe.json").read_text("utf-8"))
    return recipe


def test_the_report_says_what_was_done(done: "subprocess.CompletedProcess[str]") -> None:
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    said = {words[0]: words for words in lines}
    assert {"pairs", "train", "model", "training", "loss", "exact", "held-out", "all"} <= set(said)
    assert int(said["train"][1]) > 2 and "workspace" in said["train"]
    assert said["model"][2] == "parameters," and float(said["model"][3]) <= 8.0
    assert ("accepted" in said) != ("refused" in said)
    assert "step" in done.stderr and "validation" in done.stderr


def test_the_recipe_lies_beside_the_model(
    folder: Path, done: "subprocess.CompletedProcess[str]"
) -> None:
    recipe = recipe_of(folder / ".unsorry" / "models")
    assert recipe["plan"]["seed"] == 5 and recipe["data"]["files"] == ["Small.lean"]
    assert recipe["scores"]["held_out"] == ["and_swap'", "le_twice"]
    assert set(recipe["scores"]["goals"]) == {"nothing", "new"}
    assert recipe["reason"] in done.stdout
    assert {"torch", "transformers", "ctranslate2", "lean"} <= set(recipe["versions"])
    assert recipe["accepted"] is ("accepted" in done.stdout)


def test_what_is_held_out_was_not_learned_from(
    folder: Path, done: "subprocess.CompletedProcess[str]"
) -> None:
    scratch = folder / ".unsorry" / "models" / ".tacgen.training"
    sides = {
        side: [
            json.loads(line)["declaration"]
            for line in (scratch / f"{side}.jsonl").read_text("utf-8").splitlines()
        ]
        for side in ("train", "validation", "held_out")
    }
    assert set(sides["held_out"]) == {"and_swap'", "le_twice"}
    assert set(sides["validation"]) == {validation_name()}
    assert {"twice_eq", "twice_le"} <= set(sides["train"])


def test_ctrl_c_keeps_the_best_model_and_the_active_one(
    folder: Path, done: "subprocess.CompletedProcess[str]", tmp_path: Path
) -> None:
    active = random_model(tmp_path / "tacgen")
    before = (active / "model.bin").read_bytes()
    arguments = ("--minutes", 20, "--curriculum", 1, "--jobs", 1, "--output", active)
    process = subprocess.Popen(
        command(folder, *arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr
    try:
        for line in process.stderr:
            if "step" in line:
                break
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=WITHIN)
    finally:
        process.kill()
    assert process.returncode == 130, errors
    best = tmp_path / ".tacgen.training" / CONVERTED
    assert f"Interrupted. The best model so far is in {best}." in errors and not output
    assert kind_of(best) == "ctranslate2"
    assert (active / "model.bin").read_bytes() == before


def test_a_folder_without_lean_files_is_one_clear_line(tmp_path: Path) -> None:
    failed = run(tmp_path)
    assert failed.returncode == 2
    assert failed.stderr.startswith("unsorry: There are no Lean files in ")
    assert failed.stderr.count("\n") == 1


def test_a_folder_with_other_things_in_it_does_not_make_room(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    failed = run(folder, "--output", tmp_path)
    assert failed.returncode == 2
    assert failed.stderr == (
        f"unsorry: {tmp_path} is no model, and is not replaced by one. Name a new folder.\n"
    )


def test_two_trainings_do_not_write_into_one_folder(folder: Path, tmp_path: Path) -> None:
    from filelock import FileLock

    scratch = tmp_path / ".model.training"
    scratch.mkdir()
    with FileLock(scratch / "lock"):
        failed = run(folder, "--output", tmp_path / "model")
    assert failed.returncode == 2
    assert failed.stderr == (
        f"unsorry: Another training writes into {scratch}. Wait until it has ended.\n"
    )


async def test_what_an_earlier_run_left_is_not_the_best_of_this_one(
    tmp_path: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However early this one ends: here there is no Lean for it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    request = Request(workspace, Settings(toolchain="native"), {}, None, tmp_path / "tacgen")
    random_model(request.scratch / CONVERTED)
    with pytest.raises(ToolchainError):
        await Course(request, lambda _: None, lambda _: None).run()
    assert not (request.scratch / CONVERTED).exists()


GOALS = [
    HeldOut("A.lean", f"def twice (n : Nat) : Nat := n + n\n\n{text}", name)
    for name, text in {
        "a": "theorem a (n : Nat) : twice n = 2 * n := by\n  sorry\n",
        "b": "theorem b (n : Nat) (h : n = 0) : twice n = 0 := by\n  sorry\n",
        "c": "theorem c : ∃ n, twice n = 8 := by\n  sorry\n",
    }.items()
]


TRAINED = Trained(Progress(1, 1.0, 1.0, 1.0, 0.0, 1), 1.0, 1, 0.0)


@pytest.mark.parametrize("better", [True, False])
async def test_only_a_model_that_proves_more_becomes_the_active_one(
    tmp_path: Path, workspace: Workspace, toolchain: Toolchain, better: bool
) -> None:
    """By real Lean on real goals: one of the models knows what to say, the other does not."""
    says = ("simp only [twice]; omega", "exact ⟨4, rfl⟩")
    output = tmp_path / "tacgen"
    request = Request(workspace, Settings(sessions=1), {}, None, output, Plan(), trial_seconds=10.0)
    candidate = request.scratch / CONVERTED
    candidate.parent.mkdir()
    knows, guesses = (candidate, output) if better else (output, candidate)
    words_model(knows, says)
    random_model(guesses)
    before = (output / "model.bin").read_bytes()

    course = Course(request, lambda _: None, lambda _: None)
    report = await course._judged(toolchain, Gathered(held_out=GOALS), split([]), TRAINED)

    solved = {trial.name: len(trial.solved) for trial in report.trials}
    winner, loser = ("new", "active") if better else ("active", "new")
    assert solved[winner] == 3 > solved[loser] >= 0
    assert report.decision.accepted is better
    kept = (output / "model.bin").read_bytes()
    assert (kept != before) is better
    previous = tmp_path / "tacgen.previous"
    assert previous.is_dir() is better
    if better:
        assert (previous / "model.bin").read_bytes() == before
        assert json.loads((output / "recipe.json").read_text("utf-8"))["accepted"] is True
    else:
        fewer = 3 - solved["new"]
        assert f"{fewer} fewer than the active model" in report.decision.reason
        assert report.folder == candidate


async def test_a_damaged_model_is_replaced_but_not_in_silence(
    tmp_path: Path, workspace: Workspace, toolchain: Toolchain
) -> None:
    output = tmp_path / "tacgen"
    request = Request(workspace, Settings(sessions=1), {}, None, output, Plan(), trial_seconds=10.0)
    request.scratch.mkdir()
    words_model(request.scratch / CONVERTED, ("simp only [twice]; omega", "exact ⟨4, rfl⟩"))
    weights = random_model(output) / "model.bin"
    weights.write_bytes(weights.read_bytes()[:100])
    said: list[str] = []

    course = Course(request, said.append, lambda _: None)
    report = await course._judged(toolchain, Gathered(held_out=GOALS), split([]), TRAINED)

    why = f"The model in {output} can't be used: "
    assert any(one.startswith(f"the active model takes no part: {why}") for one in said)
    assert [trial.name for trial in report.trials] == ["nothing", "new"]
    assert report.decision.accepted
    assert f"; the active model took no part: {why}" in report.decision.reason
    recipe = json.loads((output / "recipe.json").read_text("utf-8"))
    assert recipe["reason"] == report.decision.reason
