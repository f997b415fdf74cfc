"""Puts the driver's source together for one kind of toolchain, and keeps it where Lean can read it.

The driver is one file for Lean, but several for people: `driver/compat_KIND.lean` (imports, and
what differs by toolchain and version), the parts in the order of `PARTS`, `driver/main_KIND.lean`.
"""

import hashlib
from pathlib import Path
from typing import Literal

from lean.cache import writable_folder, write_atomically
from lean.errors import ToolchainError

PARTS = (
    "Wire",
    "Memory",
    "Try",
    "Describe",
    "Steps",
    "Elaborate",
    "Canonical",
    "Verify",
    "Serve",
)
"""The parts of the driver after the compat part; each may use what stands before it."""

FOLDER = Path(__file__).parent / "driver"


def assemble_driver(toolchain_kind: Literal["native", "embedded"], lean_version: str) -> str:
    """Return the driver's source for a toolchain. `lean_version` is such as `4.28.0`."""
    names = [f"compat_{toolchain_kind}", *PARTS, f"main_{toolchain_kind}"]
    texts = [(FOLDER / f"{name}.lean").read_text("utf-8").strip() for name in names]
    return (
        f"-- The driver of Unsorry, for Lean {lean_version} ({toolchain_kind}).\n"
        + "\n\n".join(texts)
        + "\n"
    )


def write_driver(source: str) -> Path:
    """Write an assembled driver into the cache under a name made of its content; return its path.

    Raises ToolchainError when the cache can't be written to.
    """
    content = source.encode()
    folder = writable_folder("drivers")
    path = folder / f"Driver_{hashlib.sha256(content).hexdigest()[:16]}.lean"
    try:
        if not path.is_file() or path.read_bytes() != content:
            write_atomically(path, content)
    except OSError as error:
        raise ToolchainError(
            f"The Lean driver could not be written to {path}: {error.strerror or error}.",
            "Free some space, or name another folder in UNSORRY_CACHE_DIR.",
        ) from error
    return path
