"""The embedded Lean as a toolchain: Lean 4.28.0 as WebAssembly under Node.js, closed off from the
machine.

It reads the workspace and its own library through read-only mounts and can start nothing.
Installing it is `embedded_install.py`; the processes it describes are started and ended elsewhere.
"""

import asyncio
import json as json_module
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from os.path import isfile
from pathlib import Path
from typing import Literal

from lean.cache import cache_folder, writable_folder
from lean.embedded_download import PACKAGE
from lean.embedded_driver import START, compile_driver, driver_folder
from lean.embedded_install import Installation, check, install, installation, is_installed
from lean.embedded_node import Node, find_node
from lean.embedded_training import train
from lean.errors import ToolchainError
from lean.imports import modules_folder
from lean.toolchain import Launch, Progress, option_arguments, silent
from lean.workspace import Workspace

LEAN_VERSION = "4.28.0"
"""Of the package that `embedded_download` pins."""

_LIBRARY_GUEST = "/lean/lib/lean"
_WORKSPACE_GUEST = "/ws"
# `--stack-size`, of the launcher's main thread; that of the others is in embedded_edits.py.
_V8_STACK_KIB = 4000
# Passed on because the system's own libraries look at them; Lean itself sees none of them.
_PASSED_ON = ("SYSTEMROOT", "TZ", "LANG", "LC_ALL")


@dataclass(frozen=True, slots=True)
class EmbeddedToolchain:
    """An installed embedded Lean, and what it stands in for (see `Toolchain`)."""

    node: Node
    files: Installation
    stands_in_for: str = ""
    driver: Path = field(default_factory=lambda: driver_folder(LEAN_VERSION))
    """Fixed when it is found: a running engine keeps its driver while Unsorry is upgraded."""

    @property
    def name(self) -> Literal["embedded"]:
        """Which kind it is."""
        return "embedded"

    @property
    def lean_version(self) -> str:
        """The version of Lean in the package."""
        return LEAN_VERSION

    @property
    def description(self) -> str:
        """One line for people."""
        wanted = f", standing in for {self.stands_in_for}" if self.stands_in_for else ""
        return f"Lean {LEAN_VERSION} (embedded{wanted})"

    @property
    def fingerprint(self) -> str:
        """Differs whenever this Lean may give other answers than another."""
        return f"embedded {LEAN_VERSION} {PACKAGE}"

    def compiled_module(self, module: str) -> Path | None:
        """The file of a module of the library; None for others."""
        file = self.files.library.joinpath(*module.split(".")).with_suffix(".olean")
        # `Path.is_file` would raise for a name that is longer than a file's may be.
        return file if isfile(file) else None  # noqa: PTH113

    def driver_command(self, workspace: Workspace, search_path: Sequence[Path] = ()) -> Launch:
        """How to start the driver (compiled by `find_embedded`), with the workspace mounted.

        Raises ToolchainError when the cache can't be written to.
        """
        # It must be there when the driver starts: modules may be compiled while it runs.
        writable_folder(
            *modules_folder(workspace, self.fingerprint).relative_to(cache_folder()).parts
        )
        return self._launch(
            [f"/driver/{START}"],
            workspace,
            search_path,
            {"/driver": self.driver},
            driver=self.driver / START,
        )

    def program_command(
        self, program: Path, workspace: Workspace, search_path: Sequence[Path] = ()
    ) -> Launch:
        """How to run a Lean program (`public def main`), wherever its file lies, as `lean --run`
        does.
        """
        mounts = {"/driver": program.parent}
        return self._launch(
            ["--run", f"/driver/{program.name}"], workspace, search_path, mounts, driver=program
        )

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
        """How to run plain `lean` on a file; one outside the workspace is mounted alone with its
        folder.
        """
        arguments = ["--json"] if json else []
        arguments += option_arguments(workspace.lean_options)
        if output is not None:
            arguments += ["-o", f"/output/{output.name}"]
        mounts = {}
        if root is None and file.is_relative_to(workspace.root):
            name = file.relative_to(workspace.root).as_posix()
        else:
            mounts["/file"] = root or file.parent
            arguments.append("--root=/file")
            name = f"/file/{file.relative_to(mounts['/file']).as_posix()}"
        return self._launch(
            [*arguments, name],
            workspace,
            search_path,
            mounts,
            output=output.parent if output else None,
        )

    def training_command(self, output: Path) -> Launch:
        """How to start the driver so that, when it ends, V8's machine code is put into `output`."""
        workspace = Workspace.at(self.driver)
        mounts = {"/driver": self.driver}
        return self._launch(
            [f"/driver/{START}"], workspace, (), mounts, output=output, training=True
        )

    def compile_command(self, source: Path, olean: Path) -> Launch:
        """How to compile a file of its own folder, apart from any workspace."""
        return self.lean_command(source, workspace=Workspace.at(source.parent), output=olean)

    async def check(self) -> None:
        """Compare every installed byte with the manifest (about 2 s). Raises ToolchainError with
        the remedy.
        """
        # A thread, because it reads 350 MB and the event loop must go on.
        await asyncio.to_thread(check, thorough=True)

    def _launch(
        self,
        arguments: Sequence[str],
        workspace: Workspace,
        search_path: Sequence[Path],
        more_mounts: dict[str, Path],
        output: Path | None = None,
        driver: Path = Path(),
        training: bool = False,
    ) -> Launch:
        compiled = modules_folder(workspace, self.fingerprint)
        folders = [*search_path, *([compiled] if compiled.is_dir() else [])]
        modules = {f"/modules/{index}": folder for index, folder in enumerate(folders)}
        mounts = {_WORKSPACE_GUEST: workspace.root, **modules, **more_mounts}
        settings = {
            "mounts": [
                {"guest": _LIBRARY_GUEST, "host": str(self.files.library), "trusted": True},
                *({"guest": guest, "host": str(host)} for guest, host in mounts.items()),
            ],
            "cwd": _WORKSPACE_GUEST,
            "libraryPath": [_LIBRARY_GUEST, *modules],
            "output": str(output) if output else None,
            "training": training,
        }
        readable = _outermost([self.files.program, self.files.library, *mounts.values()])
        # Node's own permissions are a second wall behind host.cjs: no other files, no child
        # processes.
        permissions = ["--permission", "--allow-worker", "--disable-warning=SecurityWarning"]
        permissions += [f"--allow-fs-read={folder}" for folder in readable]
        permissions += [f"--allow-fs-write={output.resolve()}"] if output else []
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        return Launch(
            argv=(
                str(self.node.executable),
                *permissions,
                f"--stack-size={_V8_STACK_KIB}",
                "--allow-natives-syntax",  # for the machine code that launch.cjs reads
                str(self.files.launcher),
                *arguments,
            ),
            cwd=self.files.program,
            environment={**environment, "UNSORRY_EMBEDDED": json_module.dumps(settings)},
            driver=driver,
            options=workspace.lean_options,
        )


