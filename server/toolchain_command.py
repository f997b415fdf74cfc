"""`unsorry toolchain`: which Lean serves here, installing and removing the embedded one, running it
by hand.
"""

import asyncio
import json as json_module
import shutil
import subprocess
import sys
import types
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TaskProgressColumn, TextColumn
from rich.progress import Progress as RichProgress

from lean import embedded_install
from lean.embedded import LEAN_VERSION, EmbeddedToolchain, find_embedded
from lean.embedded_node import find_node
from lean.errors import LeanError
from lean.imports import prepare_imports
from lean.source_header import read_header
from lean.toolchain import Progress, find_toolchain
from lean.workspace import Workspace

_MIB = 1 << 20


@click.group()
def toolchain() -> None:
    """Show, install, remove or run the Lean that Unsorry uses."""


@toolchain.command()
@click.argument("path", type=click.Path(path_type=Path), default=Path())
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(path: Path, as_json: bool) -> int:
    """Say which Lean would serve the workspace of PATH (default: here), and where it lies."""
    facts = asyncio.run(_facts(path))
    if as_json:
        click.echo(json_module.dumps(facts, indent=2))
    else:
        width = max(len(name) for name in facts)
        for name, value in facts.items():
            click.echo(f"{name.replace('_', ' '):{width}}  {value}")
    return 0 if facts["lean"] else 1


@toolchain.command()
@click.option("--verify", is_flag=True, help="Only check every byte of what is installed.")
def install(verify: bool) -> None:
    """Install or repair the embedded Lean (a download of 116 MiB, 360 MiB on disk)."""
    if verify:
        embedded_install.check(thorough=True)
        click.echo("The embedded Lean is complete.")
        return
    with ProgressBar() as progress:
        here = embedded_install.install(progress)
        asyncio.run(find_embedded(progress=progress))
    click.echo(f"Lean {LEAN_VERSION} (embedded) is installed in {here.program.parent}.")


@toolchain.command()
def remove() -> None:
    """Remove the embedded Lean and its download."""
    freed = embedded_install.remove()
    click.echo(
        f"Removed; {freed // _MIB} MiB are free again." if freed else "There was nothing to remove."
    )


@toolchain.command("exec")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-o", "output", type=click.Path(path_type=Path), help="Write the compiled module (.olean) here."
)
@click.option("--json", "as_json", is_flag=True, help="Lean's messages as JSON, one a line.")
@click.option("--run", is_flag=True, help="Run the file's main (which must be `public`).")
def exec_(file: Path, output: Path | None, as_json: bool, run: bool) -> int:
    """Run the embedded Lean on FILE as a plain `lean`; its exit code is Lean's.

    Messages name the file as seen from its workspace's root.
    """
    if not file.is_file():
        raise click.UsageError(f"There is no file {file}.")
    if output is not None and not output.absolute().parent.is_dir():
        raise click.UsageError(f"There is no folder {output.parent} to write {output.name} to.")
    file, output = file.resolve(), output.resolve() if output else None
    workspace = Workspace.find(file)
    imports = read_header(file.read_text("utf-8", errors="replace")).imports
    with ProgressBar() as progress:
        lean = asyncio.run(_ready(imports, workspace, progress))
    if run:
        launch = lean.program_command(file, workspace)
    else:
        launch = lean.lean_command(file, workspace=workspace, output=output, json=as_json)
    return subprocess.run(
        launch.argv,
        cwd=launch.cwd,
        env=dict(launch.environment),
        # A plain lean reads no stdin; it must not take the input of a shell's loop away.
        stdin=None if run else subprocess.DEVNULL,
    ).returncode


async def _ready(
    imports: tuple[str, ...], workspace: Workspace, progress: Progress
) -> EmbeddedToolchain:
    """Return the embedded Lean, with those project modules compiled that are among `imports`."""
    lean = await find_embedded(with_driver=False, progress=progress)
    await prepare_imports(workspace, lean, imports, progress)
    return lean


async def _facts(path: Path) -> dict[str, str]:
    workspace = Workspace.find(path)
    here = embedded_install.installation()
    facts = {
        "workspace": str(workspace.root),
        "asks_for": workspace.lean_toolchain or "nothing in particular",
        "lean": "",
        "embedded": "not installed",
        "node": "",
        "elan": shutil.which("elan") or "not on the PATH",
        "lake": shutil.which("lake") or "not on the PATH",
    }
    if embedded_install.is_installed():
        facts["embedded"] = f"Lean {LEAN_VERSION} in {here.program.parent}"
    try:
        node = find_node()
        facts["node"] = f"{node.version} ({node.executable})"
    except LeanError as error:
        facts["node"] = str(error)
    try:
        facts["lean"] = (await find_toolchain(workspace, allow_install=False)).description
    except LeanError as error:
        facts["problem"] = str(error)
    return facts


class ProgressBar:
    """A progress callback that draws a bar on stderr from its first call on; silent when stderr is
    no terminal.
    """

    def __init__(self) -> None:
        self._bar = RichProgress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("", total=None)
        self._last = ""

    def __enter__(self) -> "ProgressBar":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: types.TracebackType | None,
    ) -> None:
        self._bar.stop()

    def __call__(self, what: str, fraction: float | None) -> None:
        """Show what is being done and how far it is."""
        if not self._bar.console.is_terminal:
            if what != self._last:
                print(f"{what} …", file=sys.stderr, flush=True)
        else:
            if not self._last:
                self._bar.start()
            self._bar.update(
                self._task,
                description=what,
                total=1.0 if fraction is not None else None,
                completed=fraction or 0,
            )
        self._last = what
