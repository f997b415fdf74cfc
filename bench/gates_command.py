"""`unsorry gates`: measure the milestone gates, say which hold, and end with an exit code.

Only the conversation with the user; what is measured is `bench.gates`.
"""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from bench.gates import Gate, Gates
from bench.lemmas import load_bank
from bench.report import machine
from lean.errors import WorkspaceError
from lean.workspace import Workspace
from server.options import settings_for

NAMES = ("M0", "M1", "M2")
EXIT_FAILED = 1
EXIT_INTERRUPTED = 130


@click.command()
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(NAMES, case_sensitive=False),
    help="This gate; may be repeated (default: all).",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help="Only the first N goals of each bank, to try it quickly.",
)
@click.option(
    "--cpu-target",
    type=click.FloatRange(0.05, 1.0),
    default=0.5,
    show_default=True,
    metavar="SHARE",
    help="Share of the whole machine for M1.",
)
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Lean sessions at a time.")
@click.option(
    "--bank",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Another toy bank, for M1.",
)
@click.option(
    "--hard", type=click.Path(path_type=Path), metavar="FILE", help="Other hard goals, for M2."
)
@click.option(
    "--out",
    "--output",
    "out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("bench/results/gates"),
    show_default=True,
    metavar="DIR",
    help="Where results go as they come, and are taken from.",
)
@click.option("--fresh", is_flag=True, help="Forget the results of earlier runs.")
@click.option("--json", "json_wanted", is_flag=True, help="Print one JSON object.")
@click.option(
    "--workspace",
    "folder",
    type=click.Path(path_type=Path, exists=True),
    default=Path(),
    metavar="PATH",
    help="A place in the workspace of M0 (default: here).",
)
def gates(
    only: Sequence[str],
    limit: int | None,
    cpu_target: float,
    jobs: int | None,
    bank: Path | None,
    hard: Path | None,
    out: Path,
    fresh: bool,
    json_wanted: bool,
    folder: Path,
) -> int:
    """Measure whether the milestone gates hold.

    M0: Lean and the ledger work here, and the blueprint renders if there is one. M1: profile 1
    solves at least 40 % of the toy bank within its share of the machine, and a fresh Lean takes
    every proof. M2: with retrieval (neighbours, premises) at least 10 % more hard goals are solved
    than by the micro strategies alone, at profile 1; where those solve none, 10 % of all.

    M1 and M2 take hours. Ctrl-C ends them, and the same command goes on from there.

    Exit code 0 when every gate holds, 1 when one fails, 2 for a mistake, 130 after Ctrl-C.
    """
    names = [name for name in NAMES if not only or name in only]
    for file in (bank, hard):
        if file is not None:
            # Said before hours are spent.
            load_bank(file)
    workspace = Workspace.find(folder)
    chosen = Gates(
        workspace=workspace,
        settings=settings_for(workspace.root),
        output=_made(out.absolute(), fresh),
        cpu_target=cpu_target,
        bank=bank,
        hard=hard,
        limit=limit,
        jobs=jobs,
    )
    done: list[Gate] = []
    code = 0
    try:
        asyncio.run(_measure(chosen, names, done, json_wanted))
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
    if json_wanted:
        click.echo(json.dumps(as_json(done, limit), ensure_ascii=False, indent=2))
    if code:
        click.echo("Interrupted; the same command goes on from here.", err=True)
    elif not all(gate.holds for gate in done):
        code = EXIT_FAILED
    return code


async def _measure(chosen: Gates, names: Sequence[str], done: list[Gate], quiet: bool) -> None:
    """Measure one gate after the other into `done`, each shown as soon as it is known."""
    for name in names:
        click.echo(f"measuring {name} …", err=True)
        gate = await chosen.measure(name)
        done.append(gate)
        if not quiet:
            click.echo(as_text(gate, chosen.limit))


def as_text(gate: Gate, limit: int | None = None) -> str:
    """The gate for people: a line for its verdict, and one for each thing behind it."""
    some = f" (the first {limit} goals of each bank)" if limit and gate.name != "M0" else ""
    lines = [f"{gate.name} {'holds' if gate.holds else 'FAILS'}{some}"]
    lines += [f"  {line}" for line in gate.lines]
    lines += [f"  {target}" for target in gate.targets]
    if gate.problem:
        lines.append(f"  {' '.join(gate.problem.split())}")
    return "\n".join(lines)


def as_json(gates: Sequence[Gate], limit: int | None) -> dict[str, Any]:
    """All that was measured."""
    return {
        "machine": machine(),
        "limit": limit,
        "gates": [
            {
                "name": gate.name,
                "holds": gate.holds,
                "problem": gate.problem,
                "said": list(gate.lines),
                "targets": {
                    target.name: {
                        # JSON knows no number that is none.
                        "value": target.value if target.value == target.value else None,
                        "bound": f"{target.relation} {target.bound:g}",
                        "met": target.met,
                    }
                    for target in gate.targets
                },
            }
            for gate in gates
        ],
    }


def _made(folder: Path, fresh: bool) -> Path:
    """The folder for results, made, and emptied of them if so asked. Raises WorkspaceError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("results.jsonl", "processor.jsonl") if fresh else ():
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise WorkspaceError(
            f"The results can't be written to {folder}: {error.strerror}.",
            "Name another folder with --out.",
        ) from error
    return folder
