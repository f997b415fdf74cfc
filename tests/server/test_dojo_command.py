"""`unsorry dojo`: what is missing is said, with exit code 3."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lean.errors import WorkspaceError
from lean.workspace import Workspace
from search.dojo.tracing import Proof
from search.ledger import Ledger
from search.records import Fingerprint, GoalRecord, ProofRecord
from server import cli
from server.dojo_command import proof_at

FILE = "theorem t (x : Nat) : x = x := by\n  sorry\n"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace without a native Lean."""
    work = tmp_path / "work"
    work.mkdir()
    (work / "lean-toolchain").write_text("leanprover/lean4:v4.20.0\n")
    (work / "P.lean").write_text(FILE)
    monkeypatch.chdir(work)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    return work


def dojo(*arguments: str) -> Result:
    done = CliRunner().invoke(cli.main, ["dojo", *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def fill(ledger: Ledger, helper: str = "") -> None:
    goal = GoalRecord("k" * 32, "k" * 32, "", "⊢ x = x", "P.lean", "t", 2, 3, hypotheses=("x",))
    ledger.see([goal], 1.0)
    proof = ProofRecord(goal.key, "exact f n", "s", Fingerprint("t", "p"), ("n",), helper)
    ledger.record_proof(proof)


def test_the_doctor_has_a_line_for_each_thing() -> None:
    done = dojo("doctor")
    assert done.exit_code == 3 and done.stderr == ""
    lines = done.stdout.splitlines()
    assert len(lines) == 11
    assert {line.split()[0] for line in lines} == {"ok", "missing"}
    (lake,) = [line for line in lines if line.split()[1] == "lake"]
    assert lake.startswith("missing") and "Install elan" in lake


@pytest.mark.parametrize("arguments", [["trace"], ["check", "P.lean:2"]])
def test_what_can_not_be_used_is_one_line(place: Path, arguments: list[str]) -> None:
    (place / ".unsorry").mkdir()
    ledger = Ledger.open(place / ".unsorry" / "ledger.db")
    fill(ledger)
    ledger.close()
    done = dojo(*arguments)
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr.startswith(f"unsorry: LeanDojo can't be used in {place}: lake: not on")
    assert done.stderr.count("\n") == 1


def test_no_ledger_and_no_place() -> None:
    assert dojo("check", "P.lean:2").exit_code == 2
    assert "form FILE:LINE" in dojo("check", "P.lean").stderr


def test_the_proof_has_the_names_of_the_hole(place: Path) -> None:
    ledger = Ledger.in_memory()
    workspace = Workspace.at(place)
    with pytest.raises(WorkspaceError, match=r"no proof for a hole at P\.lean:2"):
        proof_at(ledger, workspace, Path("P.lean"), 2)
    fill(ledger)
    found = proof_at(ledger, workspace, Path("P.lean"), 2)
    assert found == Proof("P.lean", "t", 2, 3, "exact f x")
    with pytest.raises(WorkspaceError, match=r"no proof for a hole at P\.lean:1"):
        proof_at(ledger, workspace, Path("P.lean"), 1)
    Path("P.lean").write_text(FILE.replace("sorry", "rfl"))
    with pytest.raises(WorkspaceError, match=r"no sorry at P\.lean:2:3 any more"):
        proof_at(ledger, workspace, Path("P.lean"), 2)


def test_a_proof_with_a_lemma_of_its_own(place: Path) -> None:
    ledger = Ledger.in_memory()
    fill(ledger, helper="theorem f (n : Nat) : n = n := rfl")
    with pytest.raises(WorkspaceError, match="needs a lemma of its own"):
        proof_at(ledger, Workspace.at(place), Path("P.lean"), 2)
