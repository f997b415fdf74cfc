"""Whatever stands in the ledger, from wherever it comes: Lean checks it here and now."""

from pathlib import Path

import pytest

from search.ledger import Ledger
from search.records import ProofRecord
from tests.server.check.checked_repository import check, check_json, holes, write

DOCUMENT = """axiom anything : ∀ p : Prop, p

theorem fermat (a b c n : Nat) (h : n > 2) (ha : a > 0) (hb : b > 0) (hc : c > 0) :
    a ^ n + b ^ n ≠ c ^ n := by sorry

theorem total : (List.range 30).foldl (· + ·) 0 = 435 := by sorry
"""
WRONG = {
    "wrong": "omega",
    "sorry": "exact sorryAx _ false",
    "sorry as a tactic": "sorry",
    "a new axiom": "exact anything _",
    "the compiler": "native_decide",
    "its own statement": "exact fermat a b c n h ha hb hc",
    "a command behind it": "trivial\n\naxiom more : False",
}


def plant(root: Path, script: str) -> int:
    """A proof of every goal that the ledger knows; how many."""
    ledger = Ledger.open(root / ".unsorry" / "ledger.db")
    try:
        goals = [goal for goal in ledger.goals() if goal.file == "Planted.lean"]
        for goal in goals:
            (attempt, *_) = ledger.attempts(goal.key)
            proof = ProofRecord(
                goal.key,
                script,
                "planted",
                attempt.fingerprint,
                hypotheses=goal.hypotheses,
                verified_at=1.7e9,
            )
            ledger.record_proof(proof, goal.core)
        return len(goals)
    finally:
        ledger.close()


def rejections(root: Path) -> int:
    """How often a remembered proof was refused."""
    ledger = Ledger.open(root / ".unsorry" / "ledger.db")
    try:
        return sum(one.kind == "cached_proof_rejected" for one in ledger.incidents())
    finally:
        ledger.close()


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger that knows both goals, and that one short strategy has failed on them."""
    root = write(tmp_path_factory.mktemp("seen"), {"Planted.lean": DOCUMENT})
    found = holes(check_json(root, "--strategies", "hypotheses"))
    assert found == {"Planted.lean": ["open", "open"]}
    return root


@pytest.mark.parametrize(
    "kinds",
    [
        ("wrong", "sorry", "a new axiom", "the compiler"),
        ("sorry as a tactic", "its own statement", "a command behind it"),
    ],
)
def test_planted_proofs_are_rejected(seen: Path, kinds: tuple[str, ...]) -> None:
    """Each is tried on each goal, none is offered, and none is put into the file."""
    before = rejections(seen)
    for kind in kinds:
        assert plant(seen, WRONG[kind]) == 2
    done = check(seen, "--budget", "0", "--fix", "--fail-on", "provable")
    assert done.returncode == 0, done.stdout
    assert "2 holes: 2 open." in done.stdout
    assert (seen / "Planted.lean").read_text("utf-8") == DOCUMENT
    assert rejections(seen) - before == 2 * len(kinds)


def test_a_planted_proof_that_is_right_is_taken(seen: Path) -> None:
    """So the ones above were refused for what they are."""
    assert plant(seen, "rfl") == 2
    report = check_json(seen, "--budget", "0")
    assert holes(report) == {"Planted.lean": ["open", "provable"]}
    assert report["files"][0]["holes"][1]["known"]
