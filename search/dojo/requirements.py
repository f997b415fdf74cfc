"""What LeanDojo needs of a machine and a workspace, what of it is missing, and what to do about it.

Only looks: nothing is installed, downloaded or built here.
"""

import json
import os
import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lean.errors import ToolchainError
from lean.native import find_native
from lean.workspace import Workspace
from search.dojo.environment import (
    PACKAGE,
    PYTHON_REMEDY,
    TOO_NEW_PYTHON,
    is_installed,
    python_of,
)
from search.dojo.errors import DojoUnusable
from search.dojo.repository import commit_of, top_of, uncommitted
from search.dojo.running import answer_of

OLDEST_GIT = (2, 25)
OLDEST_LEAN, NEWEST_LEAN = (4, 18), (4, 26)
NEEDED_BYTES = 8 << 30
"""For two copies of Lean with its library, the project twice, and what is extracted from it."""
NAMED = 5
"""Files that are named before the rest is counted."""

_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
_TOML_PATH = re.compile(r"^\s*\[\[\s*require\s*\]\][^\[]*?^\s*path\s*=", re.MULTILINE)
_LEAN_PATH = re.compile(r"^\s*require\s+[\w«».-]+\s+from\s+\"", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that is needed: what was found of it, whether that will do, and otherwise what to
    do.
    """

    name: str
    met: bool
    found: str
    remedy: str = ""


async def requirements(workspace: Workspace) -> list[Requirement]:
    """All of them, in the order in which they are best seen to."""
    root = workspace.root
    git = await _git(root)

    return [
        Requirement("system", os.name == "posix", sys.platform, "Use Linux or macOS."),
        git,
        _lake(),
        _project(workspace),
        _lean_version(workspace),
        await _lean(workspace),
        *(await _repository(root) if git.met else [_unknown("repository"), _unknown("commit")]),
        _dependencies(root, workspace),
        _environment(root),
        _disk(root),
    ]


async def require(workspace: Workspace) -> None:
    """Raises DojoUnusable, with the first thing that is missing, when something is."""
    missing = [one for one in await requirements(workspace) if not one.met]
    if not missing:
        return
    first, more = missing[0], len(missing) - 1
    counted = f" ({more} more: unsorry dojo doctor)" if more else ""
    raise DojoUnusable(
        f"LeanDojo can't be used in {workspace.root}: {first.name}: {first.found}.",
        f"{first.remedy}{counted}",
    )


async def _git(root: Path) -> Requirement:
    said = await answer_of("git", "--version", folder=root)
    found = _VERSION.search(said or "")
    remedy = "Install git 2.25 or newer."
    if said is None or found is None:
        return Requirement("git", False, "not on the PATH", remedy)
    met = (int(found[1]), int(found[2])) >= OLDEST_GIT
    return Requirement("git", met, said.strip().removeprefix("git "), remedy)


def _lake() -> Requirement:
    lake = shutil.which("lake")
    remedy = "Install elan (https://lean-lang.org); the embedded Lean can't serve LeanDojo."
    return Requirement("lake", lake is not None, lake or "not on the PATH", remedy)


def _project(workspace: Workspace) -> Requirement:
    lakefile = workspace.lakefile
    found = lakefile.name if lakefile else f"{workspace.root} has no lakefile"
    return Requirement("Lake project", lakefile is not None, found, "Run `lake init .` there.")


def _lean_version(workspace: Workspace) -> Requirement:
    wanted = workspace.lean_toolchain
    found = _VERSION.search(wanted)
    version = (int(found[1]), int(found[2])) if found else None
    met = version is not None and OLDEST_LEAN <= version <= NEWEST_LEAN
    oldest, newest = (".".join(map(str, one)) for one in (OLDEST_LEAN, NEWEST_LEAN))
    return Requirement(
        "lean-toolchain",
        met,
        wanted or "the file is missing",
        f"{PACKAGE} works with Lean {oldest} to {newest}: name one of these in lean-toolchain.",
    )


async def _lean(workspace: Workspace) -> Requirement:
    try:
        return Requirement("native Lean", True, (await find_native(workspace)).description)
    except ToolchainError as error:
        return Requirement("native Lean", False, error.message.rstrip("."), error.remedy)


async def _repository(root: Path) -> Sequence[Requirement]:
    top, commit = await top_of(root), await commit_of(root)
    found = "none" if top is None else str(top)
    whole = Requirement(
        "repository",
        top == root,
        found,
        "Run `git init` there." if top is None else f"{root} must be the repository's own root.",
    )
    if top is None or commit is None:
        remedy = "Run `git add -A && git commit`."
        return whole, Requirement("commit", False, "nothing is committed", remedy)
    changed = await uncommitted(root)
    if not changed:
        return whole, Requirement("commit", True, commit[:12])
    more = f" and {len(changed) - NAMED} more" if len(changed) > NAMED else ""
    said = f"not committed: {', '.join(changed[:NAMED])}{more}"
    return whole, Requirement("commit", False, said, "Commit or stash them: commits are traced.")


def _unknown(name: str) -> Requirement:
    return Requirement(name, False, "unknown without git", "Install git 2.25 or newer.")


def _dependencies(root: Path, workspace: Workspace) -> Requirement:
    remedy = "LeanDojo can't trace with dependencies given by a path: name them by git."
    local = _local_packages(root / "lake-manifest.json")
    if not local and workspace.lakefile is not None:
        text = workspace.lakefile.read_text("utf-8", errors="replace")
        pattern = _TOML_PATH if workspace.lakefile.suffix == ".toml" else _LEAN_PATH
        local = ["one in the lakefile"] if pattern.search(text) else []
    if local:
        return Requirement("dependencies", False, f"by path: {', '.join(local)}", remedy)
    count = len(workspace.revisions)
    found = f"{count} by git, fetched again for the trace" if count else "none"
    return Requirement("dependencies", True, found)


def _local_packages(manifest: Path) -> list[str]:
    """The packages of a manifest that lie in a folder. That it can be read is known already."""
    if not manifest.is_file():
        return []
    packages = json.loads(manifest.read_text("utf-8")).get("packages", [])
    return [str(one.get("name")) for one in packages if one.get("type") == "path"]


def _environment(root: Path) -> Requirement:
    if is_installed(root):
        return Requirement("environment", True, f"{PACKAGE} for {python_of(root)}")
    fits = sys.version_info < TOO_NEW_PYTHON
    remedy = "Run: unsorry dojo setup" if fits else PYTHON_REMEDY
    return Requirement("environment", False, f"{PACKAGE} is not installed", remedy)


def _disk(root: Path) -> Requirement:
    free = shutil.disk_usage(root).free
    return Requirement(
        "disk",
        free >= NEEDED_BYTES,
        f"{free / (1 << 30):.1f} GB free",
        f"Make room: some {NEEDED_BYTES >> 30} GB are needed.",
    )
