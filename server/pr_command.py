"""`unsorry pr`: a branch, a commit and a pull request for each newly proved lemma.

Only the conversation with the user. Which lemmas there are is `pull_request.lemmas`, what is said
of them `pull_request.words`, what git does `pull_request.branches`.
"""

import asyncio
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import click

from lean.errors import LeanError
from lean.source_header import read_header
from lean.workspace import Workspace
from search.engine import Engine
from search.ledger import Ledger
from search.ledger_copy import copy_ledger
from search.records import GoalRecord
from server.git import NOT_COMMITTED, GitError, Repository
from server.ledger_option import ledger_options, opened, path_of
from server.options import settings_for
from server.pull_request.branches import Branch, commit_lemma
from server.pull_request.github import has_gh, how_to, open_pull_request
from server.pull_request.lemmas import Lemma, lemmas_of
from server.pull_request.words import pull_request_text, template_in, title
from server.sources import label, may_have_holes, text_of

EXIT_ERROR = 2
_REMEDY = "Commit it first, or stash what has changed."
_PROJECT_FILES = ("lakefile.lean", "lakefile.toml", "lake-manifest.json", "lean-toolchain")


@click.command()
@click.option("--goal", metavar="KEY", help="Only the lemma with this goal (unsorry why).")
@click.option("--all", "every", is_flag=True, help="Every newly proved lemma (the default).")
@click.option("--push", is_flag=True, help="Push the branches, and open pull requests with gh.")
@click.option("--draft", is_flag=True, help="As drafts.")
@click.option("--remote", default="origin", show_default=True, metavar="NAME", help="Where to.")
@ledger_options
def pr(
    goal: str | None,
    every: bool,
    push: bool,
    draft: bool,
    remote: str,
    folder: Path,
    ledger: Path | None,
) -> int:
    """Make a branch with one commit for each newly proved lemma.

    That is a declaration whose sorrys are still in the file and whose proofs are in the ledger.
    Lean checks them again. The commit is made in a work tree of its own: your files, index and
    branch stay as they are. A file with uncommitted changes is refused.
    """
    if goal and every:
        raise click.UsageError("--goal and --all exclude each other.")
    request = _Request(Workspace.find(folder), path_of(folder, ledger), goal, push, draft, remote)
    return asyncio.run(_propose(request))


@dataclass(frozen=True, slots=True)
class _Request:
    workspace: Workspace
    ledger: Path
    goal: str | None
    push: bool
    draft: bool
    remote: str


@dataclass(slots=True)
class _Outcome:
    """What there is to propose, and how often something was refused."""

    lemmas: list[Lemma]
    refused: int = 0

    def refuse(self, reason: str) -> None:
        self.refused += 1
        click.echo(f"unsorry: {' '.join(reason.split())}", err=True)


async def _propose(request: _Request) -> int:
    repository = await Repository.around(request.workspace.root)
    base = await repository.commit()
    if not base:
        raise GitError(f"{repository.top} has no commit yet.", "Commit the files first.")
    if request.push and not await repository.remote_url(request.remote):
        raise GitError(f"There is no remote {request.remote}.", "Name another one: --remote NAME")
    with tempfile.TemporaryDirectory(prefix="unsorry-pr-") as place:
        copy = Path(place) / "ledger.db"
        await asyncio.to_thread(copy_ledger, request.ledger, copy)
        outcome = await _found(request, repository, copy)
    if not outcome.lemmas and not outcome.refused:
        click.echo("There is no newly proved lemma. Run `unsorry prove` or `unsorry bg` first.")
    if outcome.lemmas:
        await _branched(request, repository, base, outcome)
    return EXIT_ERROR if outcome.refused else 0


