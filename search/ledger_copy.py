"""A copy of a ledger, for who wants to look into it without leaving a trace beside the original."""

import contextlib
import shutil
import sqlite3
from pathlib import Path

from search.errors import LedgerError, explained


def copy_ledger(path: Path, target: Path) -> None:
    """Copy the ledger at `path` to the file `target`. Raises LedgerError.

    The original's folder stays as it is, unless a program is using the ledger: then SQLite has to
    tell what is in it.
    """
    if not path.is_file():
        raise LedgerError(
            f"There is no ledger at {path}.", "Run `unsorry bg` or `unsorry prove` first."
        )
    with explained(path):
        if not path.with_name(f"{path.name}-wal").exists():
            try:
                shutil.copyfile(path, target)
            except OSError as error:
                raise LedgerError(f"The ledger {path} can't be read: {error.strerror}.") from error
            return
        with (
            contextlib.closing(sqlite3.connect(path)) as original,
            contextlib.closing(sqlite3.connect(target)) as copied,
        ):
            original.backup(copied)
