"""How fast the ledger is when it is large, and that eight processes lose nothing in it.

A ledger of a million attempts (`--rows`) in a temporary folder; then what the engine asks of it
when a goal arrives, single durable inserts, and processes that write at the same time.
"""

import argparse
import asyncio
import hashlib
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from bench.measurement import Measurement, Target, run
from bench.report import table
from search.ledger import Ledger
from search.records import AttemptOutcome, AttemptRecord, Fingerprint, GoalRecord, ProofRecord

ATTEMPTS_PER_GOAL = 20
BATCH = 10_000
LOOKUPS = 5_000
INSERTS = 1_000
PROCESSES, ROWS_EACH = 8, 2_000
STRATEGIES = ("evaluate", "hypotheses", "arithmetic", "simplify", "grind", "library", "structure")
OUTCOMES: tuple[AttemptOutcome, ...] = ("failed", "failed", "failed", "timeout", "cancelled")
FINGERPRINTS = tuple(Fingerprint("Lean 4.28.0", f"project {number}") for number in range(4))
VECTOR = {f"feature_{number}": float(number) for number in range(20)}
STATEMENT = "m n k : Nat\nh : m ≤ n\nh' : n < k + 1\n⊢ m + k ≤ n + k ∧ n - m + m = n"


async def measure(chosen: argparse.Namespace) -> Measurement:
    """Fill a ledger, look goals up, insert, and let processes write beside each other."""
    with tempfile.TemporaryDirectory(prefix="unsorry-ledger-") as folder:
        path = Path(folder) / "ledger.db"
        with closing(Ledger.open(path)) as ledger:
            rate = _fill(ledger, chosen.rows)
        size = path.stat().st_size
        with closing(Ledger.open(path)) as ledger:
            lookups = _look_up(ledger, chosen.rows)
            inserts = _insert(ledger)
        errors, seconds = await _processes(path)
        with closing(Ledger.open(path)) as ledger:
            written, counted = _written(ledger)
            (integrity,) = ledger.database.execute("PRAGMA quick_check(1)").fetchone()
    wanted = PROCESSES * ROWS_EACH
    lost = wanted - min(written, counted)
    figures = {
        "attempts": chosen.rows,
        "bytes": size,
        "lookup_p50_ms": _percentile(lookups, 50),
        "lookup_p99_ms": _percentile(lookups, 99),
        "insert_p50_ms": _percentile(inserts, 50),
        "insert_p99_ms": _percentile(inserts, 99),
        "batch_rows_per_second": rate,
        "processes": PROCESSES,
        "processes_rows": written,
        "processes_lost": lost,
        "processes_errors": errors,
        "processes_rows_per_second": written / seconds,
        "quick_check": integrity,
    }
    header = ["figure", "value"]
    rows = [
        ["attempts", f"{chosen.rows:,} ({size / 2**20:.0f} MiB)"],
        ["goal looked up: row, proofs, refutations, attempts", _times(lookups)],
        ["one durable insert", _times(inserts)],
        ["batch insert", f"{rate:,.0f} rows/s ({BATCH:,} a transaction)"],
        [
            f"{PROCESSES} processes x {ROWS_EACH:,} durable inserts",
            f"{written:,} rows, {lost} lost, {errors} errors, {written / seconds:,.0f} rows/s",
        ],
        ["database check", integrity],
    ]
    return Measurement(
        lines=table(header, rows),
        figures=figures,
        targets=[
            Target("look-up p99, ms", figures["lookup_p99_ms"], "<=", 1.0),
            Target("batch insert, rows/s", rate, ">=", 20_000),
            Target("rows lost under eight processes", lost, "<=", 0),
            Target("errors under eight processes", errors, "<=", 0),
        ],
    )


