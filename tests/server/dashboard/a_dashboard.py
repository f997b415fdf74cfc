"""A real `unsorry dashboard`, started and ended, on a workspace with a real ledger."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from search.ledger import Ledger
from search.ticket_store import TicketStore
from search.tickets import Context, Ticket
from server import cli
from tests.server.remembering import HARD, fill

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[1])}


@dataclass(frozen=True, slots=True)
class Served:
    """A dashboard that runs: its process, where it listens, its token, and what it shows."""

    process: subprocess.Popen[str]
    port: int
    token: str
    folder: Path
    tickets: tuple[str, ...]

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def with_token(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def ledger(self) -> Path:
        return self.folder / ".unsorry" / "ledger.db"


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "server.cli", *words]


def filled(folder: Path) -> tuple[str, ...]:
    """A workspace in `folder` whose hard goal waits for two lemmas, the first for the second."""
    (folder / "Work.lean").write_text("\n")
    path = folder / ".unsorry" / "ledger.db"
    fill(path)
    ledger = Ledger.open(path)
    store, context = TicketStore(ledger), Context("Work.lean", "lemma7", 7)
    opened = [
        store.open(Ticket(name * 32, f"theorem {name} : 1 = 1", name, context, parent_goal=HARD))
        for name in ("c", "d")
    ]
    store.need(opened[0].ticket_id, opened[1].ticket_id)
    ledger.close()
    return tuple(ticket.ticket_id for ticket in opened)


def start(folder: Path, tickets: tuple[str, ...] = ()) -> Served:
    process = subprocess.Popen(
        command("dashboard", "--port", "0"),
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"http://127\.0\.0\.1:(\d+)/#token=(\S+)", line)
    if found is None:
        process.kill()
        raise AssertionError(f"no address in {line!r}: {process.communicate()[1]}")
    return Served(process, int(found[1]), found[2], folder, tickets)


def stop(served: Served) -> tuple[int, str]:
    """End it in order; its exit code, and what it said on stderr."""
    served.process.terminate()
    _, complaint = served.process.communicate(timeout=60)
    return served.process.returncode, complaint
