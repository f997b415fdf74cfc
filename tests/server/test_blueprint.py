"""`unsorry blueprint` on a project with 63 nodes in four chapters, with real Lean.

The project (blueprint_project/) has the layout that leanblueprint makes: web.tex and print.tex, the
macros of both, chapters by \\input. Some of its marks are wrong.
"""

import json
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from lean.workspace import Workspace
from search.engine import Engine
from search.settings import Settings
from server import cli
from server.dashboard.blueprint import blueprint_figures

PROJECT = Path(__file__).parent / "blueprint_project"
WRONG = {
    ("def:square", "statement", "add"),
    ("lem:double_add", "proof", "add"),
    ("lem:double_eq", "statement", "add"),
    ("lem:double_eq", "proof", "add"),
    ("lem:tri_values", "proof", "add"),
    ("lem:double_mono", "proof", "remove"),
    ("def:half", "statement", "remove"),
    ("lem:half", "statement", "remove"),
    ("lem:odd_one", "statement", "add"),
    ("lem:odd_one", "proof", "add"),
    ("cor:even_iff", "proof", "remove"),
    ("lem:odd_square", "statement", "remove"),
    ("lem:total_append", "proof", "add"),
    ("lem:odd_of_mem", "proof", "add"),
    ("thm:total_odds", "proof", "remove"),
    ("cor:gauss_reverse", "proof", "remove"),
    ("cor:even_mul_succ", "proof", "add"),
    ("cor:square_parity", "statement", "add"),
    ("cor:square_parity", "proof", "add"),
    ("thm:main", "proof", "remove"),
}
"""The marks that do not tell the truth: node, part, and what is to be done."""


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    output: str
    complaint: str