def _fill(ledger: Ledger, rows: int) -> float:
    """Goals, a proof for every third, and the attempts; how many of these went in a second."""
    keys = [_key(number) for number in range(max(rows // ATTEMPTS_PER_GOAL, 1))]
    for start in range(0, len(keys), BATCH):
        with ledger.transaction():
            ledger.see([_goal(key) for key in keys[start : start + BATCH]], seen_at=1.0)
            for key in keys[start : start + BATCH : 3]:
                ledger.record_proof(_proof(key))
    seconds = 0.0
    for start in range(0, rows, BATCH):
        batch = list(_attempts(keys, start, min(start + BATCH, rows)))
        started = time.perf_counter()
        ledger.record_attempts(batch)
        seconds += time.perf_counter() - started
    return rows / seconds


def _look_up(ledger: Ledger, rows: int) -> list[float]:
    """Milliseconds for what the engine asks when a goal arrives; one in ten is not known."""
    chosen = random.Random(0)
    goals = max(rows // ATTEMPTS_PER_GOAL, 1)
    taken = []
    for _ in range(LOOKUPS):
        key = _key(chosen.randrange(goals + goals // 9))
        started = time.perf_counter()
        ledger.goal(key)
        ledger.proofs(key, key, FINGERPRINTS[0])
        ledger.refutations(key, FINGERPRINTS[0])
        ledger.attempts(key)
        taken.append(1000 * (time.perf_counter() - started))
    return taken


def _insert(ledger: Ledger) -> list[float]:
    """Milliseconds for one attempt, each on the disk before the next."""
    taken = []
    for attempt in _attempts([_key(number) for number in range(INSERTS)], 0, INSERTS):
        started = time.perf_counter()
        ledger.record_attempt(attempt)
        taken.append(1000 * (time.perf_counter() - started))
    return taken


async def _processes(path: Path) -> tuple[int, float]:
    """How many of the writing processes failed, and the seconds they took together."""
    started = time.perf_counter()
    command = (sys.executable, "-m", "bench.ledger", "--write", str(path))
    processes = [
        await asyncio.create_subprocess_exec(*command, str(number)) for number in range(PROCESSES)
    ]
    codes = await asyncio.gather(*[process.wait() for process in processes])
    return sum(code != 0 for code in codes), time.perf_counter() - started


def _write(path: Path, name: str) -> int:
    """One of the processes: its attempts, one by one, all under one strategy name."""
    with closing(Ledger.open(path)) as ledger:
        for number in range(ROWS_EACH):
            key = _key(number)
            ledger.record_attempt(
                AttemptRecord(key, "shared", "failed", FINGERPRINTS[0], seconds=1.0, run=name)
            )
    return 0


def _written(ledger: Ledger) -> tuple[int, int]:
    """Rows of the processes, and what the statistics, which all of them updated, say."""
    (rows,) = ledger.database.execute(
        "SELECT count(*) FROM attempts WHERE strategy = 'shared'"
    ).fetchone()
    counted = [row.attempts for row in ledger.stats().strategies if row.strategy == "shared"]
    return int(rows), sum(counted)


def _key(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


def _goal(key: str) -> GoalRecord:
    place = ("Main.lean", f"theorem_{key[:8]}", 10, 4)
    return GoalRecord(key, key, STATEMENT, STATEMENT, *place, ("m", "n", "k", "h", "h'"), VECTOR)


def _proof(key: str) -> ProofRecord:
    return ProofRecord(key, "omega", "arithmetic", FINGERPRINTS[0], ("m", "n", "k", "h", "h'"))


def _attempts(keys: Sequence[str], start: int, stop: int) -> Iterator[AttemptRecord]:
    """The attempts with these numbers: a goal's come together, as they do in a search."""
    for number in range(start, stop):
        yield AttemptRecord(
            keys[number // ATTEMPTS_PER_GOAL % len(keys)],
            STRATEGIES[number % len(STRATEGIES)],
            OUTCOMES[number % len(OUTCOMES)],
            FINGERPRINTS[number % len(FINGERPRINTS)],
            reason="unsolved goals",
            seconds=0.25,
            heartbeats=12_000,
            budget_seconds=8.0,
            budget_heartbeats=200_000,
            remaining=("⊢ m + k ≤ n + k",),
            started_at=float(number),
            run="bench",
        )


def _percentile(milliseconds: Sequence[float], percent: int) -> float:
    return statistics.quantiles(milliseconds, n=100)[percent - 1]


def _times(milliseconds: Sequence[float]) -> str:
    p50, p99 = _percentile(milliseconds, 50), _percentile(milliseconds, 99)
    return f"p50 {p50:.3f} ms, p99 {p99:.3f} ms"


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--rows", type=int, default=1_000_000, metavar="N", help="attempts in the ledger"
    )


def main() -> int:
    """The command line."""
    if sys.argv[1:2] == ["--write"]:
        return _write(Path(sys.argv[2]), sys.argv[3])
    return run("ledger", "Measure a large ledger, and many writers.", measure, _options)


if __name__ == "__main__":
    sys.exit(main())
