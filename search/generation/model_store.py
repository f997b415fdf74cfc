"""Models by name: which there are, where their files lie, which of them are here.

Fetching is `model_download`. A model made by `unsorry train` belongs to its workspace; fetched ones
lie in the user's cache and serve all workspaces.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from lean.cache import cache_folder
from search.generation.errors import ModelError
from search.generation.model_folder import kind_of
from search.generation.model_settings import Role

TRAINED = "trained"
"""The name of the workspace's own model, or of the one that is shipped where there is none."""
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
SHIPPED = Path(__file__).parent / "default_model"
"""A model that comes with the package, if there is one."""


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A published model: its short name, its repository on huggingface.co, what it is for."""

    name: str
    repository: str
    purpose: str


KNOWN = (
    KnownModel("tacgen", "kaiyuy/ct2-leandojo-lean4-tacgen-byt5-small", "tactics for a goal"),
    KnownModel("retriever", "kaiyuy/ct2-leandojo-lean4-retriever-byt5-small", "vectors"),
    KnownModel(
        "retriever-pytorch",
        "kaiyuy/leandojo-lean4-retriever-byt5-small",
        "vectors; converted with the extra `learn`",
    ),
    KnownModel(
        "reprover",
        "kaiyuy/leandojo-lean4-retriever-tacgen-byt5-small",
        "tactics for a goal with premises; converted with the extra `learn`",
    ),
)


@dataclass(frozen=True, slots=True)
class Listed:
    """A model in the list: where it comes from, what it is for, and where it lies: None while it is
    not here.
    """

    name: str
    source: str
    purpose: str
    folder: Path | None
    bytes: int


@dataclass(frozen=True, slots=True)
class ModelStore:
    """The models that a workspace can use; `root` is its folder, None for no workspace."""

    root: Path | None = None

    def folder(self, name: str) -> Path:
        """Where a model's files lie, whether they are there or not."""
        if name == TRAINED:
            own = self.trained
            return SHIPPED if own is None or (not own.exists() and SHIPPED.exists()) else own
        repository = self.repository(name)
        return fetched_folder(repository) if repository else self._path(name)

    def repository(self, name: str) -> str:
        """The repository that a short or a full name means; "" when it is a path.

        `owner/model` is a repository unless there is a folder of that path.
        """
        for model in KNOWN:
            if name in (model.name, model.repository):
                return model.repository
        return name if _REPOSITORY.fullmatch(name) and not self._path(name).exists() else ""

    def remedy(self, name: str) -> str:
        """What can be done about a model that is there and damaged."""
        if name == TRAINED:
            return "`unsorry train` makes it again."
        if self.repository(name):
            return f"Run: unsorry models fetch --again {name}"
        return "Convert its checkpoint again (unsorry models convert), or name another model."

    @property
    def trained(self) -> Path | None:
        """Where `unsorry train` puts the workspace's model."""
        return None if self.root is None else self.root / ".unsorry" / "models" / "tacgen"

    def listed(self) -> list[Listed]:
        """Every model that is known or here: the workspace's, published ones, others fetched."""
        own = self.folder(TRAINED)
        made = "comes with Unsorry" if own == SHIPPED else "made by `unsorry train`"
        found = [_listed(TRAINED, made, "tactics for a goal", own)]
        for model in KNOWN:
            folder = fetched_folder(model.repository)
            found.append(_listed(model.name, model.repository, model.purpose, folder))
        known = {model.repository for model in KNOWN}
        for name in _fetched():
            if name not in known:
                found.append(_listed(name, name, "", fetched_folder(name)))
        return found

    def _path(self, name: str) -> Path:
        path = Path(name).expanduser()
        return path if path.is_absolute() or self.root is None else self.root / path


def fetched_folder(repository: str) -> Path:
    """Where a fetched model lies."""
    return models_folder() / repository.replace("/", "--")


def models_folder() -> Path:
    """Where all fetched models lie (it need not exist)."""
    return cache_folder() / "models"


def no_model(name: str, role: Role = "generator") -> ModelError:
    """What to say when a role has no model, or its own is not there."""
    if not name and role != "generator":
        return ModelError(
            f"No model is chosen as the {role}:",
            f"`unsorry models fetch {role}` fetches one, the settings name it.",
        )
    if name in ("", TRAINED):
        return ModelError(
            "There is no model:",
            f"`unsorry train` makes one, `unsorry models fetch {KNOWN[0].name}` fetches one.",
        )
    if not ModelStore().repository(name):
        return ModelError(f"There is no model in {name}.", "Name another folder, or a known model.")
    return ModelError(f"The model {name} is not here.", f"Run: unsorry models fetch {name}")


def _fetched() -> list[str]:
    try:
        folders = sorted(models_folder().iterdir())
    except OSError:
        return []
    return [
        folder.name.replace("--", "/", 1)
        for folder in folders
        if "--" in folder.name and "." not in folder.name[:1] and kind_of(folder)
    ]


def _listed(name: str, source: str, purpose: str, folder: Path) -> Listed:
    here = bool(kind_of(folder))
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) if here else 0
    return Listed(name, source, purpose, folder if here else None, size)
