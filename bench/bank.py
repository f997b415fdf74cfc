"""`unsorry bench`: prove a bank of lemmas, report what was solved, keep the results.

Each lemma is a file of its own with one hole; what counts as solved is what `lean.verify` accepts
there. The bank's format is `bench.lemmas`, the figures are `bench.report`.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from bench.lemmas import Lemma, default_bank, load_bank
from bench.places import bare_workspace
from bench.report import BankRun, Row, as_text
from lean.cache import write_atomically
from lean.errors import LeanError, WorkspaceError
from lean.toolchain import Progress
from search.engine import Engine
from search.settings import Profile, Settings

EXIT_TOO_FEW = 1
EXIT_INTERRUPTED = 130

Progressed = Callable[[str, int], None]
"""Called with what is being done, and the number of lemmas finished since the last call."""


def to_nobody(what: str, count: int) -> None:
    """Progress that nobody wants."""


@click.command()
@click.option(
    "--bank", type=click.Path(path_type=Path), metavar="FILE", help="Lemmas, one JSON a line."
)
@click.option("--profile", type=click.Choice(["0", "1", "2"]), default="0", help="How hard to try.")
@click.option("--timeout", type=click.FloatRange(min=0.1), metavar="S", help="Seconds a goal.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Lean sessions at a time.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the first N lemmas.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("bench/results"),
    metavar="DIR",
    help="Where the results file goes.",
)
@click.option("--json", "json_wanted", is_flag=True, help="Print the results and nothing else.")
@click.option("--min-solved", type=click.IntRange(min=0), metavar="N", help="Exit 1 if fewer.")
@click.option("--fresh", is_flag=True, help="Forget what earlier runs have found.")
@click.option("--twice", is_flag=True, help="Run again at once, from the ledger, and compare.")
def bench(
    bank: Path | None,
    profile: str,
    timeout: float | None,
    jobs: int | None,
    limit: int | None,
    out: Path,
    json_wanted: bool,
    min_solved: int | None,
    fresh: bool,
    twice: bool,
) -> int:
    """Prove a bank of lemmas and report what was solved.

    What was found is remembered in the folder of the results: a later run verifies it again and
    searches only what is left.
    """
    level: Profile = {"0": 0, "1": 1, "2": 2}[profile]  # type: ignore[assignment]
    path = bank or default_bank()
    lemmas = load_bank(path, limit)
    _check_writable(out)
    ledger = out.absolute() / "ledger.db"
    if fresh or twice:
        for file in ledger.parent.glob(f"{ledger.name}*"):
            file.unlink()
    settings = Settings(level, timeout, sessions=jobs, spare=False, ledger=ledger, tickets=False)
    runs = [BankRun(path, lemmas, settings) for _ in range(2 if twice else 1)]
    for run in runs:
        _run(run, out, json_wanted)
        if run.interrupted:
            return EXIT_INTERRUPTED
    if twice and not json_wanted:
        click.echo(f"\nSecond run ÷ first: {runs[1].seconds / runs[0].seconds:.2f} of the time")
    if min_solved is not None and (solved := min(run.solved for run in runs)) < min_solved:
        click.echo(f"unsorry: {solved} solved, {min_solved} wanted.", err=True)
        return EXIT_TOO_FEW
    return 0


def _run(run: BankRun, out: Path, json_wanted: bool) -> None:
    """One run, its results written and shown."""
    with _progress(len(run.lemmas)) as progressed:
        try:
            asyncio.run(prove_bank(run, progressed))
        except KeyboardInterrupt:
            run.interrupted = True
    written = write_results(run, out)
    if json_wanted:
        click.echo(json.dumps(run.as_json(), ensure_ascii=False, indent=2))
    else:
        click.echo(f"{as_text(run)}\n\nResults: {written}")


async def prove_bank(run: BankRun, progressed: Progressed = to_nobody) -> None:
    """Prove all lemmas of `run`, adding a row for each as it ends. Raises ToolchainError."""
    started = time.monotonic()
    try:
        async with Engine.open(
            bare_workspace(), run.settings, progress=_installing(progressed), command="bench"
        ) as engine:
            # An installation of Lean is no part of the run; starting its sessions is.
            started = time.monotonic()
            run.toolchain, run.sessions = engine.toolchain, engine.sessions
            waiting = list(reversed(run.lemmas))
            await asyncio.gather(
                *(_prove_some(engine, run, waiting, progressed) for _ in range(run.sessions))
            )
    finally:
        run.seconds = time.monotonic() - started


async def prove_lemma(engine: Engine, lemma: Lemma) -> Row:
    """What comes of one lemma."""
    try:
        view = await engine.update(lemma.identifier, lemma.text)
    except LeanError as error:
        return Row(lemma, None, str(error))
    if view is None or len(view.goals) != 1 or view.document.errors:
        document = view.document if view else None
        said = [message.text for message in document.errors] if document else []
        problem = (document.import_error if document else "") or (said[0] if said else "no goal")
        engine.forget(lemma.identifier)
        return Row(lemma, None, f"the statement can't be used: {problem}")
    verdict = await engine.prove(view.goals[0])
    engine.forget(lemma.identifier)
    return Row(lemma, verdict)


def write_results(run: BankRun, folder: Path) -> Path:
    """Write the results file of `run` and return its path. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"bank-{run.started.astimezone():%Y%m%d-%H%M%S}.json"
    if (folder / name).exists():
        name = name.replace(".json", "-2.json")
    content = json.dumps(run.as_json(), ensure_ascii=False, indent=2) + "\n"
    write_atomically(folder / name, content.encode())
    return folder / name


async def _prove_some(
    engine: Engine, run: BankRun, waiting: list[Lemma], progressed: Progressed
) -> None:
    """Take lemmas from the end of `waiting` until none is left."""
    while waiting:
        lemma = waiting.pop()
        run.rows[lemma.identifier] = await prove_lemma(engine, lemma)
        progressed(f"{run.solved} solved", 1)


def _installing(progressed: Progressed) -> Progress:
    """Tell what is being installed, each step once."""
    last = ""

    def told(what: str, fraction: float | None) -> None:
        nonlocal last
        if what != last:
            progressed(f"{what} …", 0)
        last = what

    return told


def _check_writable(folder: Path) -> None:
    """A run of minutes should not end with results that have nowhere to go."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise WorkspaceError(
            f"The results can't be written to {folder}: {error.strerror}.",
            "Name another folder with --out.",
        ) from error


@contextlib.contextmanager
def _progress(total: int) -> Iterator[Progressed]:
    """A bar on stderr; where that is no terminal, only what is being installed."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Bar(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("starting Lean", total=total)

        def progressed(what: str, count: int) -> None:
            progress.update(task, description=what, advance=count)
            if progress.disable and count == 0:
                click.echo(what, err=True)

        yield progressed
