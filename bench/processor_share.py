"""The share of the machine that a measurement takes, added up over its interruptions in a file."""

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.tree_share import used_seconds
from lean.errors import WorkspaceError


@dataclass(frozen=True, slots=True)
class ProcessorShare:
    """The file `path`, with a line for each part of a measurement: processor seconds of this
    program and all below it, and those that the whole machine had meanwhile.
    """

    path: Path

    @contextlib.contextmanager
    def measured(self, name: str, counts: Callable[[], bool]) -> Iterator[None]:
        """Add what is used inside to the measurement `name`, however it ends, if it `counts` then.

        Raises OSError.
        """
        began, before = time.monotonic(), used_seconds(os.getpid())
        try:
            yield
        finally:
            if counts():
                used = used_seconds(os.getpid()) - before
                had = (time.monotonic() - began) * (psutil.cpu_count() or 1)
                with self.path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"name": name, "used": used, "had": had}) + "\n")

    def of(self, name: str) -> float:
        """The share in [0, 1] of a measurement; not a number when nothing was measured.

        Raises WorkspaceError for a file that is something else.
        """
        used = had = 0.0
        try:
            for line in self.path.read_text("utf-8").splitlines() if self.path.exists() else ():
                row = json.loads(line)
                if row["name"] == name:
                    used, had = used + row["used"], had + row["had"]
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise WorkspaceError(f"{self.path} can't be read: {error}.", "Delete it.") from error
        return used / had if had else float("nan")
