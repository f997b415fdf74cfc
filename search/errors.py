"""The errors of the ledger: each says what happened to which file, and what to do about it.

SQLite's own errors are turned into these at the ledger's boundary; nothing above it sees them.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lean.errors import LeanError


class LedgerError(LeanError):
    """The ledger could not do what it was asked. The text can be shown to a user as it is."""


class StorageFull(LedgerError):
    """The disk, or the user's share of it, is full. Nothing is damaged; try again later."""


class LedgerBusy(LedgerError):
    """Another process has held the ledger's lock for longer than the time-out. Try again later."""


class LedgerDamaged(LedgerError):
    """The file is not a ledger, or no longer one. Opening it anew sets it aside."""


class LedgerUnwritable(LedgerError):
    """The ledger's file or folder may not be read or written."""


class CacheFileError(LedgerError):
    """A file for exchange can't be read or written; the message names the file and the line."""


_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_UNWRITABLE = {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """What SQLite raises about the ledger at `path` inside, raised as a LedgerError."""
    try:
        yield
    except sqlite3.Error as error:
        raise explanation(error, path) from error


def explanation(error: sqlite3.Error, path: Path) -> LedgerError:
    """The error of ours that says what `error` means for the ledger at `path`.

    A failed write counts as a full disk: a quota or a file-size limit shows itself that way.
    """
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    primary = code & 0xFF
    if code in _FULL or primary in _FULL:
        return StorageFull(
            f"The disk is full: the ledger {path} can't be written ({error}).",
            "Free some space; nothing is lost, and the search goes on by itself.",
        )
    if primary in _BUSY:
        return LedgerBusy(
            f"Another program holds the ledger {path} locked ({error}).",
            "Close programs that have it open; the search goes on when the lock is free.",
        )
    if primary in _DAMAGED:
        return LedgerDamaged(
            f"The ledger {path} is damaged ({error}).",
            "Start again: it is set aside under a dated name, and a new one begins.",
        )
    if primary in _UNWRITABLE:
        return LedgerUnwritable(
            f"The ledger {path} can't be opened for writing ({error}).",
            "Check the permissions of the file and its folder, or choose another place.",
        )
    return LedgerError(f"The ledger {path} refused a request: {error}.")
