"""Proofs exchanged between machines: whole files come in whole, others not at all."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from search.cache_file import export_cache, import_cache
from search.errors import CacheFileError
from search.ledger import Ledger
from tests.search.ledger_rows import EDITED, HERE, UPGRADED, goal, proof

PROOFS = [
    proof("a", "exact h\n  <;> simp\u2028", hypotheses=("h", ""), helper="theorem x : True := x"),
    proof("a", "omega", seconds=0.25, length=2, axioms=("propext",), premises=("Nat.le",)),
    proof("b", "omega", fingerprint=UPGRADED),
]


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    ledger = Ledger.in_memory()
    yield ledger
    ledger.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An exported cache of three proofs."""
    source = Ledger.in_memory()
    source.see([goal("a", core="core of a")], seen_at=1.0)
    for found in PROOFS:
        source.record_proof(found)
    source.record_proof(proof("c", "withdrawn"))
    source.withdraw_proof("c", "withdrawn", "why")
    assert export_cache(source, tmp_path / "cache.jsonl") == 3
    source.close()
    return tmp_path / "cache.jsonl"


def test_imported_proofs_are_the_same_but_not_verified(ledger: Ledger, file: Path) -> None:
    assert import_cache(ledger, file) == 3
    found = ledger.proofs("a", "core of a", HERE)
    assert {(row.script, row.helper, row.hypotheses) for row in found} == {
        (row.script, row.helper, row.hypotheses) for row in PROOFS if row.goal == "a"
    }
    assert found == ledger.proofs("another", "core of a", EDITED)
    assert {(row.verified_at, row.origin) for row in found} == {(0.0, "import")}
    (omega,) = [row for row in found if row.script == "omega"]
    assert (omega.seconds, omega.length) == (0.25, 2)
    assert (omega.axioms, omega.premises) == (("propext",), ("Nat.le",))
    assert ledger.proofs("b", "b", HERE) == []
    assert len(ledger.proofs("b", "b", UPGRADED)) == 1


def test_what_is_known_here_is_kept(ledger: Ledger, file: Path) -> None:
    ledger.record_proof(proof("a", "omega", seconds=9.0))
    assert import_cache(ledger, file) == 2
    assert import_cache(ledger, file) == 0
    kept = ledger.proofs("a", "a", HERE)[0]
    assert (kept.script, kept.seconds, kept.origin) == ("omega", 9.0, "search")


def test_a_file_can_be_compressed_and_says_what_it_is(
    ledger: Ledger, file: Path, tmp_path: Path
) -> None:
    import_cache(ledger, file)
    packed = tmp_path / "cache.jsonl.gz"
    assert export_cache(ledger, packed) == 3
    header, *lines = gzip.decompress(packed.read_bytes()).decode().rstrip("\n").split("\n")
    said = json.loads(header)
    assert (said["format"], said["version"], said["proofs"]) == ("unsorry-cache", 1, len(lines))
    assert said["lean"] == [HERE.toolchain, UPGRADED.toolchain]
    other = Ledger.in_memory()
    assert import_cache(other, packed) == 3
    other.close()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"length":2', '"length":"two"', r"line 3: length: Input should be a valid integer"),
        ('"length":2', '"length":-2', r"line 3: length"),
        ('"seconds":0.25', '"seconds":1e999', r"line 3: seconds"),
        ('"goal":"b",', "", r"line 4: goal: Field required"),
        ('"goal":"b",', '"goal":"b', r"line 4: Invalid JSON"),
        ('"unsorry-cache"', '"other-cache"', r"line 1: format.*`unsorry cache export`"),
        ('{"format"', "PK", r"is not an exported cache \(line 1"),
        ('"version":1', '"version":2', r"newer Unsorry \(version 2, here 1\)"),
        ('"proofs":3', '"proofs":4', r"promises 4 proofs, and line 4 is the last"),
        (',"proofs":3', "", r"line 1: proofs: Field required"),
    ],
)
def test_of_a_damaged_file_nothing_is_imported_and_the_line_is_named(
    ledger: Ledger, file: Path, old: str, new: str, message: str
) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(CacheFileError, match=message):
        import_cache(ledger, file)
    assert ledger.every_proof() == []


@pytest.mark.parametrize("part", [0.0, 0.3, 0.9, 0.999])
def test_a_file_that_was_cut_off_is_refused(
    ledger: Ledger, file: Path, tmp_path: Path, part: float
) -> None:
    data = file.read_bytes()
    packed = gzip.compress(data)
    file.write_bytes(data[: int(len(data) * part) - 1] if part else b"")
    cut = tmp_path / "cut.gz"
    cut.write_bytes(packed[: int(len(packed) * part)])
    for damaged in (file, cut):
        with pytest.raises(CacheFileError):
            import_cache(ledger, damaged)
    assert ledger.every_proof() == []


def test_bytes_that_are_no_text_are_named_by_line(ledger: Ledger, file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"propext", b"prop\xff\xfe"))
    with pytest.raises(CacheFileError, match=r"line 3: this is not UTF-8"):
        import_cache(ledger, file)


def test_files_that_can_not_be_opened_are_explained(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(CacheFileError, match="can't be read"):
        import_cache(ledger, tmp_path / "missing")
    with pytest.raises(CacheFileError, match="can't be written"):
        export_cache(ledger, tmp_path / "missing" / "cache.jsonl")


def test_an_export_that_fails_leaves_the_old_file(ledger: Ledger, tmp_path: Path) -> None:
    folder = tmp_path / "cache.jsonl"
    folder.mkdir()
    with pytest.raises(CacheFileError):
        export_cache(ledger, folder)
    assert list(tmp_path.iterdir()) == [folder]
