"""The ledger's file: opened, brought to the newest schema, or set aside when it can't be used.

What is in the tables is `search.ledger`'s business. Settings, each for a reason:

- WAL: readers and the one writer don't wait for each other, and a kill at any moment leaves the
  last committed state.
- `synchronous=FULL`: a commit is on the disk when it returns, also when the machine loses power.
  NORMAL would survive a killed process as well and commits faster, but an attempt takes
  milliseconds to minutes and its commit well under one (`python -m bench.ledger`): not worth a
  weaker promise.
- Transactions begin IMMEDIATE (`transaction`): a deferred one that reads before it writes fails at
  once, whatever the time-out, when another process has written in between.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout
from sqlite_utils import Database

from search.errors import LedgerBusy, LedgerDamaged, LedgerUnwritable, explained
from search.migrations import MIGRATIONS, NAMES, unknown

OWN_FOLDER = ".unsorry"
CACHE_KIBIBYTES = 64 * 1024
CHECKED_BYTES = 32 * 2**20
"""A ledger up to this size is checked when it is opened (under 0.2 s); a larger one only when
something was found damaged in it.
"""


def open_file(path: Path, timeout: float) -> tuple[Database, str]:
    """The database at `path`, ready for use, and what the user has to be told ("": nothing).

    One that is damaged or of a newer schema is set aside. Raises StorageFull, LedgerBusy (after
    `timeout` seconds), LedgerUnwritable.
    """
    try:
        make_folder(path.parent)
        # Two programs that start at once must not both set the file aside or create it.
        with FileLock(beside(path, ".lock"), timeout=timeout), explained(path):
            return _open_locked(path, timeout)
    except Timeout as error:
        raise LedgerBusy(
            f"Another program has been opening the ledger {path} for {timeout:.0f} s.",
            "Close it, or try again later.",
        ) from error
    except OSError as error:
        raise LedgerUnwritable(
            f"The ledger {path} can't be created or opened ({error}).",
            "Check the permissions of the file and its folder, or choose another place.",
        ) from error


def open_memory() -> Database:
    """A database that is gone when it is closed."""
    return _migrated(_connected(":memory:", 0.0))


@contextmanager
def transaction(database: Database) -> Iterator[None]:
    """All or nothing, seen by others at the end; inside another one, a part of that one."""
    if database.conn.in_transaction:
        with database.atomic():
            yield
        return
    database.conn.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.conn.execute("COMMIT")
    except BaseException:
        # A full disk may have rolled it back already; then this does nothing.
        database.rollback()
        raise


def mark_damaged(path: Path) -> None:
    """Have the next opening set the file aside; a file that looks well at its start may not be."""
    with suppress(OSError):  # Without the mark, the next use finds the damage again.
        beside(path, ".damaged").touch()


def beside(path: Path, ending: str) -> Path:
    """The file that belongs to `path` under a longer name."""
    return path.with_name(path.name + ending)


def make_folder(folder: Path) -> None:
    """Make a folder; when it is Unsorry's own in a workspace, git passes it over."""
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if folder.name == OWN_FOLDER and not ignore.exists():
        ignore.write_text("*\n", "utf-8")


def _open_locked(path: Path, timeout: float) -> tuple[Database, str]:
    reason, kind = _objection(path, timeout)
    if not reason:
        return _migrated(_connected(path, timeout)), ""
    kept = _set_aside(path, kind)
    notice = (
        f"The ledger {path} {reason}. It is kept as {kept}, and a new one starts: "
        "what was found before has to be found again."
    )
    return _migrated(_connected(path, timeout)), notice


def _objection(path: Path, timeout: float) -> tuple[str, str]:
    """Why the file can't be used, as the rest of a sentence, and as one word; empty if it can."""
    if not path.exists():
        return "", ""
    if beside(path, ".damaged").exists():
        return "was found damaged", "damaged"
    try:
        with explained(path):
            database = _connected(path, timeout)
            try:
                return _objection_inside(database, path)
            finally:
                database.conn.close()
    except LedgerDamaged as error:
        return f"can't be read ({error.__cause__})", "damaged"


def _objection_inside(database: Database, path: Path) -> tuple[str, str]:
    if newer := unknown(database):
        return f"was written by a newer Unsorry (it knows {newer[-1]})", "newer"
    if not MIGRATIONS.applied(database) and database.table_names():
        raise LedgerUnwritable(f"{path} is another program's database.", "Choose another place.")
    if path.stat().st_size <= CHECKED_BYTES:
        (found,) = database.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            return f"is damaged ({found})", "damaged"
    return "", ""


def _set_aside(path: Path, kind: str) -> Path:
    """Rename the database with its log; the new name of the first."""
    moment = datetime.now().strftime("%Y-%m-%d-%H%M%S")
    target = path.with_name(f"{path.stem}-{kind}-{moment}{path.suffix}")
    number = 1
    while target.exists():
        number += 1
        target = path.with_name(f"{path.stem}-{kind}-{moment}-{number}{path.suffix}")
    path.rename(target)
    for ending in ("-wal", "-shm"):
        if beside(path, ending).exists():
            beside(path, ending).rename(beside(target, ending))
    beside(path, ".damaged").unlink(missing_ok=True)
    return target


def _connected(path: Path | str, timeout: float) -> Database:
    # Autocommit: transactions begin where `transaction` says so, never by themselves.
    connection = sqlite3.connect(path, timeout=timeout, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA cache_size=-{CACHE_KIBIBYTES}")
    except sqlite3.Error:
        connection.close()
        raise
    return Database(connection)


def _migrated(database: Database) -> Database:
    if len(MIGRATIONS.applied(database)) < len(NAMES):
        try:
            with transaction(database):
                MIGRATIONS.apply(database)
        except BaseException:
            database.conn.close()
            raise
    return database