def blueprint(*arguments: str) -> Ran:
    done = CliRunner().invoke(cli.main, ["blueprint", *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return Ran(done.exit_code, done.stdout, done.stderr)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project, with Windows' line ends in one of its chapters."""
    shutil.copytree(PROJECT, tmp_path / "project")
    chapter = tmp_path / "project" / "blueprint" / "src" / "chapter" / "parity.tex"
    chapter.write_bytes(chapter.read_bytes().replace(b"\n", b"\r\n"))
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


def sources(project: Path) -> dict[str, bytes]:
    """Every file of the project but Unsorry's own."""
    own = project / ".unsorry"
    files = (p for p in project.rglob("*") if p.is_file() and not p.is_relative_to(own))
    return {path.relative_to(project).as_posix(): path.read_bytes() for path in sorted(files)}


def unmarked(content: bytes) -> bytes:
    """A file without any mark and without white space."""
    return b"".join(content.replace(b"\\leanok", b"").split())


def test_status_says_how_far_every_node_is(project: Path) -> None:
    ran = blueprint("status", "--json")
    assert ran.code == 0, ran.complaint
    said = json.loads(ran.output)
    assert json.loads((project / ".unsorry" / "blueprint.json").read_text()) == said
    shown = blueprint_figures(project)
    assert shown.state == "known" and shown.found is not None
    assert {node.label: node.state for node in shown.found.nodes} == {
        node["label"]: node["state"] for node in said["nodes"]
    }
    assert shown.found.coverage["stated"].nodes == said["coverage"]["stated"]["nodes"]
    assert [one.label for one in shown.found.critical][:1] == ["thm:main"]
    assert len(shown.found.wrong_marks) == len(WRONG)
    nodes = {node["label"]: node for node in said["nodes"]}
    assert len(nodes) == 63 and "lem:old" not in nodes and "lem:dropped" not in nodes
    assert said["problems"] == []
    states = {label: node["state"] for label, node in nodes.items()}
    # With a sorry of its own; resting on one of its file; on one of another file.
    for label in ("lem:square_succ", "cor:even_iff", "thm:total_odds"):
        assert states[label] == "stated"
    assert nodes["lem:square_succ"]["reason"] == "Gauss.square_succ: it has a sorry"
    assert nodes["thm:total_odds"]["reason"].startswith("Gauss.total_odds: it rests on")
    # A definition that is a sorry, and a theorem about it that has a proof.
    assert (states["def:half"], states["lem:half"]) == ("can be stated", "waits")
    # No such declaration; none named; not ready; the library's.
    assert nodes["lem:odd_square"]["reason"] == "Lean knows no Gauss.odd_square"
    assert (states["thm:cubes"], states["conj:more"]) == ("can be stated", "not ready")
    assert states["mathlib:mul_comm"] == states["lem:tri_values"] == "fully proved"
    assert nodes["lem:even_square"]["uses"] == ["def:even", "def:square", "lem:square_mul"]
    assert said["coverage"]["stated"] == {"nodes": 56, "of": 63, "share": 0.8889}
    assert {name: part["nodes"] for name, part in said["coverage"].items()} == {
        "stated": 56,
        "can_state": 61,
        "can_prove": 48,
        "proved": 35,
        "fully_proved": 43,
    }
    critical = [node["label"] for node in said["critical"]]
    assert critical[:3] == ["thm:main", "lem:tri_add_tri", "thm:cubes"] and len(critical) == 20
    assert {(m["label"], m["part"], m["change"]) for m in said["wrong_marks"]} == WRONG


def test_sync_changes_only_marks_and_a_second_time_nothing(project: Path) -> None:
    before = sources(project)
    looked = blueprint("sync", "--check")
    assert looked.code == 1 and sources(project) == before
    changed = [line[1:].strip() for line in looked.output.splitlines() if line[:1] in "+-"]
    assert "\\leanok" in changed and looked.output.count("+++ blueprint/src/chapter/") == 4
    written = blueprint("sync", "--write")
    assert written.code == 0, written.complaint
    assert written.output.endswith("Changed 20 \\leanok in 4 files: 12 added, 8 removed.\n")
    after = sources(project)
    differ = {name for name in before if before[name] != after[name]}
    assert differ == {
        f"blueprint/src/chapter/{name}.tex" for name in ("basic", "parity", "sums", "main")
    }
    for name in differ:
        assert unmarked(after[name]) == unmarked(before[name])
        windows = after[name].count(b"\r\n")
        assert windows == (after[name].count(b"\n") if b"\r\n" in before[name] else 0)
    again = blueprint("sync", "--write")
    assert (again.code, again.output) == (0, "Every \\leanok is right.\n")
    assert sources(project) == after


def test_a_proof_in_lean_moves_the_marks(project: Path) -> None:
    blueprint("sync", "--write")
    lean = project / "Gauss" / "Main.lean"
    text = lean.read_text()
    assert "rw [total_downFrom, gauss]" in text
    lean.write_text(text.replace("rw [total_downFrom, gauss]", "sorry"))
    ran = blueprint("sync")
    assert "\\leanok in 1 file" in ran.output and ": 0 to add, 1 to remove." in ran.output


def test_a_file_that_lean_can_not_read_takes_no_mark_away(project: Path) -> None:
    blueprint("sync", "--write")
    lean = project / "Gauss" / "Main.lean"
    lean.write_text("import Nowhere\n" + lean.read_text())
    ran = blueprint("sync")
    assert ran.code == 2 and ran.output == "Every \\leanok is right.\n"
    assert "Gauss/Main.lean was not read" in ran.complaint
    ran = blueprint("status")
    assert re.search(r"thm:main +theorem +unknown +Gauss.main was not found", ran.output)


def test_without_a_blueprint_there_is_one_line(tmp_path: Path) -> None:
    ran = blueprint("status", "--workspace", str(tmp_path))
    assert (ran.code, ran.output) == (2, "")
    assert ran.complaint.startswith("unsorry: There is no blueprint in")


def test_without_networkx_there_is_one_line(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "networkx", None)
    ran = blueprint("status")
    assert (ran.code, ran.output) == (2, "")
    assert ran.complaint == (
        "unsorry: A blueprint's graph needs networkx. pip install 'unsorry[blueprint]'\n"
    )


async def test_what_the_blueprint_waits_for_is_searched_first(project: Path) -> None:
    settings = Settings(automatic=False, sessions=1, spare=False, remember=False)
    async with Engine.open(Workspace.at(project), settings) as engine:
        view = await engine.update("Gauss/Sums.lean", (project / "Gauss/Sums.lean").read_text())
        assert view is not None
        ranks = {goal.hole.declaration: engine.scheduler.rank(goal) for goal in view.goals}
        planned = engine.scheduler.criticality.planned
        assert planned("Gauss.total_reverse") > planned("Gauss.length_odds") == 0
        assert ranks["Gauss.total_reverse"][3] < ranks["Gauss.length_odds"][3]
