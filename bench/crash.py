"""Nothing that was finished is lost, and nothing is done twice, however often `unsorry bg` is
killed.

It is killed with SIGKILL at seeded random moments and started again; after each kill a copy of the
ledger is looked at, so that nobody but Unsorry itself recovers the original.
"""

import argparse
import asyncio
import contextlib
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.background import Background, faults, searching
from bench.generated_goals import Generated, file_text, goal
from bench.measurement import Measurement, Target, run
from bench.report import table

KINDS = {"easy": 20, "harder": 8, "false": 6, "impossible": 6}
"""Forty goals."""
FILES = 5
EARLY = 0.25
"""The share of kills that come while it starts or reads; the others come when it works."""
START_SECONDS = 15.0
"""Within which an early kill comes."""
MOST_ATTEMPTS = 12
"""Finished attempts of that run for which any other kill waits, at most."""
WORK_SECONDS = 1.5
"""Within which it comes after the last of them."""
WAIT_SECONDS = 60.0
"""For attempts, when there is little left to try."""
SETTLED = ("failed", "timeout")
"""Outcomes after which the same attempt must not be made again with no more budget."""

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The ledger at a moment: attempts by id, and the status of goals by declaration."""

    intact: bool
    attempts: dict[int, Row]
    goals: dict[str, str]


@dataclass(slots=True)
class Findings:
    """What was wrong, over all kills."""

    lost: int = 0
    unwritten: int = 0
    damaged: int = 0
    orphans: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    rows: list[list[object]] = field(default_factory=list)


async def measure(chosen: argparse.Namespace) -> Measurement:
    """Kill it again and again, then let it finish."""
    goals = workspace_goals()
    with tempfile.TemporaryDirectory(prefix="unsorry-crash-") as name:
        folder = Path(name)
        write_workspace(folder, goals)
        return await _measure(folder, goals, chosen)


def workspace_goals() -> list[Generated]:
    """The forty goals, kinds mixed."""
    goals = [goal(kind, number) for kind, count in KINDS.items() for number in range(1, count + 1)]
    random.Random(0).shuffle(goals)
    return goals


def write_workspace(folder: Path, goals: Sequence[Generated]) -> None:
    """Spread the goals over files."""
    for number in range(FILES):
        text = file_text(list(goals[number::FILES]))
        (folder / f"File{number}.lean").write_text(text, "utf-8")


async def _measure(
    folder: Path, goals: Sequence[Generated], chosen: argparse.Namespace
) -> Measurement:
    chance = random.Random(chosen.seed)
    arguments = ["--profile", "1", *searching(chosen)]
    findings = Findings()
    last = Snapshot(True, {}, {})
    for number in range(1, chosen.kills + 1):
        started = time.monotonic()
        background = await Background.start(folder, arguments)
        await _random_moment(background, chance)
        findings.orphans += await background.kill()
        now = snapshot(folder)
        _compare(findings, last, now, background)
        seconds = time.monotonic() - started
        proved = sum(status == "proved" for status in now.goals.values())
        done = len(background.said("attempt_finished"))
        findings.rows.append([number, f"{seconds:.1f}", done, len(now.attempts), proved])
        last = now
    background = await Background.start(folder, arguments)
    seconds = await _until_proved(background, folder, goals, chosen.patience)
    findings.orphans += await background.stop()
    final = snapshot(folder)
    _compare(findings, last, final, background)
    return _judged(findings, final, goals, seconds)


async def _random_moment(background: Background, chance: random.Random) -> None:
    early, count, moment = (
        chance.random() < EARLY,
        chance.randint(0, MOST_ATTEMPTS),
        chance.random(),
    )
    if early:
        await asyncio.sleep(moment * START_SECONDS)
    else:
        await background.until_events("attempt_finished", count, WAIT_SECONDS)
        await asyncio.sleep(moment * WORK_SECONDS)


async def _until_proved(
    background: Background, folder: Path, goals: Sequence[Generated], patience: float
) -> float:
    """Let it work until all that can be proved is; seconds that took."""
    started = time.monotonic()
    wanted = {goal.name for goal in goals if goal.provable}
    while time.monotonic() - started < patience and background.process.returncode is None:
        with contextlib.closing(sqlite3.connect(folder / ".unsorry" / "ledger.db")) as database:
            proved = {name for name, status in _read(database).goals.items() if status == "proved"}
        if wanted <= proved:
            break
        await asyncio.sleep(2.0)
    return time.monotonic() - started


def _compare(findings: Findings, before: Snapshot, now: Snapshot, background: Background) -> None:
    findings.damaged += not now.intact
    findings.lost += sum(now.attempts.get(key) != row for key, row in before.attempts.items())
    told: Counter[Row] = Counter(
        (event["key"], event["strategy"], event["outcome"])
        for event in background.said("attempt_finished")
    )
    new = Counter(row[:3] for key, row in now.attempts.items() if key not in before.attempts)
    findings.unwritten += (told - new).total()
    findings.faults += faults(background.log)


def snapshot(folder: Path) -> Snapshot:
    """The ledger as the next start will find it, read from a copy; nobody may be writing."""
    with tempfile.TemporaryDirectory(prefix="unsorry-copy-") as name:
        copy = Path(name)
        for file in ("ledger.db-wal", "ledger.db"):
            if (source := folder / ".unsorry" / file).exists():
                shutil.copyfile(source, copy / file)
        if not (copy / "ledger.db").exists():
            return Snapshot(True, {}, {})
        with contextlib.closing(sqlite3.connect(copy / "ledger.db")) as database:
            try:
                return _read(database)
            except sqlite3.DatabaseError:
                return Snapshot(False, {}, {})


def _read(database: sqlite3.Connection) -> Snapshot:
    intact = database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'attempts'").fetchone():
        return Snapshot(intact, {}, {})
    rows = database.execute(
        "SELECT id, goal, strategy, outcome, parameters, fingerprint, budget_seconds,"
        " budget_heartbeats, seconds, started_at FROM attempts ORDER BY id"
    ).fetchall()
    goals = dict(database.execute("SELECT declaration, status FROM goals").fetchall())
    return Snapshot(intact, {row[0]: tuple(row[1:]) for row in rows}, goals)


def repeated(attempts: dict[int, Row]) -> list[Row]:
    """Attempts that had failed before with at least that budget, in the same circumstances."""
    settled: dict[Row, list[tuple[float, int]]] = {}
    again = []
    for _, row in sorted(attempts.items()):
        goal_key, strategy, outcome, parameters, fingerprint, seconds, heartbeats, *_ = row
        assert isinstance(seconds, float) and isinstance(heartbeats, int)
        same = settled.setdefault((goal_key, strategy, parameters, fingerprint), [])
        if any(most >= seconds and beats >= heartbeats for most, beats in same):
            again.append(row)
        if outcome in SETTLED:
            same.append((seconds, heartbeats))
    return again


def _judged(
    findings: Findings, final: Snapshot, goals: Sequence[Generated], seconds: float
) -> Measurement:
    again = repeated(final.attempts)
    unproved = [
        each.name for each in goals if each.provable and final.goals.get(each.name) != "proved"
    ]
    wrong = [
        each.name
        for each in goals
        if each.kind == "false" and final.goals.get(each.name) == "proved"
    ]
    header = ["kill", "after s", "attempts told", "attempts in the ledger", "goals proved"]
    lines = [
        *table(header, findings.rows),
        "",
        f"After the last kill it worked {seconds:.0f} s more; {len(final.attempts)} attempts.",
        *(f"repeated: {row}" for row in again),
        *(f"not proved: {name}" for name in unproved),
        *(f"left behind: {process}" for process in findings.orphans),
        *(f"log: {line}" for line in findings.faults),
    ]
    return Measurement(
        lines=lines,
        figures={
            "kills": len(findings.rows),
            "attempts": len(final.attempts),
            "outcomes": dict(Counter(str(row[2]) for row in final.attempts.values())),
            "rows": findings.rows,
        },
        targets=[
            Target("recorded attempts lost", findings.lost, "<=", 0),
            Target("attempts told and not recorded", findings.unwritten, "<=", 0),
            Target("attempts repeated", len(again), "<=", 0),
            Target("provable goals not proved", len(unproved), "<=", 0),
            Target("false goals proved", len(wrong), "<=", 0),
            Target("damaged databases", findings.damaged, "<=", 0),
            Target("processes left behind", len(findings.orphans), "<=", 0),
            Target("unhandled exceptions in the log", len(findings.faults), "<=", 0),
        ],
    )


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, metavar="N", help="Lean sessions at a time")
    parser.add_argument("--cpu-target", type=float, default=0.75, metavar="SHARE")
    parser.add_argument(
        "--patience", type=float, default=900.0, help="seconds for the end after the last kill"
    )


def main() -> int:
    """The command line."""
    return run("crash", "Kill `unsorry bg` at random moments.", measure, _options)


if __name__ == "__main__":
    sys.exit(main())
