"""Folders with models, exchanged so that whoever looks sees the old one or the new one."""

import contextlib
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path


def put_in_place(new: Path, target: Path, previous: Path | None = None) -> None:
    """Put a folder in the place of another, which becomes `previous`, or is gone when that is None.

    Both lie on one disk. Raises OSError; then what was there is there still.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        new.rename(target)
        return
    holder = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    moves = [(target, holder / "was"), (new, target)]
    if previous is not None:
        if previous.exists():
            moves.insert(0, (previous, holder / "before"))
        moves.append((holder / "was", previous))
    try:
        _rename_all(moves)
    except OSError:
        # Empty now, unless what is in it could not even be moved back.
        with contextlib.suppress(OSError):
            holder.rmdir()
        raise
    shutil.rmtree(holder, ignore_errors=True)


def _rename_all(moves: Sequence[tuple[Path, Path]]) -> None:
    """Rename one after the other; all, or none. Raises OSError."""
    for number, (old, new) in enumerate(moves):
        try:
            old.rename(new)
        except OSError:
            for before, now in reversed(moves[:number]):
                now.rename(before)
            raise


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
