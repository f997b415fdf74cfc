"""`unsorry models`: what is here, where it lies, and one line for what can't be done."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from search.generation.model_store import KNOWN, fetched_folder
from server import cli


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    output: str
    complaint: str


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace without models, and nothing asked of the network."""
    monkeypatch.setenv("UNSORRY_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for name in [name for name in sys.modules if name.split(".")[0] == "huggingface_hub"]:
        monkeypatch.delitem(sys.modules, name)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


def model(folder: Path) -> Path:
    """Files of a model, as far as the command looks at them."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "shared_vocabulary.json").write_text("[]")
    (folder / "model.bin").write_bytes(bytes(2_500_000))
    return folder


def models(*arguments: str) -> Ran:
    done = CliRunner().invoke(cli.main, ["models", *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert done.stderr.count("\n") <= 1
    return Ran(done.exit_code, done.stdout, done.stderr)


def test_the_list_says_which_are_here(place: Path) -> None:
    lines = models("list").output.splitlines()
    assert lines[0].split() == ["name", "here", "from", "for"]
    assert [line.split()[0] for line in lines[1:]] == ["trained", *(known.name for known in KNOWN)]
    assert all(line.split()[1] == "no" for line in lines[1:])
    model(place / ".unsorry" / "models" / "tacgen")
    model(fetched_folder("somebody/some-model"))
    listed = models("list").output.splitlines()
    assert listed[1].split()[:3] == ["trained", "2.5", "MB"]
    assert listed[-1].split() == ["somebody/some-model", "2.5", "MB", "somebody/some-model"]


def test_the_path_of_a_model(place: Path, tmp_path: Path) -> None:
    trained = model(place / ".unsorry" / "models" / "tacgen")
    below = place / "below"
    below.mkdir()
    (place / "lean-toolchain").write_text("leanprover/lean4:v4.26.0\n")
    for arguments in (["trained"], ["trained", "--workspace", str(below)]):
        assert models("path", *arguments) == Ran(0, f"{trained}\n", "")
    mine = model(tmp_path / "mine")
    assert models("path", str(mine)).output == f"{mine}\n"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["path", "tacgen"], "The model tacgen is not here. Run: unsorry models fetch tacgen"),
        (
            ["path", "trained"],
            "There is no model: `unsorry train` makes one, "
            "`unsorry models fetch tacgen` fetches one.",
        ),
        (
            ["fetch", "tacgen"],
            "kaiyuy/ct2-leandojo-lean4-tacgen-byt5-small can't be fetched: HF_HUB_OFFLINE is set. "
            "Unset it, and try again.",
        ),
        (["fetch", "trained"], "The model `trained` is made here. Run: unsorry train"),
        (
            ["fetch", "../model"],
            "../model is no model on huggingface.co. Names there have the form owner/model.",
        ),
    ],
)
def test_what_can_not_be_done_is_one_line(arguments: list[str], complaint: str) -> None:
    assert models(*arguments) == Ran(2, "", f"unsorry: {complaint}\n")


def test_what_is_here_need_not_be_fetched() -> None:
    folder = model(fetched_folder(KNOWN[0].repository))
    assert models("fetch", "tacgen") == Ran(0, f"The model tacgen is in {folder}.\n", "")
    assert models("fetch", "tacgen", "--again").code == 2
    assert folder.is_dir()
    shutil.rmtree(folder)


@pytest.mark.parametrize("output", ["work", "checkpoint"])
def test_what_is_no_model_is_never_replaced_by_one(place: Path, output: str) -> None:
    checkpoint = place / "checkpoint"
    checkpoint.mkdir()
    (checkpoint / "config.json").write_text("{}")
    (checkpoint / "model.safetensors").write_bytes(b"weights")
    (place / "work").mkdir()
    (place / "work" / "thesis.txt").write_text("mine")
    before = sorted(place.rglob("*"))
    ran = models("convert", "checkpoint", output)
    assert ran.code == 2
    assert "is no model, and is not replaced by one. Name a new folder." in ran.complaint
    assert sorted(place.rglob("*")) == before
