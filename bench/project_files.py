"""How many holes of the small realistic files in `bench/projects` are proved, with the scripts.

The files are searched together, as `unsorry prove` would; nothing is written.
"""

import argparse
import asyncio
import sys

from bench.measurement import Measurement, Target, run
from bench.places import bare_workspace, project_files
from search.engine import Engine
from search.events import FileView, GoalVerdict
from search.settings import Settings


async def measure(chosen: argparse.Namespace) -> Measurement:
    """Prove every hole of every file."""
    files = project_files()
    async with Engine.open(
        bare_workspace(), Settings(sessions=chosen.jobs, remember=False)
    ) as engine:
        found = await asyncio.gather(*(_prove(engine, *file) for file in files.items()))
    verdicts = [verdict for _, some in found for verdict in some]
    holes = [verdict for verdict in verdicts if verdict.kind != "skipped"]
    proved = [verdict for verdict in holes if verdict.kind == "proved"]
    lines = [line for view, some in found for line in _file_lines(view, some)]
    seconds = sum(verdict.seconds for verdict in holes)
    lines.append(f"{len(proved)} of {len(holes)} holes proved, {seconds:.1f} s of search.")
    errors = sum(len(view.document.errors) for view, _ in found)
    return Measurement(
        lines=lines,
        figures={
            "holes": len(holes),
            "proved": len(proved),
            "skipped": len(verdicts) - len(holes),
            "seconds": round(seconds, 3),
            "rows": [_row(verdict) for verdict in verdicts],
        },
        targets=[
            Target("holes", len(holes), ">=", 40),
            Target("errors in the files", errors, "<=", 0),
        ],
    )


async def _prove(engine: Engine, name: str, text: str) -> tuple[FileView, list[GoalVerdict]]:
    view = await engine.update(name, text)
    assert view is not None
    return view, list(await asyncio.gather(*(engine.prove(goal) for goal in view.goals)))


def _file_lines(view: FileView, verdicts: list[GoalVerdict]) -> list[str]:
    proved = sum(verdict.kind == "proved" for verdict in verdicts)
    lines = [f"{view.path}: {proved} of {len(verdicts)}"]
    for verdict in verdicts:
        hole = verdict.goal.hole
        lines.append(
            f"  {hole.line:>4}  {hole.declaration:<34} {verdict.kind:<8} {verdict.seconds:6.2f} s"
        )
        shown = verdict.script or str(verdict.counterexample or "")
        lines += [f"          {line}" for line in shown.split("\n") if line]
    return [*lines, ""]


def _row(verdict: GoalVerdict) -> dict[str, object]:
    hole = verdict.goal.hole
    return {
        "file": verdict.goal.path,
        "line": hole.line,
        "declaration": hole.declaration,
        "verdict": verdict.kind,
        "script": verdict.script,
        "strategy": verdict.strategy,
        "seconds": round(verdict.seconds, 3),
        "reason": verdict.reason,
    }


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--jobs", type=int, metavar="N", help="Lean sessions at a time")


def main() -> int:
    """The command line."""
    return run("project_files", "Prove the holes of bench/projects.", measure, _options)


if __name__ == "__main__":
    sys.exit(main())
