"""Where Unsorry keeps what it can make again: the embedded Lean, assembled drivers, compiled
modules.

Nothing a user wrote lies here, and nothing here is ever taken for truth: each user of a folder
checks what it finds.
"""

import os
import tempfile
from pathlib import Path

import platformdirs

from lean.errors import ToolchainError

FOLDER_VARIABLE = "UNSORRY_CACHE_DIR"


def cache_folder() -> Path:
    """Return the user's cache folder for Unsorry (it need not exist yet); `UNSORRY_CACHE_DIR`
    overrides it.
    """
    named = os.environ.get(FOLDER_VARIABLE, "")
    return Path(named).expanduser().absolute() if named else platformdirs.user_cache_path("unsorry")


def writable_folder(*parts: str) -> Path:
    """Return `cache_folder()/parts`, created. Raises ToolchainError when it can't be written to."""
    folder = cache_folder().joinpath(*parts)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ToolchainError(
            f"Unsorry can't write to its cache folder {folder}: {error.strerror or error}.",
            f"Make it writable, or name another one in {FOLDER_VARIABLE}.",
        ) from error
    return folder


def write_atomically(target: Path, content: bytes) -> None:
    """Write a file so that other processes see the old one or the whole new one. Raises OSError."""
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
