"""The ledger's file survives kills, full disks, locks, damage, and older and newer versions."""

import re
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from search import ledger_file
from search.errors import LedgerBusy, LedgerDamaged, LedgerUnwritable, StorageFull
from search.ledger import Ledger
from search.migrations import MIGRATIONS, NAMES
from tests.search.ledger_rows import HERE, attempt, goal, proof

WRITER = """
import sys
from pathlib import Path
from tests.search.ledger_rows import attempt
from search.ledger import Ledger
ledger = Ledger.open(Path(sys.argv[1]))
for number in range(int(sys.argv[2])):
    identifier = ledger.record_attempt(attempt(f"goal-{number}", seconds=1.0))
    print(identifier, flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".unsorry" / "ledger.db"


def writer(path: Path, rows: int) -> subprocess.Popen[str]:
    """A process that writes attempts and prints the id of each when it is acknowledged."""
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(rows)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def filled(path: Path) -> None:
    """A closed ledger with 2,000 goals and an attempt on each."""
    with closing(Ledger.open(path)) as ledger:
        ledger.see([goal(f"goal-{number}") for number in range(2000)], seen_at=1.0)
        ledger.record_attempts([attempt(f"goal-{number}") for number in range(2000)])


def overwritten(path: Path, start: int) -> None:
    """Everything from that offset on replaced by what is no database."""
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xa5" * (path.stat().st_size - start))


@pytest.fixture
def lock(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the write lock of a filled ledger until its input is closed."""
    filled(path)
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        yield holder


def test_its_folder_stays_out_of_git(path: Path) -> None:
    Ledger.open(path).close()
    assert (path.parent / ".gitignore").read_text() == "*\n"


def test_a_kill_at_any_moment_loses_no_acknowledged_attempt(path: Path) -> None:
    acknowledged: list[int] = []
    for wanted in (1, 37, 120):
        with writer(path, 100_000) as process:
            assert process.stdout
            acknowledged += [int(process.stdout.readline()) for _ in range(wanted)]
            process.kill()
            # What it printed before the kill and we had not read was acknowledged as well.
            acknowledged += [int(line) for line in process.stdout if line.endswith("\n")]
    with closing(Ledger.open(path)) as ledger:
        assert ledger.notice == ""
        kept = [row[0] for row in ledger.database.execute("SELECT id FROM attempts ORDER BY id")]
        assert kept[-1] - len(acknowledged) <= 3, "at most the write in flight, at each kill"
        assert set(acknowledged) <= set(kept)
        assert ledger.database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert ledger.stats().attempts == len(kept)


def test_processes_that_start_at_once_share_a_new_ledger(path: Path) -> None:
    processes = [writer(path, 100) for _ in range(4)]
    errors = [process.communicate()[1] for process in processes]
    assert errors == [""] * 4
    with closing(Ledger.open(path)) as ledger:
        assert ledger.stats().attempts == 400


def test_a_full_disk_is_said_and_what_could_be_written_stays(path: Path) -> None:
    with closing(Ledger.open(path)) as ledger:
        ledger.record_attempt(attempt("before"))
        (pages,) = ledger.database.execute("PRAGMA page_count").fetchone()
        ledger.database.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StorageFull, match="Free some space"):
            ledger.record_attempts([attempt(script="x" * 10_000)] * 10)
        assert ledger.attempts("key") == []
        ledger.database.execute("PRAGMA max_page_count = 1000000")
        ledger.record_attempt(attempt())
        assert len(ledger.attempts("key")) == len(ledger.attempts("before")) == 1


