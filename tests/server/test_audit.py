"""`unsorry audit`: what a run found, packed, and checked again by a fresh Lean."""

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from search.ledger import Ledger
from server import cli

BASE = "def double (n : Nat) : Nat := n + n\n"
DEMO = """\
import Base

theorem double_pos (n : Nat) (h : 0 < n) : 0 < double n := by
  sorry

theorem wrong (n : Nat) : double n = n := by
  sorry
"""
WRITTEN = "theorem two (a b : Nat) : a + b = b + a ∧ True := by\r\n  sorry\r\n"
PROVE = ("prove", "--timeout", "30", "--jobs", "1")
"""One strategy at a time: of several that end together each success is written down."""
FILES = {"incidents.json", "journal.jsonl", "metrics.json", "proofs.json", "sources.json"}


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    output: str
    complaint: str


def unsorry(*arguments: str) -> Ran:
    done = CliRunner().invoke(cli.main, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return Ran(done.exit_code, done.stdout, done.stderr)


def last_run(place: Path) -> str:
    ledger = Ledger.open(place / ".unsorry" / "ledger.db")
    try:
        run = ledger.find_run()
        assert run is not None and run.command == "prove"
        return run.run
    finally:
        ledger.close()


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A workspace in which two runs have proved something, and the pack of each in order."""
    place = tmp_path_factory.mktemp("audited")
    (place / "Base.lean").write_text(BASE)
    (place / "Demo.lean").write_text(DEMO)
    (place / "Written.lean").write_bytes(WRITTEN.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        assert "1 proved, 1 refuted" in unsorry(*PROVE, "Demo.lean").output
        first = unsorry("audit", "--last")
        assert first.code == 0, first.complaint
        assert "1 proved" in unsorry(*PROVE, "--write", "Written.lean").output
        second = unsorry("audit", last_run(place), "--out", "second")
        assert second.code == 0, second.complaint
    return Path(first.output.splitlines()[0]), place / "second"


@pytest.fixture
def pack(packed: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the first pack, far from its workspace."""
    shutil.copytree(packed[0], tmp_path / "pack")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "pack"


def test_a_pack_has_everything_of_its_run(packed: tuple[Path, Path]) -> None:
    pack = packed[0]
    manifest = json.loads((pack / "manifest.json").read_text())
    assert pack == pack.parents[1] / "packs" / manifest["run"]
    assert {path.name for path in pack.iterdir()} == {"manifest.json", *FILES}
    assert set(manifest["files"]) == FILES and manifest["command"] == "prove"
    assert manifest["lean"]["version"] == "4.28.0" and manifest["configuration"]["profile"] == 0
    journal = [json.loads(line) for line in (pack / "journal.jsonl").read_text().splitlines()]
    assert [event["number"] for event in journal] == list(range(1, len(journal) + 1))
    assert [event["at"] for event in journal] == sorted(event["at"] for event in journal)
    assert (journal[0]["event"], journal[-1]["event"]) == ("run_started", "run_ended")
    outcomes = [event["outcome"] for event in journal if event["event"] == "attempt"]
    assert outcomes.count("proved") == outcomes.count("refuted") == 1
    (proof,) = json.loads((pack / "proofs.json").read_text())
    assert (proof["declaration"], proof["file"], proof["at"]) == ("double_pos", "Demo.lean", "hole")
    assert proof["command"] == f"unsorry audit verify . --goal {proof['goal']}"
    assert set(json.loads((pack / "sources.json").read_text())) == {"Base.lean", "Demo.lean"}
    metrics = json.loads((pack / "metrics.json").read_text())
    assert metrics["attempts"] == len(outcomes) and metrics["proofs"] == 1


def test_a_pack_passes_far_from_its_workspace(pack: Path) -> None:
    ran = unsorry("audit", "verify", str(pack))
    assert (ran.code, ran.complaint) == (0, "")
    assert ran.output == f"{pack} is as it was packed: 5 files, 1 of 1 proofs confirmed by Lean.\n"


def test_the_command_of_a_record_checks_it(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (proof,) = json.loads((pack / "proofs.json").read_text())
    monkeypatch.chdir(pack)
    _, *arguments = proof["command"].split()
    assert unsorry(*arguments).code == 0
    assert "no proof of a goal ffff" in unsorry("audit", "verify", ".", "--goal", "ffff").complaint


def test_one_byte_of_a_proof_is_named(pack: Path) -> None:
    path = pack / "proofs.json"
    (proof,) = json.loads(path.read_text())
    broken = "q" + proof["script"][1:]
    path.write_text(path.read_text().replace(json.dumps(proof["script"]), json.dumps(broken)))
    ran = unsorry("audit", "verify", str(pack))
    assert ran.code == 1
    first, second, third, last = ran.output.splitlines()
    name = f"double_pos (Demo.lean, goal {proof['goal'][:12]})"
    assert first == "proofs.json is not as it was packed"
    assert second == f"the proof of {name} is not as it was packed"
    assert third.startswith(f"the proof of {name} does not hold: ")
    assert last == f"{pack} differs: 0 of 1 proofs confirmed by Lean."


def test_a_forged_manifest_does_not_deceive_lean(pack: Path) -> None:
    """Whoever changes a source and all hashes still has to get past Lean."""
    forged = json.loads((pack / "sources.json").read_text())
    forged["Base.lean"] = BASE.replace("n + n", "n - n")
    content = json.dumps(forged).encode()
    (pack / "sources.json").write_bytes(content)
    manifest = json.loads((pack / "manifest.json").read_text())
    manifest["files"]["sources.json"]["sha256"] = hashlib.sha256(content).hexdigest()
    (pack / "manifest.json").write_text(json.dumps(manifest))
    ran = unsorry("audit", "verify", str(pack))
    assert ran.code == 1 and "not as it was packed" not in ran.output
    assert "0 of 1 proofs confirmed by Lean" in ran.output


def test_missing_and_foreign_files_are_named(pack: Path) -> None:
    (pack / "metrics.json").unlink()
    (pack / "more.txt").write_text("more")
    ran = unsorry("audit", "verify", str(pack))
    assert ran.code == 1
    assert "metrics.json can't be read: No such file or directory" in ran.output
    assert "more.txt does not belong to the pack" in ran.output


def test_a_proof_that_was_written_into_its_file_is_checked_there(
    packed: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (proof,) = json.loads((packed[1] / "proofs.json").read_text())
    assert (proof["declaration"], proof["at"]) == ("two", "source")
    ran = unsorry("audit", "verify", str(packed[1]))
    assert ran.code == 0 and "1 of 1 proofs confirmed" in ran.output


def test_the_same_words_for_another_statement_are_no_proof(
    packed: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    pack = Path(shutil.copytree(packed[1], tmp_path / "pack"))
    (proof,) = json.loads((pack / "proofs.json").read_text())
    sources = json.loads((pack / "sources.json").read_text())
    words = f"theorem two : True := by\n  trivial /- {proof['script']} -/\n"
    (pack / "sources.json").write_text(json.dumps({**sources, "Written.lean": words}))
    ran = unsorry("audit", "verify", str(pack))
    assert "two in Written.lean does not have this proof of this goal" in ran.output
    assert "0 of 1 proofs confirmed by Lean" in ran.output


def test_mistakes_get_one_line(pack: Path, packed: tuple[Path, Path]) -> None:
    workspace = str(packed[0].parents[1])
    for arguments, said in [
        (["audit", "verify", "nowhere"], "There is no audit pack in nowhere"),
        (["audit", "--last", "--workspace", workspace, "--out", str(pack)], "is not empty"),
        (["audit", "nonsense", "--workspace", workspace], "The ledger knows no run nonsense"),
        (["audit", "--last"], "There is no ledger at"),
    ]:
        ran = unsorry(*arguments)
        assert (ran.code, ran.output) == (2, "")
        assert said in ran.complaint and len(ran.complaint.splitlines()) == 1
    (pack / "manifest.json").write_text("{")
    assert "manifest.json is damaged" in unsorry("audit", "verify", str(pack)).complaint
