"""Fetches published models: whole or not at all, and with one clear line when it can't be done.

What is fetched are weights and their configuration; nothing of it is run as a program.
"""

import importlib.util
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock

from search.generation.errors import ModelError, missing_package
from search.generation.model_folder import kind_of, refuse_other
from search.generation.model_store import TRAINED, ModelStore, fetched_folder, models_folder
from search.training.folders import put_in_place

OFFLINE = "HF_HUB_OFFLINE"
_WANTED = ["*.json", "*.txt", "*.model", "*.safetensors", "*.bin"]


def fetch(store: ModelStore, name: str, again: bool = False) -> Path:
    """The folder of a published model, fetched unless it is here, or `again`. Raises ModelError,
    TrainingError (of a conversion) and OSError.

    What was fetched before a fetch was broken off is kept beside it, and is no model until the rest
    has come. PyTorch checkpoints are converted, which needs the extra `learn`.
    """
    repository = store.repository(name)
    if not repository:
        if name == TRAINED:
            raise ModelError("The model `trained` is made here.", "Run: unsorry train")
        raise ModelError(
            f"{name} is no model on huggingface.co.", "Names there have the form owner/model."
        )
    folder = fetched_folder(repository)
    models_folder().mkdir(parents=True, exist_ok=True)
    with FileLock(models_folder() / f".{folder.name}.lock"):
        if again or kind_of(folder) != "ctranslate2":
            part = folder.with_name(f".{folder.name}.part")
            _download(repository, part)
            _take_over(repository, part, folder)
    return folder


def convert(checkpoint: Path, folder: Path) -> None:
    """Make a model that can be run of a PyTorch checkpoint (ByT5: a generator, or an encoder).

    `folder` may hold a model, which is replaced. Raises ModelError where it holds something else
    and when a package is missing, and TrainingError.
    """
    refuse_other(folder)
    missing = [name for name in ("torch", "transformers") if importlib.util.find_spec(name) is None]
    if missing:
        raise ModelError(
            f"{checkpoint} is a PyTorch checkpoint; converting it needs {' and '.join(missing)}.",
            "Run: pip install 'unsorry[learn]', and try again.",
        )
    from search.training.conversion import convert_encoder, convert_generator

    if _is_encoder(checkpoint):
        convert_encoder(checkpoint, folder)
    else:
        convert_generator(checkpoint, folder)


def _download(repository: str, part: Path) -> None:
    if importlib.util.find_spec("huggingface_hub") is None:
        raise missing_package("huggingface_hub")
    from huggingface_hub import snapshot_download

    with _explained(repository):
        try:
            snapshot_download(repository, local_dir=part, allow_patterns=_WANTED)
        finally:
            if part.is_dir() and not any(part.rglob("*.*")):
                shutil.rmtree(part, ignore_errors=True)


def _take_over(repository: str, part: Path, folder: Path) -> None:
    """Make a model of what was fetched, if it is one."""
    kind = kind_of(part)
    if kind == "":
        raise ModelError(
            f"What could be fetched of {repository} is no whole model.",
            f"Fetch it again with the network there, or remove {part}.",
        )
    ready = part
    if kind == "transformers":
        ready = part.with_suffix(".converted")
        shutil.rmtree(ready, ignore_errors=True)
        convert(part, ready)
    shutil.rmtree(ready / ".cache", ignore_errors=True)
    put_in_place(ready, folder)
    shutil.rmtree(part, ignore_errors=True)


def _is_encoder(checkpoint: Path) -> bool:
    """Does the checkpoint make vectors, not texts?"""
    try:
        config: Any = json.loads((checkpoint / "config.json").read_text("utf-8"))
        return any("Encoder" in name for name in config.get("architectures") or ())
    except (ValueError, AttributeError, TypeError) as error:
        raise ModelError(f"{checkpoint / 'config.json'} is damaged: {error}.") from error


@contextmanager
def _explained(repository: str) -> Iterator[None]:
    """What the hub's client raises, as one line."""
    from huggingface_hub import errors

    try:
        yield
    except (errors.GatedRepoError, errors.RepositoryNotFoundError) as error:
        raise ModelError(
            f"huggingface.co has no model {repository} that you may read.",
            "Check the name; for a private one set HF_TOKEN.",
        ) from error
    except (errors.LocalEntryNotFoundError, ConnectionError, TimeoutError) as error:
        raise _unreachable(repository) from error
    except errors.HfHubHTTPError as error:
        raise ModelError(f"huggingface.co refused {repository}: {_line(error)}") from error
    except OSError:
        # A full disk says best itself what it is.
        raise
    except Exception as error:
        # The boundary of a library that lets through what its transports raise.
        raise ModelError(f"{repository} can't be fetched: {_line(error)}") from error


def _unreachable(repository: str) -> ModelError:
    if os.environ.get(OFFLINE, "").upper() in ("1", "ON", "YES", "TRUE"):
        return ModelError(
            f"{repository} can't be fetched: {OFFLINE} is set.", "Unset it, and try again."
        )
    return ModelError(
        f"{repository} can't be fetched: huggingface.co can't be reached.",
        "Try again with a network, or name a folder with the model's files.",
    )


def _line(error: Exception) -> str:
    return str(error).strip().split("\n")[0]
