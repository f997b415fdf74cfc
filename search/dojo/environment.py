"""The environment that LeanDojo is installed in, and where its files lie: all below `.unsorry`.

dojo-env/      a Python environment with lean-dojo, made by `unsorry dojo setup`
dojo-cache/    what LeanDojo keeps of each commit (with a copy of Lean: gigabytes)
traces/        the rows of each commit (`search.dojo.rows`)
dojo.log       what the last job printed
"""

import asyncio
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from search.dojo.errors import DojoError, DojoUnusable
from search.dojo.running import Say, last_line, run_job
from search.ledger_file import OWN_FOLDER

VERSION = "4.20.0"
PACKAGE = f"lean-dojo=={VERSION}"
TOO_NEW_PYTHON = (3, 13)
PYTHON_REMEDY = "Run `unsorry dojo setup` with an Unsorry that is installed in Python 3.11 or 3.12."

_HIDDEN = ("GITHUB_ACCESS_TOKEN", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "VERBOSE", "DEBUG")


def own_folder(root: Path) -> Path:
    """The folder of a workspace that is ours, made and kept out of git. Raises OSError."""
    folder = root / OWN_FOLDER
    folder.mkdir(exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n")
    return folder


def log_file(root: Path) -> Path:
    """What the last job of a workspace printed."""
    return root / OWN_FOLDER / "dojo.log"


def python_of(root: Path) -> Path:
    """The Python of the environment, which need not be there."""
    return _folder(root) / "bin" / "python"


def is_installed(root: Path) -> bool:
    """Is LeanDojo there, in the version that is meant?"""
    # pip writes this last, when all that it depends on is in place.
    pattern = f"lib/python*/site-packages/lean_dojo-{VERSION}.dist-info/RECORD"
    return python_of(root).exists() and any(_folder(root).glob(pattern))


def job_environment(root: Path, scratch: Path) -> Mapping[str, str]:
    """The variables that LeanDojo runs with: nothing remote, no ray, files below `scratch`."""
    kept = {name: value for name, value in os.environ.items() if name not in _HIDDEN}
    return {
        **kept,
        "DISABLE_REMOTE_CACHE": "1",
        # With three it starts ray, three times: two dozen processes and 1.6 GB.
        "NUM_PROCS": "2",
        "CACHE_DIR": str(root / OWN_FOLDER / "dojo-cache"),
        "TMP_DIR": str(scratch),
        "TMPDIR": str(scratch),
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }


async def set_up(root: Path, say: Say) -> Path:
    """Make the environment anew; its folder. Raises DojoUnusable, DojoError, OSError.

    Downloads some 200 MB. When it fails or is cancelled, nothing is left.
    """
    if sys.version_info >= TOO_NEW_PYTHON:
        running = ".".join(map(str, sys.version_info[:2]))
        raise DojoUnusable(f"{PACKAGE} does not run in Python {running}.", PYTHON_REMEDY)
    own_folder(root)
    folder, log = _folder(root), log_file(root)
    log.unlink(missing_ok=True)
    done = False
    try:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        say("making a Python environment")
        # -I: a workspace's own `logging.py` must not be taken for a module of Python's.
        await _succeed([sys.executable, "-I", "-m", "venv", str(folder)], root, log)
        say(f"installing {PACKAGE}")
        pip = [str(python_of(root)), "-I", "-m", "pip", "--disable-pip-version-check", "install"]
        await _succeed([*pip, "--no-input", PACKAGE], root, log)
        done = True
    finally:
        if not done:
            shutil.rmtree(folder, ignore_errors=True)
    return folder


async def _succeed(command: list[str], root: Path, log: Path) -> None:
    """Run a step of the installation. Raises DojoError when it fails."""
    code = await run_job(command, root, os.environ, log, lambda _: None)
    if code != 0:
        raise DojoError(f"LeanDojo can't be installed: {last_line(log)}", f"See {log}.")


def _folder(root: Path) -> Path:
    return root / OWN_FOLDER / "dojo-env"
