"""Reading banks: what is in ours, and what a broken one is told."""

import json
from pathlib import Path

import pytest

from bench.lemmas import DIFFICULTIES, Lemma, default_bank, false_statements, load_bank
from lean.errors import WorkspaceError

GOOD = json.dumps({"id": "a", "statement": "theorem a : 1 = 1"})


def test_our_bank_is_as_large_as_promised() -> None:
    lemmas = load_bank(default_bank())
    assert len(lemmas) >= 120
    assert {lemma.difficulty for lemma in lemmas} == set(DIFFICULTIES)
    assert all(lemma.tags and ":=" not in lemma.statement.split(":", 1)[0] for lemma in lemmas)
    assert len(load_bank(false_statements())) >= 30


def test_a_lemma_becomes_a_file_with_one_hole() -> None:
    lemma = Lemma("a", "theorem a : f 1 = 1", preamble="def f (n : Nat) := n\n\n")
    assert lemma.text == "def f (n : Nat) := n\n\ntheorem a : f 1 = 1 := by\n  sorry\n"
    assert Lemma("a", "theorem a : 1 = 1").text == "theorem a : 1 = 1 := by\n  sorry\n"


def test_empty_lines_are_passed_over_and_the_limit_is_kept(tmp_path: Path) -> None:
    bank = tmp_path / "bank.jsonl"
    other = json.dumps({"id": "b", "statement": "theorem b : 1 = 1"})
    bank.write_text(f"\n{GOOD}\n\n{other}\n", "utf-8")
    assert [lemma.identifier for lemma in load_bank(bank)] == ["a", "b"]
    assert len(load_bank(bank, limit=1)) == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "bank.jsonl:1"),
        (f"{GOOD}\nnonsense", "bank.jsonl:2"),
        ("[]", "not a JSON object"),
        ('{"id": "a"}', "'statement' must be a text"),
        ('{"id": 7, "statement": "theorem a : 1 = 1"}', "'id' must be a text"),
        (f"{GOOD}\n{GOOD}", "taken by line 1"),
        ('{"id": "a", "statement": "s", "difficulty": "huge"}', "easy, medium, hard"),
        ("", "has no lemmas"),
        ("\n\n", "has no lemmas"),
    ],
)
def test_a_broken_bank_is_told_where(tmp_path: Path, content: str, says: str) -> None:
    bank = tmp_path / "bank.jsonl"
    bank.write_text(content, "utf-8")
    with pytest.raises(WorkspaceError, match="bank") as error:
        load_bank(bank)
    assert says in str(error.value)


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="There is no bank"):
        load_bank(tmp_path / "none.jsonl")
    with pytest.raises(WorkspaceError, match="is a folder"):
        load_bank(tmp_path)
    (tmp_path / "latin.jsonl").write_bytes(b"\xe9\n")
    with pytest.raises(WorkspaceError, match="not UTF-8"):
        load_bank(tmp_path / "latin.jsonl")
