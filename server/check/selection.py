"""Which files a check reads, and which workspace each belongs to."""

from collections.abc import Sequence
from pathlib import Path

from lean.workspace import Workspace
from server.check.changed import changed_since
from server.sources import lean_files

LAKEFILE = "lakefile.lean"
"""A program of Lake's, with no mathematics in it."""


class SelectionError(Exception):
    """A path that can't be checked; the text says why and what to do."""


def selected(paths: Sequence[Path], revision: str | None) -> dict[Path, Path]:
    """The Lean files at and below `paths`, each once, in order, with its workspace's root.

    With a `revision` only those that differ from it. A file that is in no Lake project belongs to
    the path that it was found by. Raises SelectionError, RevisionError, WorkspaceError.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        if path.is_file() and path.suffix != ".lean":
            raise SelectionError(f"{path} is not a Lean file; its name must end in .lean.")
        whole = path.resolve()
        around = Workspace.find(whole).root
        for file in lean_files([whole]):
            if file.name != LAKEFILE:
                nearest = Workspace.find(file)
                found.setdefault(file, nearest.root if nearest.asks_for_lean else around)
    if revision is not None and paths:
        first = paths[0] if paths[0].is_dir() else paths[0].parent
        changed = changed_since(first, revision)
        found = {file: root for file, root in found.items() if file in changed}
    return dict(sorted(found.items()))


def shown(path: Path) -> str:
    """A file as its user calls it: from here, if it is below."""
    here = Path().resolve()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()
