"""The native Lean as a toolchain: elan, lake and lean on the PATH.

It is used as it is: nothing is downloaded, updated or built here. What is missing becomes an error
that names the command to run. The embedded Lean is `embedded.py`.
"""

import asyncio
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from os.path import isfile
from pathlib import Path
from typing import Literal, overload

from lean.driver_source import assemble_driver, write_driver
from lean.errors import ToolchainError
from lean.imports import modules_folder
from lean.toolchain import Launch, option_arguments
from lean.workspace import Workspace

OLDEST_LEAN = (4, 9)
_QUESTION_SECONDS = 60.0
_VERSION = re.compile(r"version (\d+)\.(\d+)\.(\d+)(-[\w.]+)?")
_DEFAULT = re.compile(r"\((?:default|resolved from default)")
_REVISION = re.compile(r"commit ([0-9a-f]{7,40})")


@dataclass(frozen=True, slots=True)
class NativeToolchain:
    """A Lean on this machine, as one workspace uses it (see `Toolchain`)."""

    executable: Path
    lean_version: str
    revision: str
    environment: Mapping[str, str] = field(repr=False)
    search_path: tuple[Path, ...]
    stands_in_for: str = ""

    @property
    def name(self) -> Literal["native"]:
        """Which kind it is."""
        return "native"

    @property
    def description(self) -> str:
        """One line for people."""
        wanted = f", standing in for {self.stands_in_for}" if self.stands_in_for else ""
        return f"Lean {self.lean_version} ({self.executable}{wanted})"

    @property
    def fingerprint(self) -> str:
        """Differs whenever this Lean may give other answers than another."""
        return f"native {self.lean_version} {self.revision}"

    def compiled_module(self, module: str) -> Path | None:
        """The file of a module on the search path; None without one."""
        name = Path(*module.split(".")).with_suffix(".olean")
        # `Path.is_file` would raise for a name that is longer than a file's may be.
        files = (folder / name for folder in self.search_path)
        return next((file for file in files if isfile(file)), None)  # noqa: PTH113

    def driver_command(self, workspace: Workspace, search_path: Sequence[Path] = ()) -> Launch:
        """How to start the driver. Raises ToolchainError when it can't be written to the cache."""
        driver = write_driver(assemble_driver("native", self.lean_version))
        return self._launch(["--run", str(driver)], workspace, search_path, driver)

    def lean_command(
        self,
        file: Path,
        *,
        workspace: Workspace,
        output: Path | None = None,
        json: bool = False,
        root: Path | None = None,
        search_path: Sequence[Path] = (),
    ) -> Launch:
        """How to run plain `lean` on a file."""
        arguments = ["--json"] if json else []
        arguments += option_arguments(workspace.lean_options)
        arguments += [f"--root={root}"] if root else []
        arguments += ["-o", str(output)] if output else []
        inside = file.is_relative_to(workspace.root)
        shown = file.relative_to(workspace.root) if inside else file
        return self._launch([*arguments, str(shown)], workspace, search_path, Path())

    async def check(self) -> None:
        """Ask Lean for its version. Raises ToolchainError when it does not answer."""
        await _ask(self.executable, "--version", cwd=Path.cwd())

    def _launch(
        self, arguments: Sequence[str], workspace: Workspace, more: Sequence[Path], driver: Path
    ) -> Launch:
        compiled = modules_folder(workspace, self.fingerprint)
        folders = [*self.search_path, *more, compiled]
        path = os.pathsep.join(str(folder) for folder in folders)
        return Launch(
            argv=(str(self.executable), *arguments),
            cwd=workspace.root,
            environment={**self.environment, "LEAN_PATH": path},
            driver=driver,
            # The driver imports all of a module's private part, as files without `module` do.
            serves_modules=False,
            options=workspace.lean_options,
        )


@overload
async def find_native(
    workspace: Workspace, *, required: Literal[True] = True
) -> NativeToolchain: ...
@overload
async def find_native(workspace: Workspace, *, required: bool) -> NativeToolchain | None: ...
async def find_native(workspace: Workspace, *, required: bool = True) -> NativeToolchain | None:
    """Return the native Lean for `workspace`; when there is none, None or (`required`)
    ToolchainError.

    Raises ToolchainError also for one that is there but can't serve: too old, dependencies missing.
    """
    try:
        executable = await _executable(workspace)
    except ToolchainError:
        if required:
            raise
        return None
    words = await _ask(executable, "--version", cwd=workspace.root)
    version = _VERSION.search(words)
    if version is None:
        raise ToolchainError(
            f"{executable} does not say which Lean it is: {words[:200]!r}.",
            "Reinstall Lean with elan.",
        )
    if (int(version[1]), int(version[2])) < OLDEST_LEAN:
        raise ToolchainError(
            f"{workspace.root} uses Lean {version[1]}.{version[2]}.{version[3]}; "
            "Unsorry needs 4.9 or newer.",
            "Set a newer version in its lean-toolchain file.",
        )
    revision = _REVISION.search(words)
    environment = await _environment(workspace)
    folders = [Path(part) for part in environment.get("LEAN_PATH", "").split(os.pathsep) if part]
    return NativeToolchain(
        executable=executable,
        lean_version=f"{version[1]}.{version[2]}.{version[3]}{version[4] or ''}",
        revision=revision[1] if revision else "",
        environment=environment,
        search_path=tuple(workspace.root / folder for folder in folders),
    )


