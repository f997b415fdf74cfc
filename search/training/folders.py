"""Folders with models, exchanged so that whoever looks sees the old one or the new one."""

import shutil
import tempfile
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
    aside = holder / "was"
    try:
        target.rename(aside)
        try:
            new.rename(target)
        except OSError:
            aside.rename(target)
            raise
        if previous is not None:
            shutil.rmtree(previous, ignore_errors=True)
            aside.rename(previous)
    finally:
        shutil.rmtree(holder, ignore_errors=True)


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
