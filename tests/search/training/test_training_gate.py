"""The gate: only a model that proves more takes the place of the one in use."""

import json
from pathlib import Path

import pytest

from search.training.folders import put_in_place, size_of
from search.training.gate import RECIPE, decide, make_active, write_recipe
from search.training.trial import Trial


def trial(name: str, solved: int, goals: int = 10) -> Trial:
    return Trial(name, goals, {f"goal {number}" for number in range(solved)})


@pytest.mark.parametrize(
    ("new", "nothing", "active", "accepted", "said"),
    [
        (5, 4, None, True, "5 of 10 held-out goals, 1 more than the search without a model"),
        (5, 2, 4, True, "1 more than the active model"),
        (4, 4, None, False, "no more than the search without a model"),
        (3, 4, None, False, "1 fewer than the search without a model"),
        (4, 1, 6, False, "2 fewer than the active model"),
        (6, 1, 6, False, "no more than the active model"),
        (6, 7, 5, False, "1 fewer than the search without a model"),
    ],
)
def test_a_model_must_prove_more(
    new: int, nothing: int, active: int | None, accepted: bool, said: str
) -> None:
    rival = None if active is None else trial("active", active)
    decision = decide(trial("new", new), trial("nothing", nothing), rival)
    assert decision.accepted is accepted and said in decision.reason


def test_without_goals_nothing_is_accepted() -> None:
    decision = decide(trial("new", 0, 0), trial("nothing", 0, 0), None)
    assert not decision.accepted and "no held-out goals" in decision.reason


@pytest.mark.parametrize("solved", [3, 5])
def test_an_active_model_that_took_no_part_is_not_passed_over_in_silence(solved: int) -> None:
    decision = decide(trial("new", solved), trial("nothing", 4), None, "It is damaged.")
    assert decision.accepted is (solved > 4)
    assert decision.reason.endswith("; the active model took no part: It is damaged.")


def model(folder: Path, said: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "model.bin").write_text(said, "utf-8")
    return folder


def test_the_previous_model_is_kept(tmp_path: Path) -> None:
    active = tmp_path / "models" / "tacgen"
    for said in ("first", "second", "third"):
        make_active(model(tmp_path / said, said), active)
    assert (active / "model.bin").read_text("utf-8") == "third"
    assert (active.with_name("tacgen.previous") / "model.bin").read_text("utf-8") == "second"
    assert sorted(path.name for path in active.parent.iterdir()) == ["tacgen", "tacgen.previous"]


def test_when_the_new_one_cannot_be_moved_the_old_one_stays(tmp_path: Path) -> None:
    active = model(tmp_path / "tacgen", "old")
    with pytest.raises(OSError):
        put_in_place(tmp_path / "not there", active)
    assert (active / "model.bin").read_text("utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["tacgen"]


def test_when_the_old_one_cannot_be_kept_nothing_changes(tmp_path: Path) -> None:
    active, new = model(tmp_path / "tacgen", "old"), model(tmp_path / "new", "new")
    with pytest.raises(OSError):
        put_in_place(new, active, tmp_path / "not there" / "previous")
    assert (active / "model.bin").read_text("utf-8") == "old"
    assert (new / "model.bin").read_text("utf-8") == "new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "tacgen"]


def test_what_is_no_folder_is_no_obstacle_to_keeping_the_old_one(tmp_path: Path) -> None:
    active, new = model(tmp_path / "tacgen", "old"), model(tmp_path / "new", "new")
    (tmp_path / "previous").touch()
    put_in_place(new, active, tmp_path / "previous")
    assert (active / "model.bin").read_text("utf-8") == "new"
    assert (tmp_path / "previous" / "model.bin").read_text("utf-8") == "old"


def test_when_something_fails_the_one_before_is_there_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    active, new = model(tmp_path / "tacgen", "old"), model(tmp_path / "new", "new")
    previous = model(tmp_path / "previous", "before")
    rename = Path.rename

    def refused(self: Path, target: Path) -> Path:
        if target == previous and self.name == "was":
            raise OSError("no")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(OSError, match="no"):
        put_in_place(new, active, previous)
    said = {folder.name: (folder / "model.bin").read_text("utf-8") for folder in tmp_path.iterdir()}
    assert said == {"tacgen": "old", "new": "new", "previous": "before"}


def test_the_recipe_lies_beside_the_model(tmp_path: Path) -> None:
    folder = model(tmp_path / "tacgen", "weights")
    write_recipe(folder, {"seed": 3, "files": ["Größe.lean"]})
    assert json.loads((folder / RECIPE).read_text("utf-8")) == {"seed": 3, "files": ["Größe.lean"]}
    assert size_of(folder) > len("weights")
