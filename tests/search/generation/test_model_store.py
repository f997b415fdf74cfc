"""Which models there are, where they lie, and what is said when one can't be used or fetched."""

import importlib.util
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from search.generation import model_store
from search.generation.errors import ModelError
from search.generation.generator import Generator
from search.generation.model_download import convert, fetch
from search.generation.model_folder import kind_of, read_folder
from search.generation.model_settings import ModelSettings, Role
from search.generation.model_store import KNOWN, ModelStore, fetched_folder, models_folder

TACGEN = KNOWN[0].repository


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No model is here, and nothing is asked of the network."""
    monkeypatch.setenv("UNSORRY_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    # Read when it is imported.
    for name in [name for name in sys.modules if name.split(".")[0] == "huggingface_hub"]:
        monkeypatch.delitem(sys.modules, name)
    return tmp_path / "cache"


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "work")


def problem(role: Role = "generator", root: Path | None = None, **names: str) -> str:
    said = Generator(ModelSettings(**names), root).problem(role)  # type: ignore[arg-type]
    assert "\n" not in said
    return said


def test_names_and_their_folders(store: ModelStore, cache: Path, tmp_path: Path) -> None:
    assert store.root is not None
    folder = cache / "models" / "kaiyuy--ct2-leandojo-lean4-tacgen-byt5-small"
    assert store.folder("tacgen") == store.folder(TACGEN) == folder
    assert store.folder("somebody/some-model") == cache / "models" / "somebody--some-model"
    assert store.folder("trained") == store.root / ".unsorry" / "models" / "tacgen"
    assert store.folder("/models/mine") == Path("/models/mine")
    assert store.folder("models/of/mine") == store.root / "models" / "of" / "mine"
    assert store.folder("./mine") == store.root / "mine"
    assert store.folder("~/mine") == Path.home() / "mine"
    (store.root / "models" / "mine").mkdir(parents=True)
    assert store.folder("models/mine") == store.root / "models" / "mine"
    assert ModelStore().folder("trained") == model_store.SHIPPED


def test_the_shipped_model_serves_where_none_was_trained(
    store: ModelStore, speaker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert store.root is not None
    monkeypatch.setattr(model_store, "SHIPPED", speaker)
    assert store.folder("trained") == speaker
    assert problem(root=store.root) == ""
    assert store.listed()[0].source == "comes with Unsorry"
    shutil.copytree(speaker, store.root / ".unsorry" / "models" / "tacgen")
    assert store.folder("trained") != speaker
    assert problem(root=store.root) == ""


def test_the_list_says_what_is_here(store: ModelStore, speaker: Path) -> None:
    assert [row.name for row in store.listed()] == ["trained", *(model.name for model in KNOWN)]
    assert not any(row.folder for row in store.listed())
    shutil.copytree(speaker, fetched_folder(TACGEN))
    shutil.copytree(speaker, fetched_folder("somebody/some-model"))
    shutil.copytree(speaker, models_folder() / ".somebody--half.part")
    here = {row.name: row.bytes for row in store.listed() if row.folder}
    assert here.keys() == {"tacgen", "somebody/some-model"}
    assert here["tacgen"] == sum(file.stat().st_size for file in speaker.iterdir())


@pytest.mark.parametrize(
    ("role", "names", "said"),
    [
        (
            "generator",
            {},
            "There is no model: `unsorry train` makes one, "
            "`unsorry models fetch tacgen` fetches one.",
        ),
        (
            "generator",
            {"generator": ""},
            "There is no model: `unsorry train` makes one, "
            "`unsorry models fetch tacgen` fetches one.",
        ),
        (
            "generator",
            {"generator": "tacgen"},
            "The model tacgen is not here. Run: unsorry models fetch tacgen",
        ),
        (
            "retriever",
            {},
            "No model is chosen as the retriever: "
            "`unsorry models fetch retriever` fetches one, the settings name it.",
        ),
        (
            "reprover",
            {"reprover": "owner/model"},
            "The model owner/model is not here. Run: unsorry models fetch owner/model",
        ),
        (
            "generator",
            {"generator": "/models/mine"},
            "There is no model in /models/mine. Name another folder, or a known model.",
        ),
    ],
)
def test_a_missing_model_is_one_clear_line(role: Role, names: dict[str, Any], said: str) -> None:
    assert problem(role, **names) == said


def test_what_is_said_of_a_damaged_model_can_be_done(store: ModelStore, speaker: Path) -> None:
    """Only what was published can be fetched again."""
    assert store.root is not None
    converted = "Convert its checkpoint again (unsorry models convert), or name another model."
    for name, done in (
        ("trained", "`unsorry train` makes it again."),
        ("tacgen", "Run: unsorry models fetch --again tacgen"),
        ("./mine", converted),
        (str(store.root / "other"), converted),
    ):
        folder = store.folder(name)
        shutil.copytree(speaker, folder, dirs_exist_ok=True)
        (folder / "config.json").unlink()
        said = problem(root=store.root, generator=name)
        assert said == f"The model folder {folder} is no CTranslate2 model. {done}"


async def test_asking_a_missing_model_says_the_same_and_starts_nothing() -> None:
    async with Generator(ModelSettings("tacgen")) as generator:
        with pytest.raises(ModelError, match="Run: unsorry models fetch tacgen"):
            await generator.generate(["⊢ p"])
        assert not generator.running


@pytest.mark.parametrize("package", ["ctranslate2", "numpy"])
async def test_a_missing_package_is_one_clear_line(
    package: str, speaker: Path, encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == package else find(name)
    )
    said = f"Models need the package {package}, which is not installed. "
    said += "Run: pip install 'unsorry[model]'"
    assert problem(generator=str(speaker)) == said
    async with Generator(ModelSettings(str(speaker), str(encoder))) as generator:
        for question in (generator.generate(["⊢ p"]), generator.embed(["⊢ p"])):
            with pytest.raises(ModelError) as raised:
                await question
            assert str(raised.value) == said


def test_folders_with_something_else_in_them(tmp_path: Path, speaker: Path) -> None:
    def said(folder: Path) -> str:
        with pytest.raises(ModelError) as raised:
            read_folder(folder)
        return str(raised.value)

    assert "does not exist" in said(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    assert "is no CTranslate2 model" in said(tmp_path / "empty")
    checkpoint = tmp_path / "checkpoint"
    checkpoint.mkdir()
    (checkpoint / "config.json").write_text('{"model_type": "t5"}')
    (checkpoint / "pytorch_model.bin").write_bytes(b"weights")
    assert kind_of(checkpoint) == "transformers"
    assert f"Run: unsorry models convert {checkpoint} FOLDER" in said(checkpoint)
    for missing in ("model.bin", "config.json", "shared_vocabulary.json"):
        part = tmp_path / missing
        shutil.copytree(speaker, part)
        (part / missing).unlink()
        assert kind_of(part) == ""


def test_converting_needs_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "torch" else find(name)
    )
    with pytest.raises(ModelError, match=r"needs torch.* pip install 'unsorry\[learn\]'"):
        convert(tmp_path, tmp_path / "model")


@pytest.mark.parametrize("name", ["tacgen", "somebody/some-model"])
def test_fetching_offline_is_one_clear_line_and_leaves_nothing(
    store: ModelStore, name: str
) -> None:
    with pytest.raises(ModelError) as raised:
        fetch(store, name)
    assert str(raised.value).endswith(
        "can't be fetched: HF_HUB_OFFLINE is set. Unset it, and try again."
    )
    assert kind_of(store.folder(name)) == ""
    assert not [path for path in models_folder().iterdir() if path.suffix != ".lock"]


def test_a_network_that_is_not_there_is_one_clear_line(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    # Nobody listens there.
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ModelError) as raised:
        fetch(store, "tacgen")
    assert "huggingface.co can't be reached. Try again with a network" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_half_a_model_is_not_taken_for_one(store: ModelStore, speaker: Path) -> None:
    part = models_folder() / f".{fetched_folder(TACGEN).name}.part"
    part.mkdir(parents=True)
    shutil.copy(speaker / "config.json", part)
    with pytest.raises(ModelError, match="no whole model"):
        fetch(store, "tacgen")
    assert problem(generator="tacgen")
    # What had come is kept; the rest comes, and it is one.
    for file in speaker.iterdir():
        shutil.copy(file, part)
    (part / ".cache").mkdir()
    folder = fetch(store, "tacgen")
    assert problem(generator="tacgen") == "" and not part.exists()
    assert sorted(file.name for file in folder.iterdir()) == sorted(
        file.name for file in speaker.iterdir()
    )


def test_what_is_here_is_not_fetched_again_and_stays_when_it_can_not_be(
    store: ModelStore, speaker: Path
) -> None:
    shutil.copytree(speaker, fetched_folder(TACGEN))
    assert fetch(store, "tacgen") == fetched_folder(TACGEN)
    with pytest.raises(ModelError):
        fetch(store, "tacgen", again=True)
    assert kind_of(fetched_folder(TACGEN)) == "ctranslate2"


def test_what_is_fetched_again_takes_its_place_or_changes_nothing(
    store: ModelStore, speaker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = fetched_folder(TACGEN)
    part = models_folder() / f".{folder.name}.part"
    for place in (folder, part):
        shutil.copytree(speaker, place)
    (folder / "old").touch()
    rename = Path.rename

    def refused(self: Path, target: Path) -> Path:
        if self == part:
            raise OSError("a disk that fails")
        return rename(self, target)

    with monkeypatch.context() as patch:
        for name in ("rename", "replace"):
            patch.setattr(Path, name, refused)
        with pytest.raises(OSError, match="a disk that fails"):
            fetch(store, "tacgen", again=True)
    assert kind_of(folder) == "ctranslate2" and (folder / "old").exists()
    assert fetch(store, "tacgen", again=True) == folder
    assert kind_of(folder) == "ctranslate2" and not (folder / "old").exists()
    assert [path for path in models_folder().iterdir() if path.suffix != ".lock"] == [folder]


@pytest.mark.parametrize(
    ("name", "said"), [("trained", "Run: unsorry train"), ("./mine", "no model on huggingface.co")]
)
def test_some_names_can_not_be_fetched(store: ModelStore, name: str, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        fetch(store, name)
