"""The script that runs beside LeanDojo, as far as it goes without it."""

import py_compile
import subprocess
import sys
from pathlib import Path

import pytest

from search.dojo.trace_script import Unfit, aligned, spellings
from search.dojo.tracing import SCRIPT

WHERE = ["--repository", "r", "--commit", "c", "--rows", "rows"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(SCRIPT), *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def test_it_compiles(tmp_path: Path) -> None:
    py_compile.compile(str(SCRIPT), str(tmp_path / "compiled"), doraise=True)


def test_without_lean_dojo_it_says_so_in_one_line() -> None:
    for arguments in (["trace", *WHERE], ["check", *WHERE, "--proof", str(SCRIPT)]):
        done = run(*arguments)
        if "check" in arguments:
            # It has read the proof first, which is none.
            assert done.returncode == 1
            assert done.stdout.startswith("unsorry-dojo failed: JSONDecodeError: ")
            continue
        assert (done.returncode, done.stderr) == (3, "")
        assert done.stdout.splitlines()[-1].startswith(
            "unsorry-dojo failed: lean-dojo is not installed"
        )


@pytest.mark.parametrize("arguments", [[], ["trace"], ["other", *WHERE], ["check", *WHERE]])
def test_wrong_arguments(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2 and done.stderr.startswith("usage: trace_script.py")


def test_a_script_in_place_of_a_hole() -> None:
    # theorem t : p := by
    #   constructor
    #   · sorry
    text = "by\n  constructor\n  · sorry\n  · rfl"
    tactics, term = spellings(text, (5, 18), 7, 5, "intro h\nexact h")
    here = "\n" + " " * 17 + "by\n  constructor\n  · "
    assert tactics == here + "intro h\n    exact h\n  · rfl"
    assert term == here + "(by\n      intro h\n      exact h)\n  · rfl"


def test_a_term_and_the_sign_before_it() -> None:
    assert spellings(":= sorry", (1, 20), 1, 23, "omega")[1] == (
        "\n" + " " * 19 + "   (by\n" + " " * 24 + "omega)"
    )


@pytest.mark.parametrize(
    ("text", "line", "column", "script", "why"),
    [
        ("by simp", 1, 4, "rfl", "no sorry at 1:4"),
        ("by sorry", 9, 4, "rfl", "no sorry at 9:4"),
        ("by sorry", 1, 99, "rfl", "no sorry at 1:99"),
        ("by\n  sorry\n  admit", 2, 3, "rfl", "another sorry"),
        ("by sorry", 1, 4, "exact sorry", "another sorry"),
        ("by sorry", 1, 4, "exact sorryAx _", "another sorry"),
    ],
)
def test_what_is_not_checked(text: str, line: int, column: int, script: str, why: str) -> None:
    with pytest.raises(Unfit, match=why):
        spellings(text, (1, 1), line, column, script)


def test_lines_are_aligned() -> None:
    assert (
        aligned("induction n with\n    | zero => x\n  y", 4) == "induction n with\n| zero => x\ny"
    )
