"""The Lean files of a workspace: which ones concern us, what they are called, who imports whom.

Only names and texts; what a text means is Lean's to say.
"""

import logging
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from lean.source_header import read_header
from lean.workspace import Workspace

logger = logging.getLogger(__name__)

_HOLE = re.compile(r"\b(?:sorry|admit)\b")


def label(root: Path, path: Path) -> str:
    """What the engine and the ledger call a file: its path from the workspace's root.

    A file outside of it keeps its whole path. A link is called by its own name.
    """
    whole = place_of(path)
    return whole.relative_to(root).as_posix() if whole.is_relative_to(root) else str(whole)


def place_of(path: Path) -> Path:
    """Where a file lies: links on the way to it are followed, and its own name is kept."""
    return path.absolute().parent.resolve() / path.name


def text_of(path: Path) -> str | None:
    """The text of a file, or None when it is gone or can't be read."""
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        logger.warning("%s can't be read: %s", path, error)
        return None


def may_have_holes(text: str) -> bool:
    """Does the word `sorry` or `admit` occur in it, wherever?"""
    return _HOLE.search(text) is not None


def is_source(path: Path, folders: Iterable[Path]) -> bool:
    """Is it a Lean file below one of the folders (or one of them), and in no hidden folder?

    Hidden are `.lake`, `.git`, `.unsorry` and all whose names begin with a dot: nothing that a
    user edits as part of the workspace lies there.
    """
    if path.suffix != ".lean":
        return False
    for folder in folders:
        if path == folder:
            return True
        if path.is_relative_to(folder) and not any(
            part.startswith(".") for part in path.relative_to(folder).parts
        ):
            return True
    return False


def lean_files(folders: Iterable[Path]) -> Iterator[Path]:
    """Every such file, in order of names; a file among `folders` is one."""
    for folder in folders:
        if folder.is_file():
            yield folder
        for where, names, files in os.walk(folder):
            names[:] = sorted(name for name in names if not name.startswith("."))
            for name in sorted(files):
                path = Path(where, name)
                if is_source(path, [folder]):
                    yield path


def imports_any(workspace: Workspace, text: str, changed: Iterable[Path]) -> bool:
    """Does a text import one of the changed files, directly or through other project modules?"""
    wanted = set(changed)
    seen: set[str] = set()
    waiting = list(read_header(text).imports)
    while waiting:
        module = waiting.pop()
        file = None if module in seen else workspace.module_file(module)
        seen.add(module)
        if file is None:
            continue
        if place_of(file) in wanted:
            return True
        try:
            waiting += read_header(file.read_text("utf-8", errors="replace")).imports
        except OSError:
            # It was there a moment ago; its going is a change of its own.
            continue
    return False
