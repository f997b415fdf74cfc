"""Manifests of the installed embedded Lean: what must be there, so that damage on disk is told from
a bad theorem.

The program's few files are listed with size and SHA-256; the library's 2,000 with count, bytes and
one digest.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

MANIFEST = "manifest.json"


def write_program_manifest(folder: Path) -> None:
    """List every file of `folder` in its manifest."""
    files = {
        path.name: {"bytes": path.stat().st_size, "sha256": _digest(path)}
        for path in sorted(folder.iterdir())
        if path.is_file()
    }
    (folder / MANIFEST).write_text(json.dumps({"files": files}, indent=1))


def write_library_manifest(library: Path) -> None:
    """Describe the files below `library` in a manifest beside it."""
    sizes = [path.stat().st_size for path in _files(library)]
    content = {"files": len(sizes), "bytes": sum(sizes), "sha256": _library_digest(library)}
    (library.parent / MANIFEST).write_text(json.dumps(content, indent=1))


def damaged_program(folder: Path, thorough: bool) -> str:
    """Say what is wrong with the program's folder; empty: nothing. `thorough` reads every byte."""
    try:
        files = json.loads((folder / MANIFEST).read_text())["files"]
        for name, expected in files.items():
            path = folder / name
            if not path.is_file():
                return f"{path} is missing"
            if path.stat().st_size != expected["bytes"]:
                return f"{path} has {path.stat().st_size} bytes instead of {expected['bytes']}"
            if thorough and _digest(path) != expected["sha256"]:
                return f"{path} has been changed"
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return f"{folder} can't be read ({error})"
    return ""


def damaged_library(library: Path, thorough: bool) -> str:
    """Say what is wrong with the library's folder; empty: nothing. `thorough` reads every byte."""
    try:
        expected = json.loads((library.parent / MANIFEST).read_text())
        sizes = [path.stat().st_size for path in _files(library)]
        if len(sizes) != expected["files"]:
            return f"{library} has {len(sizes)} files instead of {expected['files']}"
        if sum(sizes) != expected["bytes"]:
            return f"the files in {library} have {sum(sizes)} bytes instead of {expected['bytes']}"
        if thorough and _library_digest(library) != expected["sha256"]:
            return f"files in {library} have been changed"
    except (OSError, ValueError, KeyError, TypeError) as error:
        return f"{library} can't be read ({error})"
    return ""


def _files(library: Path) -> Iterator[Path]:
    return (path for path in library.rglob("*") if path.is_file())


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _library_digest(library: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(_files(library)):
        digest.update(path.relative_to(library).as_posix().encode() + b"\0")
        digest.update(bytes.fromhex(_digest(path)))
    return digest.hexdigest()
