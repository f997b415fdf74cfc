"""`unsorry prove` on the file with every kind of hole, however its lines end and its text begins.

Positions and goals are golden in test_prove.py; here each variant of the file must agree with it
hole by hole, and whatever can be proved must be.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
PLAIN = (HERE / "every_hole.lean").read_text("utf-8")
GOLDEN: list[dict[str, Any]] = json.loads((HERE / "every_hole.json").read_text("utf-8"))
VARIANTS = {
    "Plain": PLAIN,
    "CarriageReturns": PLAIN.replace("\n", "\r\n"),
    "ByteOrderMark": "\ufeff" + PLAIN,
    "BothOfThem": "\ufeff" + PLAIN.replace("\n", "\r\n"),
    "NoNewlineAtTheEnd": PLAIN.rstrip("\n"),
    "BlankLines": PLAIN + "\n \n\n",
    # Lean takes no tabs in code, and says so; in comments they are nothing to it.
    "Tabs": PLAIN.replace(" -- ", " --\t").replace("a comment is", "a\tcomment\tis"),
}
Holes = list[dict[str, Any]]


def prove(*arguments: object) -> dict[str, Holes]:
    """The holes of each file, by its stem."""
    done = subprocess.run(
        [sys.executable, "-m", "server.cli", "prove", "--json", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, done.stderr
    files = json.loads(done.stdout)["files"]
    assert not [(file["file"], file["errors"]) for file in files if not file["elaborates"]]
    return {Path(file["file"]).stem: file["holes"] for file in files}


@pytest.fixture(scope="module")
def variants(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Holes]:
    """The holes of every variant, searched for no longer than it takes to say so."""
    folder = tmp_path_factory.mktemp("variants")
    for name, text in VARIANTS.items():
        (folder / f"{name}.lean").write_bytes(text.encode())
    return prove("--timeout", "0.1", *sorted(folder.glob("*.lean")))


@pytest.fixture(scope="module")
def proved() -> Holes:
    """The holes of the file as it is, searched in earnest."""
    return prove("--timeout", "30", HERE / "every_hole.lean")["every_hole"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_positions_and_goals_are_those_of_the_golden_file(
    variants: dict[str, Holes], variant: str
) -> None:
    kept = GOLDEN[0].keys()
    assert [{name: hole[name] for name in kept} for hole in variants[variant]] == GOLDEN


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_hole_is_where_its_word_is(variants: dict[str, Holes], variant: str) -> None:
    lines = VARIANTS[variant].removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    for hole in variants[variant]:
        assert hole["line"] == hole["end_line"]
        word = lines[hole["line"] - 1][hole["column"] - 1 : hole["end_column"] - 1]
        assert word == ("sorry" if hole["editable"] else "magic") or word == "admit"


def test_whatever_is_a_proof_to_be_found_is_found(proved: Holes) -> None:
    wanted = ["proved" if _provable(hole) else "skipped" for hole in proved]
    assert [hole["verdict"] for hole in proved] == wanted


def test_what_is_proved_has_a_script_and_nothing_else_has(proved: Holes) -> None:
    for hole in proved:
        found = hole["verdict"] == "proved"
        assert bool(hole["script"]) == bool(hole["strategy"]) == found
        assert "sorry" not in hole["script"] and "admit" not in hole["script"]
        assert hole["counterexample"] == "" and 0 <= hole["seconds"] < 60


def test_there_is_every_kind_of_hole() -> None:
    assert {hole["mode"] for hole in GOLDEN} == {"tactic", "term", "data"}
    assert {hole["editable"] for hole in GOLDEN} == {True, False}
    declared = {hole["declaration"] for hole in GOLDEN}
    assert {"example", "halve", "even_part", "Inner.with_variable"} <= declared
    assert any("\n\n" in hole["goal"] for hole in GOLDEN), "one hole for several goals"
    for kind in ("calc", "case ", "<;> sorry", "⟨sorry", "decreasing_by", "instance", "mutual"):
        assert kind in PLAIN
    # Words in comments, strings and names are more than the holes.
    assert PLAIN.count("sorry") > sum(hole["editable"] for hole in GOLDEN)


def _provable(hole: dict[str, Any]) -> bool:
    return bool(hole["editable"]) and hole["mode"] != "data"
