"""Which Lean serves a workspace: the native one where there is one, otherwise the embedded one.

A toolchain only says how to start Lean (`Launch`); whoever starts it owns the process and ends it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from lean.workspace import Workspace

Choice = Literal["auto", "native", "embedded"]
Progress = Callable[[str, float | None], None]
"""Called with what is being done and the fraction done (0…1), or None where it can't be told."""


@dataclass(frozen=True, slots=True)
class Launch:
    """How to start a process: its arguments, its folder, its whole environment, and the driver's
    file (if it runs one).

    `serves_modules`: the driver elaborates files that say `module` as what they are. `options` are
    those of Lean that the driver is to begin with (`Workspace.lean_options`).
    """

    argv: tuple[str, ...]
    cwd: Path
    environment: Mapping[str, str]
    driver: Path
    serves_modules: bool = True
    options: tuple[tuple[str, str], ...] = ()


def option_arguments(options: Sequence[tuple[str, str]]) -> list[str]:
    """Options (`Workspace.lean_options`) as `lean` takes them; those it does not know are no
    error.
    """
    texts = [(name, json.loads(value) if value[0] == '"' else value) for name, value in options]
    return [f"-Dweak.{name}={value}" for name, value in texts]


class Toolchain(Protocol):
    """One Lean that can be started. Instances are values: they hold no process and no open file."""

    @property
    def name(self) -> Literal["native", "embedded"]:
        """Which kind it is."""

    @property
    def lean_version(self) -> str:
        """Such as `4.28.0`."""

    @property
    def description(self) -> str:
        """One line for people, such as `Lean 4.28.0 (embedded)`."""

    @property
    def fingerprint(self) -> str:
        """Differs whenever this Lean may give other answers than another."""

    @property
    def stands_in_for(self) -> str:
        """The content of the workspace's lean-toolchain that could not be had, or empty."""

    def compiled_module(self, module: str) -> Path | None:
        """The file that Lean reads when a module of this name is imported; None without one."""

    def driver_command(self, workspace: "Workspace", search_path: Sequence[Path] = ()) -> Launch:
        """How to start the driver; `search_path` are more folders with .olean files
        (`prepare_imports`).
        """

    def lean_command(
        self,
        file: Path,
        *,
        workspace: "Workspace",
        output: Path | None = None,
        json: bool = False,
        root: Path | None = None,
        search_path: Sequence[Path] = (),
    ) -> Launch:
        """How to run plain `lean` on a file.

        It writes its .olean to `output` and its messages as JSON if so asked. The module's name is
        the file's path below `root`, which is the workspace's root unless given.
        """

    async def check(self) -> None:
        """Look thoroughly for damage; to be called when Lean does not start. Raises ToolchainError
        with the remedy.
        """


def silent(what: str, fraction: float | None) -> None:
    """Report progress to nobody."""


async def find_toolchain(
    workspace: "Workspace",
    *,
    choice: Choice = "auto",
    allow_install: bool = True,
    progress: Progress = silent,
) -> Toolchain:
    """Return the Lean for `workspace`; install the embedded one when it is needed and
    `allow_install`.

    `auto`: native when the workspace asks for a Lean (lean-toolchain or lakefile) and it is on this
    machine; otherwise embedded, which then says what it stands in for. Raises ToolchainError.
    """
    # Imported here: the toolchains import this module for its types.
    from lean.embedded import find_embedded
    from lean.native import find_native

    if choice == "native":
        return await find_native(workspace)
    stands_in_for = workspace.lean_toolchain
    if choice == "auto" and workspace.asks_for_lean:
        native = await find_native(workspace, required=False)
        if native is not None:
            return native
    return await find_embedded(
        stands_in_for=stands_in_for, allow_install=allow_install, progress=progress
    )
