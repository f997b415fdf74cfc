"""Half an hour of `unsorry bg` over a workspace that somebody keeps editing.

Goals and files are added, changed, broken and deleted by a seeded script; memory, processes and the
log are watched.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench.background import Background, faults, searching
from bench.generated_goals import Generated, file_text, goal
from bench.measurement import Measurement, Target, run
from bench.report import table

EDIT_EVERY = (2.0, 12.0)
"""Seconds between two edits, at least and at most."""
FILES = 6
GOALS = 8
"""In a file, at most."""
KINDS = ("easy", "easy", "harder", "false", "impossible")
MARKS = (5.0, 15.0, 30.0)
"""Minutes after which the memory is told."""
GROWTH = 1.5
"""How much the memory may grow from the first mark to the end: sessions that get old are replaced
at their ceiling, so that some growth is wanted."""
LOOK_EVERY = 5.0


@dataclass(slots=True)
class Editor:
    """Somebody who edits Lean files; always the same for one seed."""

    folder: Path
    chance: random.Random
    files: dict[str, list[Generated]] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    numbers: int = 0

    def edit(self) -> None:
        """One edit, saved."""
        name = self.chance.choice(sorted(self.files)) if self.files else ""
        edits: list[Callable[[str], None]] = [
            self._change,
            self._change,
            self._add,
            self._delete,
            self._break,
            self._mend,
        ]
        if len(self.files) < FILES:
            edits.append(self._add_file)
        if len(self.files) > 1:
            edits.append(self._delete_file)
        chosen = self.chance.choice(edits) if name else self._add_file
        chosen(name)
        self.done[chosen.__name__.strip("_").replace("_", " ")] += 1

    def _new(self) -> Generated:
        self.numbers += 1
        return goal(self.chance.choice(KINDS), self.numbers)

    def _change(self, name: str) -> None:
        goals = self.files[name]
        if goals:
            goals[self.chance.randrange(len(goals))] = self._new()
        self._save(name)

    def _add(self, name: str) -> None:
        if len(self.files[name]) < GOALS:
            self.files[name].append(self._new())
        self._save(name)

    def _delete(self, name: str) -> None:
        if self.files[name]:
            self.files[name].pop(self.chance.randrange(len(self.files[name])))
        self._save(name)

    def _break(self, name: str) -> None:
        self._save(name, "\ntheorem broken (n : Nat : n = := by\n")

    def _mend(self, name: str) -> None:
        self._save(name)

    def _add_file(self, _: str) -> None:
        self.numbers += 1
        name = f"File{self.numbers}.lean"
        self.files[name] = [self._new() for _ in range(GOALS // 2)]
        self._save(name)

    def _delete_file(self, name: str) -> None:
        del self.files[name]
        (self.folder / name).unlink()

    def _save(self, name: str, more: str = "") -> None:
        (self.folder / name).write_text(file_text(self.files[name]) + more, "utf-8")


@dataclass(frozen=True, slots=True)
class Look:
    """The tree at a moment: minutes since the start, bytes of resident memory, processes."""

    minutes: float
    memory: int
    processes: int


async def measure(chosen: argparse.Namespace) -> Measurement:
    """Edit, watch, and end it with SIGTERM."""
    with tempfile.TemporaryDirectory(prefix="unsorry-soak-") as name:
        editor = Editor(Path(name), random.Random(chosen.seed))
        editor.edit()
        background = await Background.start(Path(name), searching(chosen))
        try:
            looks = await _watch(background, editor, chosen.minutes * 60)
            alive = background.process.returncode is None
        finally:
            left = await background.stop()
    return _judged(background, editor, looks, left, alive)


async def _watch(background: Background, editor: Editor, seconds: float) -> list[Look]:
    started = time.monotonic()
    looks: list[Look] = []
    next_edit = 0.0
    while (
        passed := time.monotonic() - started
    ) < seconds and background.process.returncode is None:
        if passed >= next_edit:
            editor.edit()
            next_edit = passed + editor.chance.uniform(*EDIT_EVERY)
        if not looks or passed - looks[-1].minutes * 60 >= LOOK_EVERY:
            looks.append(Look(passed / 60, background.memory(), len(background.tree())))
        await asyncio.sleep(0.5)
    return looks


def _judged(
    background: Background, editor: Editor, looks: list[Look], left: list[str], alive: bool
) -> Measurement:
    # Those that the run was long enough for; and how it was at the end.
    marks = [mark for mark in MARKS if mark < looks[-1].minutes]
    told = [next(look for look in looks if look.minutes >= mark) for mark in marks] + [looks[-1]]
    events = Counter(event["event"] for event in background.events)
    incidents = Counter(event["kind"] for event in background.said("incident"))
    found = faults(background.log)
    memory = [
        [f"{look.minutes:.0f}", f"{look.memory / 2**20:.0f}", look.processes] for look in told
    ]
    lines = [
        *table(["minutes", "resident MB", "processes"], memory),
        "",
        f"Edits: {_counted(editor.done)}.",
        f"Events: {_counted(events)}.",
        f"Incidents: {_counted(incidents)}.",
        *(f"left behind: {process}" for process in left),
        *(f"log: {line}" for line in found),
    ]
    return Measurement(
        lines=lines,
        figures={
            "minutes": looks[-1].minutes,
            "looks": [[look.minutes, look.memory, look.processes] for look in looks],
            "edits": dict(editor.done),
            "events": dict(events),
            "incidents": dict(incidents),
        },
        targets=[
            Target("unhandled exceptions in the log", len(found), "<=", 0),
            Target("processes at the end", len(left), "<=", 0),
            Target("ended by itself", not alive, "<=", 0),
            Target("goals stale-cancelled", events["goal_stale"], ">=", 1),
            Target(
                f"memory, end ÷ minute {told[0].minutes:.0f}",
                told[-1].memory / told[0].memory,
                "<=",
                GROWTH,
            ),
        ],
    )


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.most_common()) or "none"


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, metavar="N", help="Lean sessions at a time")
    parser.add_argument("--cpu-target", type=float, default=0.5, metavar="SHARE")


def main() -> int:
    """The command line."""
    return run("soak", "`unsorry bg` over an edited workspace.", measure, _options)


if __name__ == "__main__":
    sys.exit(main())
