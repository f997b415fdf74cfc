"""A folder with a model in it: of which kind it is, and what tells it from others.

Only looks; what runs a model is `computing`.
"""

import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from search.generation.errors import ModelError

Kind = Literal["ctranslate2", "transformers", ""]

_VOCABULARIES = ("shared_vocabulary", "source_vocabulary", "vocabulary")
_CHECKPOINTS = ("model.safetensors", "pytorch_model.bin", "model.safetensors.index.json")
_BLOCK, _BLOCKS = 1 << 16, 256
"""Bytes at a time, and times, that are looked at: 16 MB in all."""


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A folder that holds a model that can be run.

    `version` changes when the files are replaced; `fingerprint` is the same wherever the same
    model lies.
    """

    path: Path
    version: str
    fingerprint: str


def kind_of(folder: Path) -> Kind:
    """Which kind of model lies there whole; "" for none."""
    if not (folder / "config.json").is_file():
        return ""
    words = [folder / f"{name}.{ending}" for name in _VOCABULARIES for ending in ("json", "txt")]
    if (folder / "model.bin").is_file() and any(file.is_file() for file in words):
        return "ctranslate2"
    if any((folder / name).is_file() for name in _CHECKPOINTS):
        return "transformers"
    return ""


def refuse_other(folder: Path) -> None:
    """Raise ModelError where something lies that is no model, and so must not make room for one."""
    there = folder.exists() and not (folder.is_dir() and not any(folder.iterdir()))
    if there and kind_of(folder) != "ctranslate2":
        raise ModelError(f"{folder} is no model, and is not replaced by one.", "Name a new folder.")


def read_folder(folder: Path, remedy: str = "") -> ModelFolder:
    """What there is to know of a model before it is loaded.

    Raises ModelError; `remedy` is what can be done about a damaged one (`ModelStore.remedy`).
    """
    kind = kind_of(folder)
    if kind == "transformers":
        raise ModelError(
            f"The model in {folder} is a PyTorch checkpoint, which must be converted once.",
            f"Run: unsorry models convert {folder} FOLDER",
        )
    if kind != "ctranslate2":
        what = "is no CTranslate2 model" if folder.is_dir() else "does not exist"
        raise ModelError(f"The model folder {folder} {what}.", remedy)
    try:
        weights = (folder / "model.bin").stat()
        version = f"{weights.st_mtime_ns}-{weights.st_size}"
        return ModelFolder(folder, version, _fingerprint(folder / "model.bin", version))
    except OSError as error:
        raise ModelError(f"The model in {folder} can't be read: {error.strerror}.") from error


@functools.lru_cache(maxsize=32)
def _fingerprint(weights: Path, version: str) -> str:
    """A digest of the weights in this version of the file. Raises OSError."""
    size = weights.stat().st_size
    digest = hashlib.blake2b(f"{size} ".encode(), digest_size=8)
    # All of it, or as much evenly spread over it: training changes everything.
    step = max(_BLOCK, size // _BLOCKS)
    with weights.open("rb") as stream:
        for start in range(0, size, step):
            stream.seek(start)
            digest.update(stream.read(_BLOCK))
    return digest.hexdigest()
