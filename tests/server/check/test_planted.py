"""Whatever stands in the ledger, from wherever it comes: Lean checks it here and now."""

from pathlib import Path

import pytest
from checked_repository import check, check_json, holes, write

from search.ledger import Ledger
from search.records import ProofRecord

DOCUMENT = """axiom anything : ∀ p : Prop, p

theorem fermat (a b c n : Nat) (h : n > 2) (ha : a > 0) (hb : b > 0) (hc : c > 0) :
    a ^ n + b ^ n ≠ c ^ n := by sorry

theorem large : 2 ^ 70 % 7 = 2 ∧ (List.range 3000).foldl (· + ·) 0 = 4498500 := by sorry
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


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger that knows both goals, and that one short strategy has failed on them."""
    root = write(tmp_path_factory.mktemp("seen"), {"Planted.lean": DOCUMENT})
    found = holes(check_json(root, "--strategies", "hypotheses"))
    assert found == {"Planted.lean": ["open", "open"]}
    return root


def test_planted_proofs_are_rejected(seen: Path) -> None:
    """All of them at once: each is tried, none is offered, and none is put into the file."""
    for script in WRONG.values():
        assert plant(seen, script) == 2
    done = check(seen, "--budget", "0", "--fix", "--fail-on", "provable")
    assert done.returncode == 0, done.stdout
    assert "2 holes: 2 open." in done.stdout
    assert (seen / "Planted.lean").read_text("utf-8") == DOCUMENT
    ledger = Ledger.open(seen / ".unsorry" / "ledger.db")
    try:
        left = {
            proof.script
            for goal in ledger.goals()
            for attempt in ledger.attempts(goal.key)[:1]
            for proof in ledger.proofs(goal.key, goal.core, attempt.fingerprint)
        }
    finally:
        ledger.close()
    # What could be no proof anywhere is withdrawn for good.
    assert not left & {WRONG["wrong"], WRONG["sorry"], WRONG["a new axiom"], WRONG["the compiler"]}


def test_a_planted_proof_that_is_right_is_taken(seen: Path) -> None:
    """So the ones above were refused for what they are."""
    assert plant(seen, "decide") == 2
    assert plant(seen, "constructor <;> rfl") == 2
    report = check_json(seen, "--budget", "0")
    assert holes(report) == {"Planted.lean": ["open", "provable"]}
    assert report["files"][0]["holes"][1]["known"]
