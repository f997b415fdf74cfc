"""`unsorry prove` as a user runs it: what it prints, what it writes, how it fails and ends."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from search.ledger import Ledger

HERE = Path(__file__).parent
SMALL = "theorem small (a b : Nat) : a + b = b + a := by sorry\n"
HARD = (
    "theorem hard{0} (f : Nat → Nat) (h : ∀ n, f (n + 1) = f n * f n) :\n"
    "    f 9 + {0} = f 0 ^ 512 + {0} := by sorry\n"
)
"""Nothing proves it; with another number it is another goal."""
KEPT = ("line", "column", "end_line", "end_column", "declaration", "mode", "editable", "goal")
WITHIN = 240


def unsorry(
    *arguments: object, cwd: Path | None = None, **variables: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "server.cli", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **variables},
        capture_output=True,
        encoding="utf-8",
        timeout=WITHIN,
    )


def prove_json(*arguments: object) -> dict[str, Any]:
    done = unsorry("prove", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.fixture
def small(tmp_path: Path) -> Path:
    file = tmp_path / "Small.lean"
    file.write_text(SMALL, "utf-8")
    return file


def test_every_kind_of_hole_is_found_where_it_is() -> None:
    """The golden file: positions and goals. `UPDATE_GOLDEN=1` writes it anew."""
    file = prove_json("--timeout", "0.1", HERE / "every_hole.lean")["files"][0]
    found = [{name: hole[name] for name in KEPT} for hole in file["holes"]]
    golden = HERE / "every_hole.json"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")
    assert found == json.loads(golden.read_text("utf-8"))
    assert file["elaborates"] and not file["errors"]
    lines = (HERE / "every_hole.lean").read_text("utf-8").split("\n")
    for hole in found:
        text = lines[hole["line"] - 1][hole["column"] - 1 : hole["end_column"] - 1]
        assert text in ("sorry", "admit", "magic")


def test_json_has_the_promised_shape(tmp_path: Path) -> None:
    file = tmp_path / "Shape.lean"
    file.write_text(SMALL + "theorem f (n : Nat) : n < 5 := sorry\ndef d : Nat := sorry\n", "utf-8")
    result = prove_json(file)
    assert list(result) == ["files"]
    (shown,) = result["files"]
    assert list(shown) == ["file", "elaborates", "errors", "holes"]
    assert shown["file"] == str(file) and shown["elaborates"] is True and shown["errors"] == []
    proved, refuted, skipped = shown["holes"]
    assert list(proved) == [
        *KEPT,
        "verdict",
        "script",
        "strategy",
        "seconds",
        "counterexample",
    ]
    assert proved["verdict"] == "proved" and proved["strategy"] and proved["script"]
    assert (proved["line"], proved["column"], proved["end_column"]) == (1, 49, 54)
    assert refuted["verdict"] == "refuted" and "n = " in refuted["counterexample"]
    assert (skipped["verdict"], skipped["mode"]) == ("skipped", "data")


def test_text_names_place_goal_and_proof_and_changes_nothing(small: Path) -> None:
    done = unsorry("prove", small)
    assert done.returncode == 0 and done.stderr == ""
    assert "1:49" in done.stdout and "⊢ a + b = b + a" in done.stdout
    assert "proved by" in done.stdout and "1 hole: 1 proved." in done.stdout
    assert small.read_text("utf-8") == SMALL


def test_a_file_without_holes(tmp_path: Path) -> None:
    file = tmp_path / "Done.lean"
    file.write_text("theorem t : True := trivial\n", "utf-8")
    done = unsorry("prove", file)
    assert done.returncode == 0 and "There is no sorry." in done.stdout


def test_write_inserts_proofs_and_touches_nothing_else(tmp_path: Path) -> None:
    """Byte order mark, CRLF, mode bits and a symbolic link survive; other holes stay."""
    before = (
        "\ufefftheorem a (x y : Nat) : x + y = y + x := by sorry\r\n"
        "-- a comment, with sorry\r\n"
        "def d : Nat := sorry\r\n"
        "theorem f (n : Nat) : n < 5 := by sorry\r\n"
        "theorem b (p q : Prop) (h : p ∧ q) : q ∧ p := by\r\n"
        "  constructor\r\n"
        "  · sorry\r\n"
        "  · sorry"
    )
    real, link = tmp_path / "Real.lean", tmp_path / "Link.lean"
    real.write_bytes(before.encode())
    real.chmod(0o640)
    link.symlink_to(real)
    done = unsorry("prove", "--write", link)
    assert done.returncode == 0, done.stderr
    assert "Wrote 3 proofs." in done.stdout
    assert link.is_symlink() and real.stat().st_mode & 0o777 == 0o640
    assert {path.name for path in tmp_path.iterdir()} == {".unsorry", "Link.lean", "Real.lean"}
    after = real.read_bytes().decode()
    assert after.startswith("\ufeff") and not after.endswith("\n")
    assert after.count("\r\n") == after.count("\n") == before.count("\n")
    old, new = before.split("\r\n"), after.split("\r\n")
    assert [old[n] == new[n] for n in range(8)] == [
        False,
        True,
        True,
        True,
        True,
        True,
        False,
        False,
    ]
    again = prove_json(real)["files"][0]
    assert again["elaborates"] and len(again["holes"]) == 2


def test_write_keeps_what_fits_together(tmp_path: Path) -> None:
    """Each proof is right, but with both in place a later command would fail."""
    file = tmp_path / "Together.lean"
    file.write_text(
        "theorem a : 1 + 1 = 2 := by sorry\n"
        "theorem b : 2 + 2 = 4 := by sorry\n"
        "/-- info: 'b' depends on axioms: [sorryAx] -/\n"
        "#guard_msgs in #print axioms b\n",
        "utf-8",
    )
    done = unsorry("prove", "--write", file)
    text = file.read_text("utf-8")
    assert "Wrote 1 of 2 proofs" in done.stdout, done.stdout
    assert "theorem b : 2 + 2 = 4 := by sorry" in text and text.count("sorry\n") == 1


def test_write_leaves_a_file_alone_that_changed_meanwhile(small: Path) -> None:
    small.write_text(SMALL + HARD.format(1) + HARD.format(2), "utf-8")
    process = _started("--write", small)
    # It has read the file, and is busy with it for a while.
    _until(small.parent, lambda ledger: len(ledger.goals()) == 3, process)
    small.write_text(SMALL + "-- typed meanwhile\n", "utf-8")
    output, _ = process.communicate(timeout=WITHIN)
    assert "has changed meanwhile" in output
    assert small.read_text("utf-8") == SMALL + "-- typed meanwhile\n"


def test_errors_elsewhere_are_reported_and_the_rest_is_proved(tmp_path: Path) -> None:
    file = tmp_path / "Broken.lean"
    file.write_text("theorem wrong : 1 = 2 := rfl\n" + SMALL, "utf-8")
    (shown,) = prove_json(file)["files"]
    assert shown["elaborates"] is False
    assert shown["errors"][0]["line"] == 1 and shown["errors"][0]["message"]
    assert [hole["verdict"] for hole in shown["holes"]] == ["proved"]


class TestMistakes:
    """One line that says what, where and what to do; exit code 2; no traceback."""

    def check(self, *arguments: object, says: tuple[str, ...]) -> None:
        done = unsorry("prove", *arguments)
        assert done.returncode == 2
        assert len(done.stderr.strip().split("\n")) == 1 and "Traceback" not in done.stderr
        for part in says:
            assert part in done.stderr

    def test_no_such_file(self, tmp_path: Path) -> None:
        self.check(tmp_path / "None.lean", says=("There is no file", "None.lean"))

    def test_a_folder(self, tmp_path: Path) -> None:
        self.check(tmp_path, says=("is a folder", str(tmp_path)))

    def test_not_lean(self, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").write_text("sorry")
        self.check(tmp_path / "notes.txt", says=("not a Lean file", ".lean"))

    def test_not_utf8(self, tmp_path: Path) -> None:
        (tmp_path / "Latin.lean").write_bytes(b"-- \xe9t\xe9\n")
        self.check(tmp_path / "Latin.lean", says=("not UTF-8", "Latin.lean"))

    def test_unknown_import(self, tmp_path: Path) -> None:
        (tmp_path / "Far.lean").write_text("import Nowhere\n" + SMALL, "utf-8")
        self.check(tmp_path / "Far.lean", says=("Nowhere", "Far.lean"))

    def test_unreadable(self, tmp_path: Path) -> None:
        # A file that even root can't read, whom mode bits don't stop.
        (tmp_path / "Shut.lean").symlink_to("/proc/self/mem")
        self.check(tmp_path / "Shut.lean", says=("can't be read", "Shut.lean"))


def test_ctrl_c_shows_what_was_found_so_far(tmp_path: Path) -> None:
    file = tmp_path / "Long.lean"
    file.write_text(SMALL + "".join(HARD.format(number) for number in range(1, 31)), "utf-8")
    process = _started("--jobs", "1", "--timeout", "600", file)
    # It is in the middle of them when something of one of them is known.
    _until(
        tmp_path,
        lambda ledger: any(ledger.attempts(goal.key) for goal in ledger.goals()),
        process,
    )
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "Interrupted." in errors and "Traceback" not in errors
    assert "small" in output and "31 holes" in output and " open" in output


def test_who_knows_no_goals_sign_gets_its_code(small: Path) -> None:
    done = unsorry("prove", small, PYTHONIOENCODING="latin-1")
    assert done.returncode == 0 and done.stderr == ""
    assert "\\u22a2 a + b = b + a" in done.stdout


def test_programs_that_read_it_get_utf_8_in_every_locale(small: Path) -> None:
    done = unsorry("prove", small, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert done.returncode == 0 and done.stderr == ""
    assert "⊢ a + b = b + a" in done.stdout


def test_several_files_are_reported_in_order(tmp_path: Path) -> None:
    for name in ("B.lean", "A.lean"):
        (tmp_path / name).write_text(SMALL, "utf-8")
    shutil.copy(tmp_path / "A.lean", tmp_path / "C.lean")
    found = prove_json(tmp_path / "B.lean", tmp_path / "A.lean", tmp_path / "C.lean")
    assert [Path(file["file"]).name for file in found["files"]] == ["B.lean", "A.lean", "C.lean"]
    assert all(file["holes"][0]["verdict"] == "proved" for file in found["files"])


def test_another_lean_than_the_workspace_wants_is_named(small: Path) -> None:
    (small.parent / "lean-toolchain").write_text("leanprover/lean4:v4.9.0\n", "utf-8")
    done = unsorry("prove", small)
    assert done.returncode == 0 and "1 proved" in done.stdout
    assert done.stderr.startswith("Found with Lean 4.28.0 (embedded), not confirmed by")
    assert "v4.9.0" in done.stderr


def _until(folder: Path, true: Callable[[Ledger], bool], process: "subprocess.Popen[str]") -> None:
    """Wait until something holds of the ledger that the process writes."""
    path, end = folder / ".unsorry" / "ledger.db", time.monotonic() + WITHIN
    with contextlib.closing(Ledger.open(path)) as ledger:
        while not true(ledger):
            assert process.poll() is None and time.monotonic() < end
            time.sleep(0.01)


def _started(*arguments: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "server.cli", "prove", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
