"""Lake projects in real git repositories, and stand-ins for tools that are not there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lean.workspace import Workspace
from search.dojo.environment import VERSION, python_of

STAND_IN = Path(__file__).parents[2] / "stand_in"
FILE = "theorem two (n : Nat) : n + 0 = n := by\n  sorry\n"


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def project(folder: Path, toolchain: str = "leanprover/lean4:v4.20.0") -> Workspace:
    """A Lake project, committed."""
    folder.mkdir()
    (folder / "lean-toolchain").write_text(toolchain + "\n")
    (folder / "lakefile.toml").write_text('name = "p"\n\n[[lean_lib]]\nname = "P"\n')
    (folder / "P.lean").write_text(FILE)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    return Workspace.at(folder)


def stand_ins(monkeypatch: pytest.MonkeyPatch, version: str = "4.20.0") -> None:
    """elan, lake and lean, as far as their versions and places are asked for."""
    path = os.pathsep.join([str(STAND_IN), str(Path(sys.executable).parent), os.environ["PATH"]])
    monkeypatch.setenv("PATH", path)
    monkeypatch.setenv("STAND_IN_TOOLCHAINS", f"leanprover/lean4:v{version} (default)")
    monkeypatch.setenv("STAND_IN_VERSION", version)


def environment(root: Path) -> None:
    """What looks like an environment with LeanDojo, and is a Python without it."""
    python = python_of(root)
    python.parent.mkdir(parents=True)
    python.symlink_to(Path(sys.executable).resolve())
    installed = (
        python.parents[1] / "lib/python3.11/site-packages" / f"lean_dojo-{VERSION}.dist-info"
    )
    installed.mkdir(parents=True)
    (installed / "RECORD").touch()
    (root / ".unsorry" / ".gitignore").write_text("*\n")
