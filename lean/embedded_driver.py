"""Compiles the driver for the embedded Lean, once for each version of its source.

This build of Lean can't import compiled code, and elaborating the driver at every start would take
10 s. So the driver is compiled here to `Driver.ir`, which `driver/start_embedded.lean` loads by
itself.
"""

import asyncio
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from filelock import AsyncFileLock

from lean.cache import FOLDER_VARIABLE, cache_folder, writable_folder
from lean.driver_source import FOLDER, assemble_driver
from lean.errors import ToolchainError
from lean.toolchain import Launch, Progress

SOURCE = "Driver.lean"
COMPILED = "Driver.ir"
START = "Start.lean"
_FOLDER = "drivers"
_COMPILE_WITHIN = 300.0
"""Seconds; it takes 12 on two quiet cores."""


def driver_folder(lean_version: str) -> Path:
    """Where the compiled driver of this Unsorry lies, or would lie; it is mounted as `/driver`."""
    content = assemble_driver("embedded", lean_version) + _start()
    return cache_folder() / _FOLDER / hashlib.sha256(content.encode()).hexdigest()[:16]


async def compile_driver(
    folder: Path, lean_version: str, command: Callable[[Path, Path], Launch], progress: Progress
) -> None:
    """Compile the driver into `folder` unless that has been done.

    `command(source, olean)` says how to run Lean on it. Raises ToolchainError with what Lean said.
    """
    if (folder / COMPILED).is_file():
        return
    base = writable_folder(_FOLDER)
    async with AsyncFileLock(base / f"{folder.name}.lock"):
        if (folder / COMPILED).is_file():
            return
        progress("compiling the driver", None)
        temporary = Path(tempfile.mkdtemp(dir=base, prefix="tmp-"))
        try:
            _write_sources(temporary, lean_version)
            await _compile(temporary, command(temporary / SOURCE, temporary / "Driver.olean"))
            shutil.rmtree(folder, ignore_errors=True)
            os.replace(temporary, folder)  # noqa: PTH105 - a rename is not worth a thread
        except OSError as error:
            raise ToolchainError(
                f"The driver could not be compiled in {base}: {error.strerror or error}.",
                f"Free some space, or name another folder in {FOLDER_VARIABLE}.",
            ) from error
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def _write_sources(folder: Path, lean_version: str) -> None:
    folder.chmod(0o755)
    (folder / SOURCE).write_text(assemble_driver("embedded", lean_version), "utf-8")
    (folder / START).write_text(_start(), "utf-8")


def _start() -> str:
    return (FOLDER / "start_embedded.lean").read_text("utf-8")


async def _compile(folder: Path, launch: Launch) -> None:
    process = await asyncio.create_subprocess_exec(
        *launch.argv,
        cwd=launch.cwd,
        env=dict(launch.environment),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), _COMPILE_WITHIN)
    except TimeoutError:
        raise ToolchainError("Compiling the driver took too long.", "Try again.") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0 or not (folder / COMPILED).is_file():
        words = said.decode(errors="replace").strip()[-800:]
        raise ToolchainError(
            f"The driver does not compile on this Lean: {words}",
            "Run `unsorry toolchain install --verify`; if it stays so, please report it.",
        )
