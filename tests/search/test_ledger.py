"""What the ledger remembers, and for whom it counts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from search.knowledge import ENDED_BY_ITSELF, failures, tried
from search.ledger import Ledger
from search.records import IncidentRecord, RefutationRecord
from tests.search.ledger_rows import EDITED, HERE, UPGRADED, attempt, goal, proof


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger.open(tmp_path / ".unsorry" / "ledger.db")
    yield ledger
    ledger.close()


def test_a_goal_seen_again_keeps_its_status_and_costs(ledger: Ledger) -> None:
    ledger.see([goal()], seen_at=10.0)
    ledger.record_attempt(attempt(seconds=2.0))
    ledger.record_attempt(attempt(seconds=3.0), heavy=True)
    ledger.record_proof(proof())
    (seen,) = ledger.see([goal(line=7, hypotheses=("h", ""), display="⊢ x = y")], seen_at=20.0)
    assert (seen.status, seen.spent_light, seen.spent_heavy) == ("proved", 2.0, 3.0)
    assert (seen.line, seen.hypotheses, seen.display) == (7, ("h", ""), "⊢ x = y")
    assert (seen.first_seen, seen.last_seen) == (10.0, 20.0)
    assert seen == ledger.goal("key")


def test_seeing_answers_in_the_order_asked(ledger: Ledger) -> None:
    seen = ledger.see([goal("b"), goal("a"), goal("b", line=9)], seen_at=1.0)
    assert [row.key for row in seen] == ["b", "a", "b"]


def test_a_goal_is_found_by_the_beginning_of_its_key(ledger: Ledger) -> None:
    ledger.see([goal("abc"), goal("abd"), goal("ab")], seen_at=1.0)
    found = {prefix: ledger.goal(prefix) for prefix in ("abc", "abd", "ab", "a", "x", "")}
    keys = {prefix: row.key if row else None for prefix, row in found.items()}
    assert keys == {"abc": "abc", "abd": "abd", "ab": "ab", "a": None, "x": None, "": None}


def test_goals_are_listed_by_file_and_status(ledger: Ledger) -> None:
    ledger.see([goal("a"), goal("b"), goal("a", file="B.lean")], seen_at=1.0)
    ledger.set_status("b", "skipped")
    assert {row.key for row in ledger.goals(file="A.lean")} == {"a", "b"}
    assert {row.key for row in ledger.goals(file="B.lean")} == {"a"}
    assert [row.key for row in ledger.goals(status="skipped")] == ["b"]


def test_places_follow_the_document(ledger: Ledger) -> None:
    ledger.see([goal("a", line=3), goal("a", line=8), goal("b")], seen_at=1.0)
    ledger.see([goal("a", line=4), goal("a", line=9)], seen_at=2.0)
    assert [place[2] for place in ledger.places("a")] == [4, 9]
    ledger.forget_places("A.lean", keep={"a"})
    assert ledger.places("b") == []
    assert ledger.goals(file="A.lean")[0].key == "a"
    assert ledger.goal("b") is not None


def test_an_attempt_reads_back_as_it_was_written(ledger: Ledger) -> None:
    ledger.see([goal()], seen_at=1.0)
    written = attempt(remaining=("⊢ a ∧ b",), premises=("Nat.le",), reason="x", run="r")
    identifier = ledger.record_attempt(written)
    assert ledger.attempts("key") == [written]
    assert ledger.record_attempt(written) == identifier + 1


def test_only_what_failed_by_itself_under_this_fingerprint_is_not_repeated(ledger: Ledger) -> None:
    ledger.record_attempts(
        [
            attempt(budget_seconds=8.0),
            attempt(budget_seconds=20.0, outcome="timeout"),
            attempt(budget_seconds=60.0, fingerprint=EDITED),
            attempt(budget_seconds=60.0, outcome="cancelled"),
            attempt(budget_seconds=60.0, outcome="error"),
            attempt(parameters='{"depth": 2}'),
            attempt("other"),
        ]
    )
    attempts = ledger.attempts("key")
    assert tried(failures(attempts, HERE)) == {
        # With more time only the one that was stopped by the clock could do better.
        ("simplify", "{}"): {(ENDED_BY_ITSELF, 200_000), (20.0, 200_000)},
        ("simplify", '{"depth": 2}'): {(ENDED_BY_ITSELF, 200_000)},
    }
    assert tried(failures(attempts, UPGRADED)) == {}


def test_proofs_are_served_best_first_and_also_to_goals_with_the_same_core(ledger: Ledger) -> None:
    ledger.see([goal("long", core="short")], seen_at=1.0)
    ledger.record_proof(proof("short", "of another goal"))
    ledger.record_proof(proof("long", "five lines", length=5))
    ledger.record_proof(proof("long", "one line"))
    ledger.add_imported([(proof("long", "imported", origin="import", verified_at=0.0), "short")])
    scripts = [found.script for found in ledger.proofs("long", "short", HERE)]
    assert scripts == ["one line", "five lines", "imported", "of another goal"]
    assert len(ledger.proofs("third", "short", HERE)) == 4


def test_another_toolchain_sees_no_proof_an_edited_project_does(ledger: Ledger) -> None:
    ledger.record_proof(proof())
    assert ledger.proofs("key", "key", UPGRADED) == []
    assert ledger.proofs("key", "key", EDITED) == [proof()]


def test_a_withdrawn_proof_is_not_served_until_it_is_found_again(ledger: Ledger) -> None:
    ledger.see([goal()], seen_at=1.0)
    ledger.record_proof(proof())
    ledger.withdraw_proof("key", "omega", "unknown identifier")
    assert ledger.proofs("key", "key", HERE) == []
    assert [row.key for row in ledger.goals(status="open")] == ["key"]
    ledger.record_proof(proof())
    assert ledger.proofs("key", "key", HERE) == [proof()]
    assert ledger.goals(status="open") == []


def test_a_proof_that_was_rejected_here_comes_last(ledger: Ledger) -> None:
    ledger.record_proof(proof(script="short"))
    ledger.record_proof(proof(script="longer", length=3))
    ledger.use_proof(proof(script="short"), accepted=False, seconds=0.1)
    assert [found.script for found in ledger.proofs("key", "key", HERE)] == ["longer", "short"]


def test_an_imported_proof_is_verified_when_lean_has_accepted_it(ledger: Ledger) -> None:
    ledger.see([goal()], seen_at=1.0)
    imported = proof(origin="import", verified_at=0.0)
    assert ledger.add_imported([(imported, "key")]) == 1
    assert ledger.add_imported([(imported, "key")]) == 0
    assert ledger.goals(status="proved") == []
    ledger.use_proof(imported, accepted=True, seconds=0.1)
    assert ledger.goals(status="proved") != []
    assert ledger.proofs("key", "key", HERE)[0].verified_at > 0


def test_a_refutation_is_served_until_it_is_withdrawn(ledger: Ledger) -> None:
    ledger.see([goal()], seen_at=1.0)
    found = RefutationRecord("key", (("n", "0"), ("m", "1")), "decide", HERE, 5.0)
    ledger.record_refutation(found)
    assert ledger.refutations("key", EDITED) == [found]
    assert ledger.refutations("key", UPGRADED) == []
    assert [row.key for row in ledger.goals(status="refuted")] == ["key"]
    ledger.withdraw_refutation(found)
    assert ledger.refutations("key", HERE) == []
    assert [row.key for row in ledger.goals(status="open")] == ["key"]


def test_a_proof_teaches_scripts_premises_and_templates(ledger: Ledger) -> None:
    ledger.see([goal("a"), goal("b")], seen_at=1.0)
    for key, name in (("a", "h"), ("b", "hx")):
        found = proof(key, f"exact Nat.le {name}", hypotheses=(name,), premises=("Nat.le",))
        ledger.record_proof(found)
    (made,) = ledger.templates()
    assert (made.template, made.hypotheses, made.premises) == ("exact ⧼p0⧽ ⧼0⧽", 1, 1)
    assert (made.uses, made.goals) == (2, 2)
    assert ledger.premises("a") == [("Nat.le", 1.0, 1)]
    assert ledger.premise_hits() == [("Nat.le", 2)]
    ledger.use_proof(proof("a", "exact Nat.le h"), accepted=False, seconds=0.25)
    (used,) = ledger.scripts("a")
    assert (used.uses, used.successes, used.seconds) == (2, 1, 0.25)
    assert {(row.key, row.hypotheses) for row in ledger.solved_scripts()} == {
        ("a", ("h",)),
        ("b", ("hx",)),
    }


def test_history_is_what_policies_learn_from(ledger: Ledger) -> None:
    ledger.see([goal()], seen_at=1.0)
    for outcome in ("failed", "error", "timeout", "cancelled", "proved"):
        ledger.record_attempt(attempt(outcome=outcome))
    rows = ledger.history(limit=3)
    assert [(row.outcome, row.censored) for row in rows] == [
        ("timeout", True),
        ("cancelled", True),
        ("proved", False),
    ]
    assert rows[0].vector == {"size": 2.0}


def test_statistics_add_up(ledger: Ledger) -> None:
    run = ledger.begin_run("unsorry bg")
    ledger.see([goal("a"), goal("b")], seen_at=1.0)
    ledger.record_attempts(
        [
            attempt("a", outcome="proved", seconds=1.0),
            attempt("a", outcome="timeout", seconds=3.0),
            attempt("b", strategy="grind", outcome="proved", seconds=0.2),
            attempt("b", strategy="refute", outcome="cancelled"),
        ]
    )
    ledger.record_proof(proof("a"))
    for accepted in (True, True, False):
        ledger.use_proof(proof("a"), accepted, seconds=0.1)
    ledger.miss()
    ledger.end_run()
    ledger.record_incident(IncidentRecord("timeout", "low", "engine", "prove", "m", happened_at=2))
    stats = ledger.stats()
    named = {row.strategy: row for row in stats.strategies}
    simplify = named["simplify"]
    assert (simplify.attempts, simplify.successes, simplify.timeouts) == (2, 1, 1)
    assert (simplify.mean_seconds, simplify.mean_success_seconds) == (2.0, 1.0)
    assert (simplify.share, named["grind"].share, named["refute"].share) == (0.5, 0.5, 0.0)
    assert stats.goals == {"open": 1, "proved": 1}
    assert (stats.attempts, stats.proofs, stats.open_tickets) == (4, 1, 0)
    assert stats.incidents == {"timeout": 1}
    assert (stats.hits, stats.rejected, stats.misses, stats.hit_rate) == (2, 1, 1, 0.5)
    assert ledger.stats(run).hits == 2
    assert ledger.stats("another").hits == 0


def test_incidents_come_newest_first(ledger: Ledger) -> None:
    for moment in (1.0, 3.0, 2.0):
        ledger.record_incident(IncidentRecord("timeout", "low", "c", "o", "m", happened_at=moment))
    assert [row.happened_at for row in ledger.incidents(since=2.0)] == [3.0, 2.0]


def test_a_transaction_is_all_or_nothing(ledger: Ledger) -> None:
    with pytest.raises(RuntimeError), ledger.transaction():
        ledger.see([goal()], seen_at=1.0)
        ledger.record_attempt(attempt())
        raise RuntimeError
    assert ledger.goal("key") is None
    assert ledger.attempts("key") == []
