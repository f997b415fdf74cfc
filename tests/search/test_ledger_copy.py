"""A copy of a ledger has all that the original has, and leaves no trace beside it."""

from pathlib import Path

import pytest

from search.errors import LedgerError
from search.ledger import Ledger
from search.ledger_copy import copy_ledger
from tests.search.ledger_rows import goal, proof


def keys(path: Path) -> set[str]:
    ledger = Ledger.open(path)
    try:
        return {record.key for record in ledger.goals("proved")}
    finally:
        ledger.close()


def filled(path: Path) -> Ledger:
    ledger = Ledger.open(path)
    ledger.see([goal("a"), goal("b")], 1.0)
    ledger.record_proof(proof("a"))
    return ledger


def test_a_ledger_at_rest_is_copied_without_a_trace(tmp_path: Path) -> None:
    path = tmp_path / "own" / "ledger.db"
    filled(path).close()
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    copy_ledger(path, tmp_path / "copy.db")
    assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == before
    assert keys(tmp_path / "copy.db") == {"a"}


def test_what_a_running_program_has_written_is_in_the_copy(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = filled(path)
    try:
        assert path.with_name("ledger.db-wal").exists()
        ledger.record_proof(proof("b"))
        copy_ledger(path, tmp_path / "copy.db")
    finally:
        ledger.close()
    assert keys(tmp_path / "copy.db") == {"a", "b"}


def test_there_has_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="There is no ledger at"):
        copy_ledger(tmp_path / "ledger.db", tmp_path / "copy.db")
