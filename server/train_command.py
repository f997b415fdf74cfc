"""`unsorry train`: make a small model out of the workspace's proofs, and use it if it proves more.

Only the conversation with the user; what is done is `search.training.course`.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lean.errors import WorkspaceError
from lean.workspace import Workspace
from search.memory import ledger_path
from server.ledger_option import ledger_options
from server.options import settings_for
from server.sources import label, lean_files, text_of

if TYPE_CHECKING:
    from search.training.course import Report, Request
    from search.training.plan import Progress

EXIT_INTERRUPTED = 130


@click.command()
@click.option(
    "--minutes",
    type=click.FloatRange(min=0.05),
    default=5.0,
    show_default=True,
    metavar="M",
    help="How long to train.",
)
@click.option(
    "--curriculum",
    type=click.FloatRange(min=0.0),
    default=120.0,
    show_default=True,
    metavar="S",
    help="Seconds to prove holes and variations of statements, to have more to learn from.",
)
@click.option("--seed", type=int, default=0, show_default=True, metavar="N", help="Of all chance.")
@click.option(
    "--from",
    "sources",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    metavar="PATH",
    help="Lean files and folders to learn from (default: the workspace); may be repeated.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where the model goes (default: .unsorry/models/tacgen in the workspace).",
)
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Lean sessions at a time.")
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="Threads for training; more than one only helps while nothing else runs.",
)
@ledger_options
def train(
    minutes: float,
    curriculum: float,
    seed: int,
    sources: Sequence[Path],
    output: Path | None,
    jobs: int | None,
    threads: int,
    folder: Path,
    ledger: Path | None,
) -> int:
    """Make a small model that proposes tactics, out of the proofs of the workspace.

    It learns from the files, from the ledger, and from variations of statements that are proved for
    practice. Goals that it has not seen decide: it takes the place of the model in use only if it
    proves more of them. Ctrl-C ends the training and keeps the best model so far beside it.
    """
    from search.training.errors import require_packages

    require_packages()
    from search.generation.model_folder import refuse_other
    from search.generation.model_store import ModelStore
    from search.training.course import Request
    from search.training.gate import previous
    from search.training.plan import Plan

    workspace = Workspace.find(folder)
    flags = {"ledger": str(ledger)} if ledger is not None else {}
    settings = replace(settings_for(workspace.root, flags), sessions=jobs)
    known = ledger_path(workspace, settings)
    trained = ModelStore(workspace.root).trained
    assert trained is not None
    if output is not None:
        refuse_other(output)
        refuse_other(previous(output.absolute()))
    request = Request(
        workspace=workspace,
        settings=settings,
        files=_files(workspace, sources or [workspace.root]),
        ledger=known if known.is_file() else None,
        output=(output or trained).absolute(),
        plan=Plan(seconds=60 * minutes, seed=seed, threads=threads),
        curriculum=curriculum,
    )
    return _run(request)


def _files(workspace: Workspace, sources: Sequence[Path]) -> dict[str, str]:
    """The Lean files of these folders. Raises WorkspaceError when there are none."""
    texts = {label(workspace.root, file): text_of(file) for file in lean_files(sources)}
    files = {name: text for name, text in texts.items() if text is not None}
    if not files:
        raise WorkspaceError(
            f"There are no Lean files in {', '.join(map(str, sources))}.", "Name some with --from."
        )
    return files


def _run(request: "Request") -> int:
    from search.training.course import Course
    from search.training.plan import CONVERTED

    started = time.monotonic()
    course = Course(request, _say, _show, _install)
    try:
        report = asyncio.run(course.run())
    except KeyboardInterrupt:
        best = request.scratch / CONVERTED
        kept = f" The best model so far is in {best}." if best.is_dir() else ""
        click.echo(f"Interrupted.{kept}", err=True)
        return EXIT_INTERRUPTED
    click.echo(as_text(request, report, time.monotonic() - started))
    return 0


def as_text(request: "Request", report: "Report", seconds: float) -> str:
    """The report for people; `seconds` is what all of it took."""
    trained, progress = report.trained, report.trained.progress
    lines = ["pairs"]
    for side, counts in report.counts.items():
        parts = ", ".join(f"{number} {source}" for source, number in sorted(counts.items()))
        lines.append(f"  {side:<12}{sum(counts.values()):>6}  {parts}".rstrip())
    lines += [
        f"model         {trained.parameters:,} parameters, {report.bytes / 1e6:.1f} MB",
        f"training      {request.plan.seconds / 60:.1f} min; the best model after "
        f"{progress.seconds / 60:.1f} min, {progress.step} steps, {progress.examples} pairs",
        f"loss          {progress.loss:.3f} train, {progress.validation_loss:.3f} validation, "
        f"{trained.held_out_loss:.3f} held out (nats a byte)",
        f"exact match   {report.exact_1:.1%} first, {report.exact_8:.1%} among eight (held out)",
        f"held-out goals proved, {request.trial_seconds:.0f} s each",
    ]
    for trial in report.trials:
        lines.append(
            f"  {_CALLED[trial.name]:<20}{len(trial.solved):>4} of {trial.goals}"
            f"{trial.seconds:>9.1f} s"
        )
    verdict = "accepted" if report.decision.accepted else "refused"
    lines += [
        f"{verdict:<14}{report.decision.reason}",
        f"{'in' if report.decision.accepted else 'left in':<14}{report.folder}",
        f"all of it     {seconds / 60:.1f} min",
    ]
    lines += [f"not used      {' '.join(problem.split())}" for problem in report.problems]
    return "\n".join(lines)


_CALLED = {"nothing": "without a model", "active": "the active model", "new": "the new model"}


def _say(what: str) -> None:
    click.echo(what, err=True)


def _show(progress: "Progress") -> None:
    click.echo(
        f"{progress.seconds:6.0f} s  step {progress.step:<6} loss {progress.loss:.3f}  "
        f"validation {progress.validation_loss:.3f}  exact {progress.exact_match:.1%}",
        err=True,
    )


def _install(what: str, fraction: float | None) -> None:
    if fraction is None:
        click.echo(f"{what} …", err=True)
