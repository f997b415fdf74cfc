"""`--fix`: proofs go in, everything else stays byte for byte, and what was right stays right."""

import stat
import subprocess
import sys
from pathlib import Path

from tests.server.check.checked_repository import (
    ENVIRONMENT,
    FALSE,
    OPEN,
    WITHIN,
    check,
    check_json,
    holes,
    write,
)

MARKED = (
    "\ufefftheorem sums (x y : Nat) : x + y = y + x := by sorry\r\n"
    "-- sorry, with trailing blanks  \t\r\n"
    "def value : Nat := sorry\r\n"
    "theorem swapped (p q : Prop) (h : p ∧ q) : q ∧ p := by\r\n"
    "  constructor\r\n"
    "  · sorry\r\n"
    "  · sorry"
)
TOGETHER = (
    "theorem a : 1 + 1 = 2 := by sorry\n"
    "theorem b : 2 + 2 = 4 := by sorry\n"
    "/--\ninfo: theorem b : 2 + 2 = 4 :=\nsorry\n-/\n#guard_msgs in #print b\n"
)
BROKEN = "theorem good : True := by sorry\n" + "theorem wrong : 1 = 2 := rfl\n"


def test_only_the_holes_change(tmp_path: Path) -> None:
    """Byte order mark, CRLF, blanks, the missing last newline, mode bits and a link survive."""
    write(tmp_path, {"Marked.lean": MARKED})
    (tmp_path / "Marked.lean").chmod(0o640)
    done = check(tmp_path, "--fix", "--fail-on", "provable")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 holes: 3 fixed, 1 skipped." in done.stdout
    after = (tmp_path / "Marked.lean").read_bytes().decode()
    assert stat.S_IMODE((tmp_path / "Marked.lean").stat().st_mode) == 0o640
    assert {path.name for path in tmp_path.iterdir()} == {"Marked.lean", ".unsorry"}
    kept = [line for line in MARKED.split("\r\n") if "by sorry" not in line and "·" not in line]
    assert [line for line in after.split("\r\n") if line in kept] == kept
    assert after.startswith("\ufefftheorem sums") and not after.endswith("\n")
    assert after.count("\r\n") == after.count("\n") and after.count("sorry") == 2
    again = check_json(tmp_path, "--fail-on", "provable")
    assert again["violations"] == "" and again["files"][0]["elaborates"]
    assert holes(again) == {"Marked.lean": ["skipped"]}


def test_plain_lean_is_content_afterwards(known: Path) -> None:
    done = check(known, "--budget", "0", "--fix", "--fail-on", "provable")
    assert "3 fixed" in done.stdout and done.returncode == 1, "the broken file is still there"
    lean = subprocess.run(
        [sys.executable, "-m", "server.cli", "toolchain", "exec", "Basic/Provable.lean"],
        cwd=known,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=WITHIN,
    )
    assert (lean.returncode, lean.stdout + lean.stderr.strip()) == (0, "")


def test_a_broken_file_and_what_does_not_fit_together(tmp_path: Path) -> None:
    """A file with an error is left alone; of two proofs that exclude each other one goes in."""
    write(tmp_path, {"Broken.lean": BROKEN, "Together.lean": TOGETHER, "Hard.lean": FALSE + OPEN})
    report = check_json(tmp_path, "--fix", "--timeout", "1")
    notes = {file["file"]: file["note"] for file in report["files"]}
    assert notes["Broken.lean"] == "not fixed: it does not elaborate as it is."
    assert notes["Together.lean"].startswith("not all fixed: with the others the file has new")
    assert (tmp_path / "Broken.lean").read_text("utf-8") == BROKEN
    assert (tmp_path / "Hard.lean").read_text("utf-8") == FALSE + OPEN
    text = (tmp_path / "Together.lean").read_text("utf-8")
    assert "theorem b : 2 + 2 = 4 := by sorry" in text and text.count("by sorry") == 1
    after = {file["file"]: file for file in check_json(tmp_path, "--budget", "0")["files"]}
    assert after["Together.lean"]["elaborates"] and not after["Broken.lean"]["elaborates"]


def test_places_after_a_fix_are_those_of_the_file_as_it_is_then(tmp_path: Path) -> None:
    """A proof of several lines moves what is below it."""
    text = (
        "inductive Tree where\n  | leaf : Tree\n  | node : Tree → Tree → Tree\n\n"
        "def Tree.mirror : Tree → Tree\n  | leaf => leaf\n"
        "  | node l r => node r.mirror l.mirror\n\n"
        "theorem twice (t : Tree) : t.mirror.mirror = t := by sorry\n\n" + FALSE
    )
    write(tmp_path, {"Tree.lean": text})
    (file,) = check_json(tmp_path, "--fix")["files"]
    fixed, left = file["holes"]
    assert (fixed["verdict"], left["verdict"]) == ("fixed", "refuted")
    lines = (tmp_path / "Tree.lean").read_text("utf-8").splitlines()
    shown = lines[left["line"] - 1][left["column"] - 1 : left["end_column"] - 1]
    assert shown == "sorry"


def test_a_file_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"Sums.lean": MARKED})
    (tmp_path / "Sums.lean").rename(tmp_path / "Real.txt")
    # A link to what nobody can write, not even root.
    (tmp_path / "Version.lean").symlink_to("/proc/version")
    done = check(tmp_path, "--fix")
    assert done.returncode == 1 and "Version.lean" in done.stdout
    assert "Traceback" not in done.stderr