async def _found(request: _Request, repository: Repository, ledger: Path) -> _Outcome:
    """The lemmas, by what the ledger knows and Lean accepts."""
    root = request.workspace.root
    places = await asyncio.to_thread(_proved, ledger, request.goal)
    outcome = _Outcome([])
    readable: dict[str, set[str]] = {}
    for file, keys in places.items():
        if not may_have_holes(text_of(root / file) or ""):
            # What was proved there is written there, or gone.
            continue
        problem = await _problem(request.workspace, repository, root / file)
        if problem:
            outcome.refuse(problem)
        else:
            readable[file] = keys
    if not readable:
        return outcome
    settings = replace(
        settings_for(root, {"ledger": str(ledger)}),
        automatic=False,
        spare=False,
        sessions=1,
        tickets=False,
    )
    async with Engine.open(request.workspace, settings, command="pr") as engine:
        for file, keys in readable.items():
            found, waiting = await lemmas_of(engine, root / file, file, keys)
            outcome.lemmas += found
            for lemma in waiting:
                click.echo(f"{lemma.place}: {lemma.reason}.", err=True)
    return outcome


def _proved(ledger: Path, goal: str | None) -> dict[str, set[str]]:
    """The keys of proved goals by the files where they stand. Raises GitError for a wrong KEY."""
    with opened(ledger) as database:
        places: dict[str, set[str]] = {}
        for record in [_named(database, goal)] if goal else database.goals("proved"):
            for file, *_ in database.places(record.key):
                places.setdefault(file, set()).add(record.key)
    return dict(sorted(places.items()))


def _named(database: Ledger, key: str) -> GoalRecord:
    record = database.goal(key)
    if record is None:
        raise GitError(f"The ledger knows no goal {key}.", "`unsorry why FILE:LINE` shows keys.")
    if record.status != "proved":
        raise GitError(f"The goal {key} is {record.status}, not proved.")
    return record


async def _problem(workspace: Workspace, repository: Repository, file: Path) -> str:
    """Why nothing can be proposed for a file: it, or what its proofs rest on, is not committed."""
    name = label(workspace.root, file)
    difference = await repository.uncommitted(file)
    if difference:
        return f"{name} {difference}. {_REMEDY}"
    for other in await asyncio.to_thread(_rests_on, workspace, file):
        difference = await repository.uncommitted(other)
        if other.name in _PROJECT_FILES and difference == NOT_COMMITTED:
            # Some keep the manifest to themselves.
            continue
        if difference:
            said = label(workspace.root, other)
            return f"{name} rests on {said}, which {difference}. {_REMEDY}"
    return ""


def _rests_on(workspace: Workspace, file: Path) -> list[Path]:
    """The files of the project that a file imports, and those that say how it is built."""
    found: dict[Path, None] = {}

    def visit(path: Path) -> None:
        for module in read_header(path.read_text("utf-8", errors="replace")).imports:
            imported = workspace.module_file(module)
            if imported is not None and imported not in found:
                found[imported] = None
                visit(imported)

    visit(file)
    build = (workspace.root / name for name in _PROJECT_FILES)
    return [*found, *(path for path in build if path.is_file())]


async def _branched(
    request: _Request, repository: Repository, base: str, outcome: _Outcome
) -> None:
    """Make the branches, then push and propose them, or say how."""
    branches: list[tuple[Lemma, Branch]] = []
    async with repository.work_tree(base) as tree:
        for lemma in outcome.lemmas:
            name = repository.name_of(request.workspace.root / lemma.file)
            try:
                branch = await commit_lemma(repository, tree, base, name, lemma)
            except LeanError as error:
                outcome.refuse(f"{lemma.name}: {error}")
                continue
            branches.append((lemma, branch))
            click.echo(f"{branch.name}  {branch.commit[:10]}  {branch.state}")
    target = await repository.branch()
    url = await repository.remote_url(request.remote)
    for lemma, branch in branches:
        if request.push:
            try:
                await _pushed(request, repository, target, lemma, branch.name)
            except LeanError as error:
                outcome.refuse(f"{lemma.name}: {error}")
                continue
        if not request.push or not has_gh():
            ways = how_to(branch.name, target, request.remote, url, request.push, request.draft)
            click.echo("\n".join(f"  {way}" for way in ways))


async def _pushed(
    request: _Request, repository: Repository, target: str, lemma: Lemma, branch: str
) -> None:
    name = f"refs/heads/{branch}"
    await repository.git("push", "--quiet", request.remote, f"{name}:{name}")
    click.echo(f"{branch}  pushed to {request.remote}")
    if has_gh():
        text = pull_request_text(lemma, template_in(repository.top))
        address = await open_pull_request(
            repository, branch, target, title(lemma), text, request.draft
        )
        click.echo(f"{branch}  {address}")