def test_a_disk_quota_is_a_full_disk(path: Path) -> None:
    Ledger.open(path).close()

    def limit_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    code = WRITER.replace("seconds=1.0", 'script="x" * 5000')
    done = subprocess.run(
        [sys.executable, "-c", code, str(path), "500"],
        preexec_fn=limit_files,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert "search.errors.StorageFull: The disk is full" in done.stderr
    acknowledged = done.stdout.split()
    assert acknowledged
    with closing(Ledger.open(path)) as ledger:
        assert ledger.notice == ""
        assert ledger.stats().attempts == len(acknowledged)


def test_a_lock_held_for_long_is_an_error_that_passes(
    path: Path, lock: subprocess.Popen[str]
) -> None:
    with closing(Ledger.open(path, timeout=0.1)) as ledger:
        with pytest.raises(LedgerBusy, match="Another program"):
            ledger.record_attempt(attempt("key"))
        assert ledger.goal("goal-1") is not None, "reading does not wait"
        lock.communicate()
        ledger.record_attempt(attempt("key"))


@pytest.mark.parametrize("start", [0, 8192])
def test_a_damaged_ledger_is_set_aside_and_a_new_one_starts(path: Path, start: int) -> None:
    filled(path)
    overwritten(path, start)
    damaged = path.read_bytes()
    with closing(Ledger.open(path)) as ledger:
        assert ledger.goals() == []
        kept = re.search(r"ledger-damaged-\d{4}-\d\d-\d\d-\d{6}\.db", ledger.notice)
        assert kept
        assert path.with_name(kept[0]).read_bytes() == damaged
        ledger.record_attempt(attempt())
    with closing(Ledger.open(path)) as ledger:
        assert ledger.notice == ""
        assert len(ledger.attempts("key")) == 1


def test_damage_found_while_it_is_used_is_remembered_by_the_next_opening(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_file, "CHECKED_BYTES", 0)
    filled(path)
    overwritten(path, path.stat().st_size // 2)
    with closing(Ledger.open(path)) as ledger:
        assert ledger.notice == ""
        with pytest.raises(LedgerDamaged, match="Start again"):
            ledger.goals()
    with closing(Ledger.open(path)) as ledger:
        assert "was found damaged" in ledger.notice
        assert ledger.goals() == []


def test_a_ledger_of_a_newer_version_is_kept_whole(path: Path) -> None:
    filled(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('ledger', '0099_future', '2030-01-01')"
        )
    with closing(Ledger.open(path)) as ledger:
        assert "written by a newer Unsorry" in ledger.notice
        assert ledger.goals() == []
    (kept,) = path.parent.glob("ledger-newer-*.db")
    with closing(sqlite3.connect(kept)) as connection:
        assert connection.execute("SELECT count(*) FROM goals").fetchone() == (2000,)


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.db"
    with closing(sqlite3.connect(theirs)) as connection, connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    with pytest.raises(LedgerUnwritable, match="another program"):
        Ledger.open(theirs)
    with closing(sqlite3.connect(theirs)) as connection:
        assert connection.execute("SELECT count(*) FROM songs").fetchone() == (0,)


def test_a_ledger_of_version_1_is_brought_up_to_date(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        old = Database(connection)
        MIGRATIONS.apply(old, stop_before=NAMES[1])
        assert "tickets" not in old.table_names()
        with old.atomic():
            old.execute(
                "INSERT INTO goals VALUES ('key', 'key', 'c', 'd', 'A.lean', 't', 1, 0, '[\"h\"]', "
                "'{}', 0.25, 'open', 4.5, 0, 1, 2)"
            )
            old.execute(
                "INSERT INTO proofs VALUES ('key', 'key', 'omega', '', ?, ?, 's', '[]', 1, 0.5, "
                "'[]', '[]', 3, 'search', '')",
                (HERE.toolchain, HERE.project),
            )
    with closing(Ledger.open(path)) as ledger:
        assert ledger.notice == ""
        kept = ledger.goal("key")
        assert kept is not None
        assert (kept.spent_light, kept.hypotheses) == (4.5, ("h",))
        (found,) = ledger.proofs("key", "key", HERE)
        assert found == proof(strategy="s", seconds=0.5, verified_at=3.0)
        assert ledger.stats().open_tickets == 0


def test_tickets_are_found_by_the_words_of_their_statement(path: Path) -> None:
    with closing(Ledger.open(path)) as ledger:
        with ledger.transaction() as database:
            for number, words in enumerate(("Nat.add_comm a b", "Nat.add a b", "h₁ → h'")):
                database.table("tickets").insert(
                    {
                        "ticket_id": f"lem-2026-11-20-000{number}",
                        "goal": "key",
                        "statement": words,
                        "name": "helper",
                        "status": "open",
                        "created_at": 1.0,
                    }
                )
        tickets = ledger.database.table("tickets")
        for word, expected in (("Nat.add_comm", 0), ("Nat.add", 1), ("h₁", 2), ("h'", 2)):
            (found,) = tickets.search(word, quote=True)
            assert found["ticket_id"].endswith(str(expected)), word


def test_a_folder_that_may_not_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LedgerUnwritable, match="choose another place"):
        Ledger.open(tmp_path / "file" / "ledger.db")