async def _executable(workspace: Workspace) -> Path:
    """Return the `lean` to run: the one that elan has installed for this workspace, or the one on
    the PATH.
    """
    elan, lean = shutil.which("elan"), shutil.which("lean")
    if elan is not None:
        await _require_installed(Path(elan), workspace)
        return Path((await _ask(Path(elan), "which", "lean", cwd=workspace.root)).strip())
    if lean is not None:
        return Path(lean)
    raise ToolchainError(
        "There is no native Lean: neither elan nor lean is on the PATH.",
        "Install elan (https://lean-lang.org), or use the embedded Lean.",
    )


async def _require_installed(elan: Path, workspace: Workspace) -> None:
    """Refuse a toolchain that elan would have to download: that is the user's decision."""
    listed = await _ask(elan, "toolchain", "list", cwd=workspace.root)
    lines = [line for line in listed.splitlines() if line.strip()]
    names = [line.split()[0] for line in lines if line != "no installed toolchains"]
    wanted = workspace.lean_toolchain
    if not wanted:
        if not _DEFAULT.search(listed) and await _active(elan, workspace) not in names:
            raise ToolchainError(
                "elan has no default toolchain.", "Run `elan default leanprover/lean4:stable`."
            )
        return
    if any(name == wanted or name.endswith(f":{wanted}") for name in names):
        return
    # elan lists what a channel such as `stable` stands for, and not the channel.
    channel = re.compile(rf"resolved from [^)]*'(?:[^')]*:)?{re.escape(wanted)}'")
    is_channel = not re.search(r"\d", wanted.rpartition(":")[2])
    if is_channel and (channel.search(listed) or await _active(elan, workspace) in names):
        return
    raise ToolchainError(
        f"{workspace.root} asks for {wanted}, which is not installed.",
        f"Run `elan toolchain install {wanted}`.",
    )


async def _active(elan: Path, workspace: Workspace) -> str:
    """The toolchain that elan would use here, resolved; empty when it names none."""
    try:
        shown = await _ask(elan, "show", cwd=workspace.root)
    except ToolchainError:
        return ""
    # Where but one is installed, elan prints its line and no headings.
    lines = shown.partition("active toolchain")[2] or shown
    words = [line.split() for line in lines.splitlines() if line.strip("- \t")]
    return words[0][0] if words else ""


async def _environment(workspace: Workspace) -> Mapping[str, str]:
    """Return the environment that Lean runs in: Lake's for a Lake project, otherwise ours."""
    lake = shutil.which("lake")
    if workspace.lakefile is None or lake is None:
        return dict(os.environ)
    for name in workspace.revisions:
        # `lake env` would fetch them.
        if not _is_fetched(workspace, name):
            raise ToolchainError(
                f"The dependency {name} of {workspace.root} has not been fetched.",
                f"Run `lake build` in {workspace.root}.",
            )
    printed = await _ask(Path(lake), "env", "printenv", cwd=workspace.root)
    pairs = (line.partition("=") for line in printed.splitlines() if re.match(r"\w+=", line))
    return {**os.environ, **{name: value for name, _, value in pairs}}


def _is_fetched(workspace: Workspace, name: str) -> bool:
    folder = workspace.revisions[name]
    # Lake writes names such as «doc-gen4» with quotes, and its folders without.
    names = {name, name.replace("«", "").replace("»", "")}
    return any((workspace.packages_folder / name).is_dir() for name in names) or (
        bool(folder) and (workspace.root / folder).is_dir()
    )


async def _ask(program: Path, *arguments: str, cwd: Path) -> str:
    """Return what a short-lived command prints. Raises ToolchainError when it fails or hangs."""
    command = " ".join([program.name, *arguments])
    try:
        process = await asyncio.create_subprocess_exec(
            program,
            *arguments,
            cwd=cwd,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        raise ToolchainError(f"`{command}` can't be run: {error.strerror or error}.") from error
    try:
        said, complaint = await asyncio.wait_for(process.communicate(), _QUESTION_SECONDS)
    except TimeoutError:
        raise ToolchainError(
            f"`{command}` gave no answer within {_QUESTION_SECONDS:.0f} s.",
            f"Run it in {cwd} to see why.",
        ) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        lines = complaint.decode(errors="replace").strip().splitlines()
        reason = lines[-1] if lines else f"exit code {process.returncode}"
        raise ToolchainError(
            f"`{command}` failed in {cwd}: {reason}.",
            "Run it there to see more.",
        )
    return said.decode(errors="replace")