def _outermost(folders: Sequence[Path]) -> list[Path]:
    """Resolve the folders and drop those inside others: Node mistakes such a pair for less."""
    resolved = sorted({folder.resolve() for folder in folders})
    return [
        folder
        for folder in resolved
        if not any(folder.is_relative_to(other) for other in resolved if other != folder)
    ]


async def find_embedded(
    *,
    stands_in_for: str = "",
    allow_install: bool = True,
    with_driver: bool = True,
    progress: Progress = silent,
) -> EmbeddedToolchain:
    """Return the embedded Lean, installing it when it is missing and `allow_install`.

    `with_driver`: make it ready for sessions too (once, 30 s); running plain files needs no driver.

    Raises ToolchainError: no Node, not installed, damaged (the remedy is in the message), or not
    installable.
    """
    # Threads, because installing takes half a minute and the event loop must go on.
    node = await asyncio.to_thread(find_node)
    if not is_installed():
        if not allow_install:
            raise ToolchainError(
                "There is no Lean for this workspace: the embedded one is not installed.",
                "Run `unsorry toolchain install` (a download of 116 MiB), or install elan.",
            )
        await asyncio.to_thread(install, progress)
    else:
        await asyncio.to_thread(check, thorough=False)
    toolchain = EmbeddedToolchain(node, installation(), stands_in_for)
    if with_driver:
        await compile_driver(toolchain.driver, LEAN_VERSION, toolchain.compile_command, progress)
        await train(toolchain.files, node, toolchain.training_command, progress)
    return toolchain
