"""A folder of Lean files: a Lake project, or just a folder. Where its modules lie, what it asks
for.

Only reads. Compiling what files import is `imports.py`'s and Lake's business.
"""

import contextlib
import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lean.errors import WorkspaceError
from lean.lake_options import lake_options

_LAKEFILES = ("lakefile.toml", "lakefile.lean")
_PACKAGES_FOLDER = ".lake/packages"
_SOURCE_FOLDER = re.compile(r"srcDir\s*:=\s*\"([^\"]+)\"")


@dataclass(frozen=True, slots=True)
class Workspace:
    """The root folder and what its files say.

    `lean_toolchain` is that file's content, or empty; `revisions` maps each dependency of the
    lake-manifest to its revision; `source_roots` are the folders under which modules are found,
    `local_packages` those of dependencies that lie on this disk and change without a revision,
    `packages_folder` is where Lake puts those that it fetches. `lean_options` are those that the
    lakefile gives Lean (`lake_options`).
    """

    root: Path
    lakefile: Path | None
    lean_toolchain: str
    source_roots: tuple[Path, ...]
    revisions: Mapping[str, str]
    local_packages: tuple[Path, ...] = ()
    packages_folder: Path = Path()
    lean_options: tuple[tuple[str, str], ...] = ()

    @classmethod
    def find(cls, path: Path) -> "Workspace":
        """Return the Lake project that `path` (a file or folder) is in, or else its bare folder.

        Raises WorkspaceError when `path` does not exist.
        """
        here = path.absolute()
        if not here.exists():
            raise WorkspaceError(f"There is no file or folder {path}.")
        folder = (here if here.is_dir() else here.parent).resolve()
        return cls.at(find_root(folder) or folder)

    @classmethod
    def at(cls, root: Path) -> "Workspace":
        """Return the workspace whose root is this folder. Raises WorkspaceError when unreadable."""
        lakefile = next((root / name for name in _LAKEFILES if (root / name).is_file()), None)
        content = _toml(lakefile)
        revisions, local_packages, packages_folder = _dependencies(root / "lake-manifest.json")
        return cls(
            root=root,
            lakefile=lakefile,
            lean_toolchain=_read(root / "lean-toolchain").strip(),
            source_roots=_source_roots(root, lakefile, content),
            revisions=revisions,
            local_packages=local_packages,
            packages_folder=packages_folder,
            lean_options=lake_options(content),
        )

    @property
    def asks_for_lean(self) -> bool:
        """Whether it names a Lean of its own: a lean-toolchain or a lakefile."""
        return bool(self.lean_toolchain or self.lakefile)

    def module_name(self, file: Path) -> str | None:
        """Return the module name of a file of this workspace; None outside its source roots."""
        whole = file.resolve()
        for root in self.source_roots:
            if whole.suffix == ".lean" and whole.is_relative_to(root):
                return ".".join(whole.relative_to(root).with_suffix("").parts)
        return None

    def module_file(self, module: str) -> Path | None:
        """Return the source file of a module; None when the workspace has none of that name."""
        for root in self.source_roots:
            file = root.joinpath(*module.split(".")).with_suffix(".lean")
            # A name can be longer than the file system allows.
            with contextlib.suppress(OSError):
                if file.is_file():
                    return file
        return None

    def fingerprint(self, toolchain: str, modules: Iterable[tuple[str, str]] = ()) -> str:
        """Return what proofs of this workspace depend on, as one hash.

        `toolchain` is the toolchain's fingerprint, `modules` the names and content hashes of the
        imported project modules (`PreparedImports.modules`).
        """
        facts: list[object] = [toolchain, sorted(self.revisions.items()), sorted(modules)]
        facts += [self.lean_options] if self.lean_options else []
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def find_root(folder: Path) -> Path | None:
    """The root of the Lake project that a folder is in; None when it is in none.

    It is found by the names of files alone, so it is found where one of them is broken.
    """
    whole = folder.resolve()
    for candidate in (whole, *whole.parents):
        if any((candidate / name).is_file() for name in (*_LAKEFILES, "lean-toolchain")):
            return candidate
    return None


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise WorkspaceError(f"{path} can't be read: {error.strerror}.") from error


def _toml(lakefile: Path | None) -> dict[str, Any]:
    """What a lakefile.toml says; nothing for another."""
    if lakefile is None or lakefile.suffix != ".toml":
        return {}
    try:
        return tomllib.loads(_read(lakefile))
    except tomllib.TOMLDecodeError as error:
        raise WorkspaceError(f"{lakefile} is not valid TOML: {error}.") from error


def _source_roots(
    root: Path, lakefile: Path | None, content: Mapping[str, Any]
) -> tuple[Path, ...]:
    """Folders that lakefile's `srcDir`s name, the root first: it is the default of each library."""
    names: list[str] = []
    if lakefile is not None and lakefile.suffix == ".toml":
        tables = [content, *content.get("lean_lib", []), *content.get("lean_exe", [])]
        names = [str(table["srcDir"]) for table in tables if "srcDir" in table]
    elif lakefile is not None:
        names = _SOURCE_FOLDER.findall(_read(lakefile))
    roots = [root, *((root / name).resolve() for name in names)]
    # The longest first: a file below two roots has its name from the nearer one.
    return tuple(sorted(dict.fromkeys(roots), key=lambda path: -len(path.parts)))


def _dependencies(manifest: Path) -> tuple[Mapping[str, str], tuple[Path, ...], Path]:
    """The revision of each, the folders of those that are called by their path, and the folder of
    those that are fetched.
    """
    text = _read(manifest)
    if not text:
        return {}, (), manifest.parent / _PACKAGES_FOLDER
    try:
        content = json.loads(text)
        packages = content["packages"]
        packages_folder = manifest.parent / str(content.get("packagesDir") or _PACKAGES_FOLDER)
        revisions = {
            str(package["name"]): str(package.get("rev") or package.get("dir") or "")
            for package in packages
        }
        folders = [
            manifest.parent / package["dir"]
            for package in packages
            if package.get("type") == "path"
        ]
        return revisions, tuple(folders), packages_folder
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WorkspaceError(
            f"{manifest} is not a Lake manifest.", "Run `lake update`, or restore the file."
        ) from error
