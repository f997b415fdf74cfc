"""`unsorry dojo`: LeanDojo where it serves, on committed native Lake projects.

Only the conversation with the user; what is done is `search.dojo`. Exit code 3: something that
LeanDojo needs is missing, with one line that says what.
"""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lean.errors import ToolchainError, WorkspaceError
from lean.workspace import Workspace
from server.ledger_option import opened, path_of
from server.sources import label, text_of

if TYPE_CHECKING:
    from search.dojo.tracing import Proof
    from search.ledger import Ledger

EXIT_NOT_CONFIRMED = 1
EXIT_UNUSABLE = 3

Outcome = TypeVar("Outcome")

_workspace = click.option(
    "--workspace",
    "folder",
    type=click.Path(path_type=Path, exists=True),
    default=Path(),
    metavar="PATH",
    help="A place in the workspace (default: here).",
)


@click.group()
def dojo() -> None:
    """Use LeanDojo on a committed native Lake project.

    It is slow, needs git, a native Lean 4.18 to 4.26 and an environment of its own, and serves two
    things: steps of proofs to learn from, and second opinions on proofs. Nothing else needs it.
    """


@dojo.command()
@_workspace
def doctor(folder: Path) -> int:
    """Say what LeanDojo needs here, and what to do about what is missing."""
    from search.dojo.requirements import requirements

    found = asyncio.run(requirements(Workspace.find(folder)))
    width = max(len(one.name) for one in found)
    for one in found:
        line = f"{'ok' if one.met else 'missing':<9}{one.name:<{width}}  {one.found}"
        click.echo(line if one.met else f"{line}. {one.remedy}".rstrip())
    return 0 if all(one.met for one in found) else EXIT_UNUSABLE


@dojo.command()
@_workspace
def setup(folder: Path) -> int:
    """Install LeanDojo in an environment of its own, below .unsorry (needs the network)."""
    from search.dojo.environment import PACKAGE, set_up

    def done(where: Path) -> int:
        click.echo(f"{PACKAGE} is installed in {where}.")
        return 0

    return _run(lambda: set_up(Workspace.find(folder).root, _say), done)


@dojo.command()
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    default=2,
    show_default=True,
    metavar="N",
    help="Files that Lean works on at a time.",
)
@click.option("--again", is_flag=True, help="Even if this commit has been traced.")
@_workspace
def trace(threads: int, again: bool, folder: Path) -> int:
    """Extract the steps of all proofs of the commit that is checked out.

    They become neighbours for goals of this workspace, and something to train on.
    """
    from search.dojo.tracing import Traced
    from search.dojo.tracing import trace as trace_commit

    def done(traced: Traced) -> int:
        rows = traced.rows
        passed = f", {rows.broken} broken lines passed over" if rows.broken else ""
        took = f" in {traced.seconds / 60:.1f} min" if traced.seconds else " (traced before)"
        click.echo(
            f"{rows.count} steps of {len(rows.steps)} files at commit {traced.commit[:12]}"
            f"{took}{passed}: {traced.file}"
        )
        return 0

    return _run(lambda: trace_commit(Workspace.find(folder), _say, threads, again), done)


@dojo.command()
@click.argument("place", metavar="FILE:LINE")
@click.option(
    "--ledger",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The database (default: .unsorry/ledger.db in the workspace).",
)
def check(place: str, ledger: Path | None) -> int:
    """Have LeanDojo look at the ledger's proof of the hole at FILE:LINE.

    A second opinion: exit code 0 when it takes the proof, 1 when not. Whether a proof is one has
    been decided by Lean before it came into the ledger, by stricter rules than LeanDojo's.
    """
    from search.dojo.tracing import check as check_proof

    name, _, number = place.rpartition(":")
    if not name or not number.isdigit():
        raise click.UsageError(f"{place} is not of the form FILE:LINE.")
    file = Path(name)
    workspace = Workspace.find(file)
    with opened(path_of(file, ledger)) as known:
        proof = proof_at(known, workspace, file, int(number))

    def done(accepted: bool) -> int:
        said = "takes the proof of" if accepted else "does not take the proof of"
        click.echo(f"LeanDojo {said} {proof.theorem} at {place}: {' '.join(proof.script.split())}")
        return 0 if accepted else EXIT_NOT_CONFIRMED

    return _run(lambda: check_proof(workspace, proof, _say), done)


def proof_at(ledger: "Ledger", workspace: Workspace, file: Path, line: int) -> "Proof":
    """The first proof that the ledger has for a hole on a line, with that hole's own names.

    Raises WorkspaceError when there is none, or the hole is not there any more.
    """
    from lean.renaming import rename
    from search.dojo.tracing import Proof

    name = label(workspace.root, file)
    lines = (text_of(file) or "").split("\n")
    said = f"The ledger has no proof for a hole at {name}:{line}."
    for goal in ledger.goals(file=name):
        for where, declaration, at, column in ledger.places(goal.key):
            if (where, at) != (name, line):
                continue
            text = lines[line - 1] if line <= len(lines) else ""
            if not text.startswith(("sorry", "admit"), column - 1):
                said = f"There is no sorry at {name}:{line}:{column} any more."
                continue
            for proof, _ in ledger.every_proof():
                if proof.goal != goal.key:
                    continue
                if proof.helper:
                    said = f"The proof at {name}:{line} needs a lemma of its own: not for LeanDojo."
                    continue
                script = rename(proof.script, proof.hypotheses, goal.hypotheses)
                return Proof(name, declaration, line, column, script)
    raise WorkspaceError(said, "Run `unsorry prove` on the file first.")


def _run(work: Callable[[], Coroutine[Any, Any, Outcome]], done: Callable[[Outcome], int]) -> int:
    """Do it and tell of it; when something it needs is missing, say so."""
    from search.dojo.errors import DojoUnusable

    try:
        return done(asyncio.run(work()))
    except (DojoUnusable, ToolchainError) as error:
        click.echo(f"unsorry: {' '.join(str(error).split())}", err=True)
        return EXIT_UNUSABLE


def _say(what: str) -> None:
    click.echo(f"{what} …", err=True)
