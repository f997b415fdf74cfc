"""`unsorry check [PATH]…`: the conversation of a check with its user, and its exit code.

What is found is `examine`'s, when that is too much is `policy`'s, how it is written the formats'.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import click

from lean.errors import LeanError
from lean.workspace import Workspace
from search.engine import Engine
from search.settings import Settings
from server.check.as_github import as_github
from server.check.as_json import as_json
from server.check.as_junit import as_junit
from server.check.as_sarif import as_sarif
from server.check.as_text import as_text
from server.check.changed import RevisionError
from server.check.examine import Examination
from server.check.findings import CheckedFile, Report, in_order
from server.check.policy import FAIL_ON, Baseline, BaselineError, FailOn, Policy
from server.check.selection import SelectionError, selected, shown
from server.configuration_layers import ConfigurationError
from server.options import Flags, search_options, settings_for
from server.prove_command import Bar, caveat

EXIT_VIOLATED = 1
EXIT_UNUSABLE = 3
FORMATS: Mapping[str, Callable[[Report, Policy], str]] = {
    "text": as_text,
    "json": as_json,
    "sarif": as_sarif,
    "github": as_github,
    "junit": as_junit,
}
ASKS_OTHERS = frozenset({"sketch"})
"""Strategies that no two runs are alike with, and that cost money."""


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True), metavar="[PATH]…")
@click.option(
    "--changed-since",
    metavar="REV",
    help="Only files that differ from this git revision, as the branch left it, or are new.",
)
@click.option(
    "--budget",
    type=click.FloatRange(min=0),
    metavar="S",
    help="Seconds of search for all holes of a workspace; 0: only what the ledger knows.",
)
@click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    help="What exit code 1 is for (default: provable; with --baseline: new).",
)
@click.option(
    "--baseline",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="JSON report of an earlier check: what it has is not new.",
)
@click.option("--fix", is_flag=True, help="Put the proofs into the files.")
@click.option(
    "--format", "form", type=click.Choice(list(FORMATS)), default="text", help="Default: text."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the report there; stdout gets the text.",
)
@click.option("--seed", type=click.IntRange(min=0), metavar="N", help="Of all chance (default: 0).")
@search_options
def check(
    paths: Sequence[Path],
    changed_since: str | None,
    budget: float | None,
    fail_on: FailOn | None,
    baseline: Path | None,
    fix: bool,
    form: str,
    out: Path | None,
    seed: int | None,
    flags: Flags,
) -> int:
    """Say of every sorry whether it can be proved, for continuous integration.

    PATH is a folder or a Lean file (default: here). Every file is elaborated. What the ledger knows
    is checked by Lean again; the other holes are searched, one at a time. The same files, ledger
    and seed give the same report on every machine, because a second is an amount of Lean's work
    here. That holds for one Lean session; --jobs with more is faster.

    \b
    --fail-on new       a hole or a broken file that the baseline has not got
              provable  a hole that could be proved, or a broken file
              any       any hole, or a broken file
              none      nothing

    Exit code 0: all is well; 1: --fail-on was met; 2: a mistake in the command or the settings;
    3: Lean or the workspace can't be used.
    """
    chosen: Policy = Policy(fail_on or ("new" if baseline else "provable"))
    known = _baseline(baseline)
    given = {"sessions": 1, **flags, **({} if seed is None else {"seed": seed})}
    try:
        files = _selected(paths, changed_since)
        report = asyncio.run(_examine(files, given, budget, fix))
    except ConfigurationError:
        raise
    except LeanError as error:
        click.echo(f"unsorry: {' '.join(str(error).split())}", err=True)
        return EXIT_UNUSABLE
    report = known.compare(report) if baseline else report
    _tell(report, chosen, form, out)
    return EXIT_VIOLATED if chosen.violations(report) else 0


def _baseline(path: Path | None) -> Baseline:
    try:
        return Baseline.read(path) if path else Baseline()
    except BaselineError as error:
        raise click.UsageError(str(error)) from error


def _selected(paths: Sequence[Path], revision: str | None) -> dict[Path, Path]:
    try:
        return selected(paths or (Path(),), revision)
    except (SelectionError, RevisionError) as error:
        raise click.UsageError(str(error)) from error


async def _examine(
    roots: Mapping[Path, Path], flags: Flags, budget: float | None, fix: bool
) -> Report:
    """All files, those of one workspace together; `roots` by file. Raises LeanError."""
    settings = {
        root: _settings(settings_for(root, flags), budget) for root in sorted(set(roots.values()))
    }
    checked: list[CheckedFile] = []
    leans: list[str] = []
    caveats: list[str] = []
    with Bar() as bar:
        for root, wanted in settings.items():
            async with Engine.open(
                Workspace.at(root), wanted, progress=bar.install, command="check"
            ) as engine:
                names = {path: shown(path) for path in roots if roots[path] == root}
                checked += await Examination(engine, names, bar.say).run(fix)
                leans.append(engine.toolchain.description)
                caveats.append(caveat(engine.toolchain))
    return Report(in_order(checked), _each_once(leans), _each_once(caveats))


def _settings(wanted: Settings, budget: float | None) -> Settings:
    """The user's settings, made such that every run gives the same."""
    return replace(
        wanted,
        run_seconds=wanted.run_seconds if budget is None else budget,
        automatic=False,
        spare=False,
        # A request for help that nobody waits for.
        tickets=False,
        repeatable=True,
        frozen=wanted.frozen | ASKS_OTHERS,
    )


def _each_once(texts: Sequence[str]) -> str:
    return "; ".join(text for text in dict.fromkeys(texts) if text)


def _tell(report: Report, policy: Policy, form: str, out: Path | None) -> None:
    if report.caveat:
        click.echo(report.caveat, err=True)
    said = FORMATS[form](report, policy)
    if out is None:
        click.echo(said)
        return
    out.write_text(said + "\n", "utf-8", newline="")
    click.echo(as_text(report, policy))
