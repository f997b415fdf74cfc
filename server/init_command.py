"""`unsorry init`: the files by which a repository uses Unsorry. Asks first, overwrites nothing."""

import importlib.metadata
import json
import re
import sys
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import click

from lean.errors import WorkspaceError
from lean.workspace import Workspace

_SOURCE = re.compile(r"(?P<name>[\w.-]+/[\w.-]+?)(?:@(?P<revision>[\w./-]+))?")
_GITHUB = re.compile(r"github\.com[:/](?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?/?\Z")
_PRE_COMMIT = ".pre-commit-config.yaml"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A file to be written: its name, what it is for, and its text; `missing` says what has to be
    known before it can be.
    """

    path: Path
    purpose: str
    text: str
    missing: str = ""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True), default=Path())
@click.option("--yes", is_flag=True, help="Write what is missing without asking.")
@click.option(
    "--source",
    metavar="OWNER/NAME[@REV]",
    help="The GitHub repository that CI and pre-commit get Unsorry from.",
)
def init(folder: Path, yes: bool, source: str | None) -> None:
    """Set up the repository around FOLDER: settings, a CI workflow, a pre-commit hook, and the
    template of pull requests.

    Every file is asked for; one that is there already is never changed.
    """
    if source is not None and not _SOURCE.fullmatch(source):
        raise click.UsageError(f"--source {source}: write OWNER/NAME or OWNER/NAME@REVISION.")
    root = Workspace.find(folder).root
    for wanted in _files(root, _top(root), source or _installed_from()):
        _offer(wanted, root, yes)


def _files(root: Path, top: Path, source: str) -> list[_Wanted]:
    found = _SOURCE.fullmatch(source)
    name = found["name"] if found else ""
    revision = (found and found["revision"]) or f"v{importlib.metadata.version('unsorry')}"

    def text(template: str) -> str:
        said = (files("server") / "templates" / template).read_text("utf-8")
        return said.replace("OWNER/NAME", name).replace("REVISION", revision)

    hook = "pre-commit-config.yaml" if name else "pre-commit-local.yaml"
    unknown = "" if name else "say where CI gets Unsorry from: --source OWNER/NAME"
    return [
        _Wanted(root / "unsorry.toml", "settings of the search", text("unsorry.toml")),
        _Wanted(
            top / ".github" / "PULL_REQUEST_TEMPLATE.md",
            "what a pull request says",
            text("PULL_REQUEST_TEMPLATE.md"),
        ),
        _Wanted(
            top / ".github" / "workflows" / "unsorry.yml",
            "unsorry check in CI",
            text("workflow.yml"),
            unknown,
        ),
        _Wanted(top / _PRE_COMMIT, "unsorry check before a commit", text(hook)),
    ]


def _offer(wanted: _Wanted, root: Path, yes: bool) -> None:
    name = _shown(wanted.path, root)
    if wanted.path.is_symlink() or wanted.path.exists():
        click.echo(f"{name} is there already; it stays as it is.")
        if wanted.path.name == _PRE_COMMIT and "unsorry" not in _said(wanted.path):
            _, _, entry = wanted.text.partition("\n")
            click.echo(f"To have {wanted.purpose}, add below its `repos:`\n{entry.rstrip()}")
    elif wanted.missing:
        click.echo(f"{name} is not written: {wanted.missing}")
    elif yes or _agreed(f"Write {name} ({wanted.purpose})?"):
        _write(wanted.path, wanted.text)
        click.echo(f"{name} is written.")
    else:
        click.echo(f"{name} is not written.")


def _agreed(question: str) -> bool:
    try:
        return click.confirm(question, default=True)
    except click.Abort:
        if sys.stdin.isatty():
            raise
        raise click.UsageError("There is nobody to ask; --yes writes what is missing.") from None


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Made only if it is still not there.
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except OSError as error:
        raise WorkspaceError(f"{path} can't be written: {error.strerror}.") from error


def _top(root: Path) -> Path:
    """The folder of the git repository around `root`, or `root` itself."""
    return next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)


def _said(path: Path) -> str:
    try:
        return path.read_text("utf-8", errors="replace")
    except OSError:
        return ""


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _installed_from() -> str:
    """The GitHub repository that this Unsorry was installed from, or the empty string."""
    said = importlib.metadata.distribution("unsorry").read_text("direct_url.json")
    origin = json.loads(said) if said else {}
    found = _GITHUB.search(str(origin.get("url", ""))) if "vcs_info" in origin else None
    return f"{found['name']}@{origin['vcs_info']['commit_id']}" if found else ""
