"""Which of several programs searches a workspace in the background: the one that holds the lock.

The others read their texts and serve what the ledger knows; as soon as the lock is free, one of
them takes over. The lock goes with its process, however that ends.
"""

import contextlib
import json
import os
from pathlib import Path

from filelock import FileLock, Timeout

LOCK, HOLDER = "search.lock", "search.json"
NAMES = {"lsp": "Unsorry in another editor window", "bg": "`unsorry bg`"}
"""What the holder is called, by the command that it runs."""


class Leadership:
    """One program's claim to search a workspace, beside its ledger; without one, nothing is shared.

    `holder` says who searches, when that is another program.
    """

    def __init__(self, ledger: Path | None, command: str) -> None:
        self.leads = ledger is None
        self.holder = ""
        self._command = command
        self._lock = FileLock(ledger.with_name(LOCK)) if ledger else None
        self._note = ledger.with_name(HOLDER) if ledger else None

    def seek(self) -> bool:
        """Lead from now on, if nobody else does; does it lead?"""
        if self.leads or self._lock is None or self._note is None:
            return True
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            self.holder = _holder(self._note)
            return False
        except (OSError, NotImplementedError):
            # No locks on this disk: that two search is better than that nobody does.
            self._lock = None
        else:
            with contextlib.suppress(OSError):
                said = {"pid": os.getpid(), "command": self._command}
                self._note.write_text(json.dumps(said), "utf-8")
        self.leads, self.holder = True, ""
        return True

    def release(self) -> None:
        """Let another program lead."""
        if self._lock is not None and self._lock.is_locked:
            self._lock.release()


def _holder(note: Path) -> str:
    try:
        said = json.loads(note.read_text("utf-8"))
        name = NAMES.get(said["command"], f"`unsorry {said['command']}`")
        return f"{name} (process {said['pid']})"
    except (OSError, ValueError, KeyError, TypeError):
        # It is being written, or was by a newer version.
        return "another Unsorry"
