"""`unsorry prove FILE…`: search the holes of files, show what was found, write it if so asked.

Only the conversation with the user; the search is `search.engine`, the words are `prove_report`,
the files are `prove_files`.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from lean.errors import LeanError
from lean.toolchain import Toolchain
from lean.workspace import Workspace
from search.engine import Engine
from search.settings import Settings
from server.options import Flags, search_options, settings_for
from server.prove_files import read_source, write_proofs
from server.prove_report import FileReport, as_json, as_text
from server.sources import label

EXIT_ERROR = 2
EXIT_INTERRUPTED = 130


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@click.option("--write", is_flag=True, help="Put the proofs into the files.")
@click.option("--json", "json_wanted", is_flag=True, help="Print one JSON object.")
@search_options
def prove(files: Sequence[Path], write: bool, json_wanted: bool, flags: Flags) -> int:
    """Look for a proof of every sorry in FILE….

    Exit code 0 when every file could be searched, whatever was found; 2 when one could not.
    """
    sources = {path: read_source(path) for path in dict.fromkeys(files)}
    reports = {path: FileReport(str(path)) for path in sources}
    workspaces = {path: Workspace.find(path).root for path in sources}
    settings = {
        root: replace(settings_for(root, flags), spare=False)
        for root in dict.fromkeys(workspaces.values())
    }
    code = 0
    try:
        asyncio.run(_prove(sources, workspaces, reports, settings, write))
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
    shown = list(reports.values())
    for said in dict.fromkeys(report.caveat for report in shown if report.caveat):
        click.echo(said, err=True)
    click.echo(as_json(shown) if json_wanted else as_text(shown))
    for report in shown:
        if report.problem:
            click.echo(f"unsorry: {report.name}: {' '.join(report.problem.split())}", err=True)
            code = code or EXIT_ERROR
    if code == EXIT_INTERRUPTED:
        click.echo("Interrupted.", err=True)
    return code


async def _prove(
    sources: dict[Path, str],
    workspaces: dict[Path, Path],
    reports: dict[Path, FileReport],
    settings: dict[Path, Settings],
    write: bool,
) -> None:
    """Search all files, those of one workspace together."""
    with Bar() as bar:
        for root, chosen in settings.items():
            paths = [path for path in sources if workspaces[path] == root]
            async with Engine.open(
                Workspace.at(root), chosen, progress=bar.install, command="prove"
            ) as engine:
                await asyncio.gather(
                    *(
                        _search(engine, label(root, path), sources[path], reports[path], bar)
                        for path in paths
                    )
                )
                for path in paths:
                    reports[path].caveat = caveat(engine.toolchain)
                for path in paths if write else ():
                    bar.say(f"checking {path} with its proofs")
                    await _write(engine, path, reports[path])


async def _search(engine: Engine, name: str, text: str, report: FileReport, bar: "Bar") -> None:
    """Fill in the report of one file, which the engine calls `name`, as the verdicts come."""
    try:
        report.view = await engine.update(name, text)
    except LeanError as error:
        report.failure = str(error)
        return
    goals = report.view.goals if report.view else ()
    bar.expect(len(goals))
    for proving in asyncio.as_completed([engine.prove(goal) for goal in goals]):
        verdict = await proving
        report.verdicts[verdict.goal.hole.identity] = verdict
        bar.advance()


def caveat(lean: Toolchain) -> str:
    """What is to be said when another Lean answered than the workspace wants."""
    if not lean.stands_in_for:
        return ""
    return (
        f"Found with Lean {lean.lean_version} ({lean.name}), not confirmed by {lean.stands_in_for}."
    )


async def _write(engine: Engine, path: Path, report: FileReport) -> None:
    try:
        report.note = await write_proofs(engine, path, report)
    except LeanError as error:
        report.failure = f"Not written: {error}"


class Bar:
    """Progress on stderr; where that is no terminal, only what is being installed."""

    def __init__(self) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=Console(stderr=True),
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        self._task = self._progress.add_task("starting Lean", total=None)
        self._total = 0
        self._installing = ""

    def __enter__(self) -> "Bar":
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def expect(self, count: int) -> None:
        """There are `count` more goals to prove."""
        self._total += count
        self._progress.update(self._task, description="proving", total=self._total or None)

    def advance(self) -> None:
        """One goal is done."""
        self._progress.advance(self._task)

    def say(self, what: str) -> None:
        """Name what is being done."""
        self._progress.update(self._task, description=what)

    def install(self, what: str, fraction: float | None) -> None:
        """Show how far an installation is."""
        if self._progress.disable and what != self._installing:
            click.echo(f"{what} …", err=True)
        self._installing = what
        shown = what if fraction is None else f"{what} {fraction:.0%}"
        self._progress.update(self._task, description=shown)
