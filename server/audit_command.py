"""`unsorry audit`: a run as a folder that somebody else can check, and checking one.

Only the conversation with the user; what is packed and how it is checked is `search.audit`'s.
"""

import asyncio
import importlib.metadata
import platform
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from lean.toolchain import Toolchain
from lean.workspace import Workspace
from search.audit.errors import AuditError
from search.audit.pack import Content, read_pack, write_pack
from search.audit.proofs import entries
from search.audit.run import Run
from search.audit.verification import verify_pack
from search.settings import Settings
from server.git import GitError, Repository
from server.ledger_option import ledger_options, opened, path_of
from server.options import settings_for

PACKS = Path("packs")


class _PackOrVerify(click.Group):
    """`audit RUN_ID`, `audit --last` and `audit verify DIR`: what is no command is a run."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the group's own options; `audit X` is `audit pack X`."""
        if args and args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["pack", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_PackOrVerify)
def audit() -> None:
    """Pack a run, so that somebody else can check it: `unsorry audit RUN_ID` or `--last`.

    A pack has every event of the run, every proof with its sources, and hashes of it all. `unsorry
    audit verify DIR` checks the hashes, and every proof with a fresh Lean.
    """


@audit.command()
@click.argument("run", metavar="RUN_ID", default="")
@click.option("--last", is_flag=True, help="The last run.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The folder of the pack (default: packs/RUN_ID in the workspace).",
)
@ledger_options
def pack(run: str, last: bool, out: Path | None, folder: Path, ledger: Path | None) -> None:
    """Pack the run RUN_ID, or the last one."""
    if bool(run) == last:
        raise click.UsageError("Name a run, or say --last.")
    workspace = Workspace.find(folder)
    settings = settings_for(workspace.root)
    with opened(path_of(folder, ledger)) as database:
        found = Run.read(database, run)
    target = out or workspace.root / PACKS / found.record.run
    if target.is_dir() and any(target.iterdir()):
        raise AuditError(f"{target} is not empty.", "Choose another folder: --out DIR")
    records, sources, toolchain = asyncio.run(entries(workspace, settings, found.proofs))
    about = asyncio.run(_about(workspace, settings, found, toolchain))
    incidents = [asdict(incident) for incident in found.incidents]
    content = Content(about, found.journal(), records, incidents, found.metrics(), sources)
    sealed = write_pack(target, content)
    for entry in records:
        if entry.at == "nowhere":
            click.echo(f"{entry.name} can't be checked again: {entry.reason}", err=True)
    click.echo(
        f"{target}\n{len(content.journal)} events, {len(records)} proofs. "
        f"SHA-256 of its manifest: {sealed}"
    )


@audit.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--goal", default="", metavar="KEY", help="Only the proof of this goal.")
@click.option(
    "--toolchain", type=click.Choice(["auto", "native", "embedded"]), help="Which Lean to use."
)
def verify(folder: Path, goal: str, toolchain: str | None) -> int:
    """Check the pack in DIR: its hashes, and every proof with a fresh Lean.

    The pack's sources are elaborated, which runs what they say. Exit code 1 when anything differs.
    """
    found = read_pack(folder)
    settings = settings_for(Path(), {"toolchain": toolchain} if toolchain else {})
    findings = asyncio.run(verify_pack(found, settings, goal))
    for note in findings.notes:
        click.echo(f"note: {note}", err=True)
    for difference in findings.differences:
        click.echo(difference)
    confirmed = f"{findings.confirmed} of {len(found.proofs)} proofs confirmed by Lean"
    files = len(found.manifest["files"])
    if findings.differences:
        click.echo(f"{folder} differs: {confirmed}.")
        return 1
    click.echo(f"{folder} is as it was packed: {files} files, {confirmed}.")
    return 0


async def _about(
    workspace: Workspace, settings: Settings, run: Run, toolchain: Toolchain
) -> Mapping[str, Any]:
    """What the manifest says besides the hashes."""
    record = run.record
    return {
        "run": record.run,
        "command": record.command,
        "started_at": record.started_at,
        "ended_at": record.ended_at,
        "packed_at": time.time(),
        "unsorry": importlib.metadata.version("unsorry"),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "lean": {
            "description": toolchain.description,
            "version": toolchain.lean_version,
            "fingerprint": toolchain.fingerprint,
            "wanted": workspace.lean_toolchain,
        },
        "fingerprint": workspace.fingerprint(toolchain.fingerprint),
        "commit": await _commit(workspace),
        # The ledger does not keep a run's settings: these are the workspace's as it is packed.
        "configuration": _plain(settings),
    }


async def _commit(workspace: Workspace) -> str:
    """The commit that is checked out, or the empty string."""
    try:
        return await (await Repository.around(workspace.root)).commit()
    except GitError:
        # No repository, no git: a pack can do without.
        return ""


def _plain(settings: Settings) -> dict[str, Any]:
    """Settings as JSON has them, without the endpoint's address, which may have a password."""
    said = asdict(settings)
    said["chat"] = {**said["chat"], "base_url": settings.chat.host}
    return {name: _value(value) for name, value in said.items()}


def _value(value: object) -> object:
    if isinstance(value, dict):
        return {str(name): _value(entry) for name, entry in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(str(entry) for entry in value)
    if isinstance(value, list | tuple):
        return [_value(entry) for entry in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)
