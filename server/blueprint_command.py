"""`unsorry blueprint`: how far a leanblueprint project is, and marks that tell the truth.

Only the conversation with the user; what counts as proved is `search.blueprint`'s to find out from
Lean, the words are `server.blueprint_report`'s.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from lean.workspace import Workspace
from search.blueprint.declarations import Declarations, read_declarations
from search.blueprint.graph import Dependencies
from search.blueprint.marks import changed_texts, changes
from search.blueprint.nodes import Blueprint
from search.blueprint.reading import SOURCES, read_blueprint
from search.blueprint.standing import Standing, standing_of
from search.ledger_file import OWN_FOLDER, make_folder
from server.blueprint_report import LAST, as_json, as_text, difference, summary
from server.options import settings_for
from server.prove_files import replace_unchanged
from server.sources import lean_files

EXIT_ERROR = 2


@click.group()
def blueprint() -> None:
    """Compare a blueprint with what Lean says of its declarations.

    A blueprint is that of a leanblueprint project: blueprint/src/**/*.tex.
    """


def _where(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `folder` (a place in the workspace), `source` and `toolchain`."""
    command = click.option(
        "--toolchain",
        type=click.Choice(["auto", "native", "embedded"]),
        help="Which Lean to use.",
    )(command)
    command = click.option(
        "--source",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        metavar="FOLDER",
        help="Where its TeX files are (default: blueprint/src in the workspace).",
    )(command)
    return click.option(
        "--workspace",
        "folder",
        type=click.Path(path_type=Path, exists=True),
        default=Path(),
        metavar="PATH",
        help="A place in the workspace (default: here).",
    )(command)


@blueprint.command()
@click.option("--json", "json_wanted", is_flag=True, help="Print one JSON object.")
@_where
def status(json_wanted: bool, folder: Path, source: Path | None, toolchain: str | None) -> int:
    """Show which nodes are stated and proved, and what most of the others wait for."""
    compared = _compared(folder, source, toolchain)
    wrong = changes(compared.blueprint, compared.standing)
    report = as_json if json_wanted else as_text
    click.echo(report(compared.root, compared.blueprint, compared.standing, wrong))
    return compared.complain()


@blueprint.command()
@click.option("--write", is_flag=True, help="Change the files.")
@click.option("--check", is_flag=True, help="Exit code 1 when a mark is wrong.")
@_where
def sync(write: bool, check: bool, folder: Path, source: Path | None, toolchain: str | None) -> int:
    r"""Make every \leanok tell the truth; without --write, show what would change.

    A statement has one when Lean knows its declarations, a proof when none of them has a sorry or
    rests on one.
    """
    compared = _compared(folder, source, toolchain)
    wrong = changes(compared.blueprint, compared.standing)
    texts = changed_texts(compared.blueprint, wrong)
    for path, text in texts.items():
        before = compared.blueprint.texts[path]
        click.echo(difference(compared.root, path, before, text), nl=False)
        if write and not replace_unchanged(path, before.encode(), text.encode()):
            click.echo(f"unsorry: {path} has changed meanwhile. Run it again.", err=True)
            return EXIT_ERROR
    click.echo(summary(wrong, write))
    return compared.complain() or int(check and bool(wrong) and not write)


@dataclass(frozen=True, slots=True)
class _Compared:
    """A blueprint, and what Lean says of it."""

    root: Path
    blueprint: Blueprint
    declarations: Declarations
    standing: Standing

    def complain(self) -> int:
        """Say what is odd in the blueprint, and which files were not read: then the exit code is
        that of a mistake.
        """
        for problem in self.blueprint.problems:
            click.echo(f"unsorry: {problem}", err=True)
        for circle in self.standing.circles:
            click.echo(f"unsorry: these nodes use each other: {', '.join(circle)}", err=True)
        for name, problem in self.declarations.unread.items():
            click.echo(f"unsorry: {name} was not read: {' '.join(problem.split())}", err=True)
        return EXIT_ERROR if self.declarations.unread else 0


def _compared(folder: Path, source: Path | None, toolchain: str | None) -> _Compared:
    """Read the blueprint of the workspace around `folder`, and ask Lean. Raises LeanError."""
    # Imported here: the progress bar, for commands that may run for minutes.
    from server.prove_command import Bar

    workspace = Workspace.find(folder)
    settings = settings_for(workspace.root, {"toolchain": toolchain} if toolchain else {})
    found = read_blueprint(source or workspace.root / SOURCES)
    # Before anything takes minutes.
    Dependencies(found)
    files = [path for path in lean_files([workspace.root]) if path.name != "lakefile.lean"]
    with Bar() as bar:
        declarations = asyncio.run(
            read_declarations(
                workspace,
                settings,
                files,
                found.declarations,
                progress=bar.install,
                reading=lambda name: bar.say(f"reading {name}"),
            )
        )
    standing = standing_of(found, declarations)
    _keep(workspace.root, as_json(workspace.root, found, standing, changes(found, standing)))
    return _Compared(workspace.root, found, declarations, standing)


def _keep(root: Path, said: str) -> None:
    # Where it can't be written, what was asked for is shown all the same.
    with contextlib.suppress(OSError):
        make_folder(root / OWN_FOLDER)
        (root / LAST).write_text(said, "utf-8")
