"""A repository with provable, false, open, skipped and broken files, and the command run on it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from server import cli

TREE = Path(cli.__file__).parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(TREE)}
WITHIN = 300
PROVABLE = """theorem sums (a b : Nat) : a + b = b + a := by sorry

theorem swapped (p q : Prop) (h : p ∧ q) : q ∧ p := by
  constructor
  · sorry
  · admit
"""
FALSE = "theorem small (n : Nat) : n < 5 := by sorry\n"
OPEN = """theorem fermat (a b c n : Nat) (h : n > 2) (ha : a > 0) (hb : b > 0) (hc : c > 0) :
    a ^ n + b ^ n ≠ c ^ n := by sorry
"""
FILES = {
    "Basic/Provable.lean": PROVABLE,
    "Basic/False.lean": FALSE,
    "Open.lean": OPEN,
    "Value.lean": "def smallest : Nat := sorry\n",
    "Done.lean": "theorem fine : True := trivial\n",
    "Broken.lean": "theorem wrong : 1 = 2 := rfl\n",
    "lakefile.lean": "import Lake\nopen Lake DSL\n",
}
QUICK = ("--timeout", "3")
"""Three seconds of work for each goal are enough for all that can be done here."""


def write(root: Path, files: Mapping[str, str]) -> Path:
    """Files below a folder, byte for byte."""
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    return root


def check(
    cwd: Path, *arguments: object, environment: Mapping[str, str] = ENVIRONMENT
) -> "subprocess.CompletedProcess[str]":
    """`unsorry check` as a user runs it."""
    return subprocess.run(
        [sys.executable, "-m", "server.cli", "check", *map(str, arguments)],
        cwd=cwd,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=WITHIN,
    )


def check_json(cwd: Path, *arguments: object) -> dict[str, Any]:
    """Its JSON report, whatever it decides."""
    done = check(cwd, "--format", "json", *arguments)
    assert done.returncode in (0, 1), done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def holes(report: dict[str, Any]) -> dict[str, list[str]]:
    """The verdicts on the holes of each file that has any."""
    return {
        file["file"]: [hole["verdict"] for hole in file["holes"]]
        for file in report["files"]
        if file["holes"]
    }


def git(folder: Path, *arguments: str) -> str:
    """What git answers, in a repository of a person without settings of their own."""
    person = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", *person, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


def commit(folder: Path, message: str = "as it is") -> str:
    """Commit all there is; the new commit."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--no-verify", "--message", message)
    return git(folder, "rev-parse", "HEAD").strip()
