"""The tickets of a real ledger: one wins, nothing is asked for twice, nobody waits in a circle."""

import multiprocessing
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from search.ledger import Ledger
from search.ticket_store import TicketStore, symbols
from search.tickets import LIVE, Context, Ticket, TicketError

NOON = 1_795_262_400.0
DRAFT = Ticket(
    "key",
    "theorem main_aux (xs ys : List Nat) : (rev xs ++ ys).length = xs.length + ys.length",
    "main_aux",
    Context("A.lean", "main", 7, "def rev := 1\n"),
    parent_goal="parent",
    parent_script="intro x",
    expires_at=NOON + 1000,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".unsorry" / "ledger.db"


@pytest.fixture
def store(path: Path) -> Iterator[TicketStore]:
    ledger = Ledger.open(path)
    yield TicketStore(ledger)
    ledger.close()


def test_a_ticket_comes_back_as_it_was(store: TicketStore) -> None:
    opened = store.open(DRAFT, NOON)
    assert opened == replace(DRAFT, ticket_id="lem-2026-11-21-0001", created_at=NOON)
    assert store.show(opened.ticket_id, NOON) == opened
    assert store.show("0001", NOON) == opened
    assert store.goals_waiting(opened.ticket_id) == ["parent"]
    assert store.serving("parent") == [opened.ticket_id]


def test_an_unknown_or_doubtful_id_is_explained(store: TicketStore) -> None:
    with pytest.raises(TicketError, match=r"no ticket lem-1.* tickets list"):
        store.show("lem-1")
    with pytest.raises(TicketError, match="no ticket"):
        store.show("")
    store.open(DRAFT, NOON)
    store.open(DRAFT, NOON + 86_400)
    with pytest.raises(TicketError, match="can mean several"):
        store.show("0001")


def test_numbers_count_within_a_day(store: TicketStore) -> None:
    ids = [
        store.open(replace(DRAFT, goal=f"key{n}", parent_goal=""), at).ticket_id
        for n, at in enumerate([NOON, NOON + 1, NOON + 86_400, NOON + 2])
    ]
    assert [entry[-15:] for entry in ids] == [
        "2026-11-21-0001",
        "2026-11-21-0002",
        "2026-11-22-0001",
        "2026-11-21-0003",
    ]


def test_the_same_is_not_asked_for_twice_while_it_is_wanted(store: TicketStore) -> None:
    first = store.open(DRAFT, NOON)
    assert store.open(DRAFT, NOON + 5) == first
    store.withdraw(first.ticket_id, NOON + 6)
    assert store.open(DRAFT, NOON + 7).ticket_id != first.ticket_id


def test_the_life_of_a_ticket(store: TicketStore) -> None:
    name = store.open(DRAFT, NOON).ticket_id
    assert store.claim(name, "ann", 60, NOON).lease_until == NOON + 60
    with pytest.raises(TicketError, match="claimed by ann, for 50 s more"):
        store.claim(name, "bob", 60, NOON + 10)
    assert store.claim(name, "ann", 60, NOON + 30).lease_until == NOON + 90
    with pytest.raises(TicketError, match="not claimed by bob"):
        store.release(name, "bob", NOON + 31)
    assert store.claim(name, "bob", 60, NOON + 90).claimant == "bob"
    assert store.release(name, "bob", NOON + 91).status == "open"
    done = store.complete(name, "simp", "eve", NOON + 92)
    assert (done.status, done.proof, done.claimant) == ("completed", "simp", "eve")
    assert done.completed_at == NOON + 92
    with pytest.raises(TicketError, match="is completed"):
        store.withdraw(name, NOON + 93)
    assert store.complete(name, "omega", "ann", NOON + 93) == done, "the first proof stays"
    assert store.show(name, NOON + 5000).proof == "simp"


def test_time_runs_out_for_claims_and_tickets(store: TicketStore) -> None:
    short = store.open(replace(DRAFT, goal="a", expires_at=NOON + 10), NOON).ticket_id
    long = store.open(replace(DRAFT, goal="b"), NOON).ticket_id
    store.claim(long, "ann", 5, NOON)
    assert [ticket.ticket_id for ticket in store.expire(NOON + 20)] == [short]
    assert store.expire(NOON + 20) == []
    assert store.show(long, NOON).status == "open"
    with pytest.raises(TicketError, match="is expired"):
        store.claim(short, "ann", 5, NOON + 20)


def test_tickets_are_listed_by_state_with_the_urgent_ones_first(store: TicketStore) -> None:
    low = store.open(replace(DRAFT, goal="a", priority=0.1), NOON).ticket_id
    high = store.open(replace(DRAFT, goal="b", priority=0.9, parent_goal="p"), NOON).ticket_id
    gone = store.open(replace(DRAFT, goal="c"), NOON).ticket_id
    store.withdraw(gone, NOON)
    assert [t.ticket_id for t in store.all(("open",), now=NOON)] == [high, low]
    assert [t.ticket_id for t in store.all(parent_goal="p", now=NOON)] == [high]
    assert len(store.all(now=NOON)) == 3
    assert {t.ticket_id for t in store.all(("expired",), now=NOON + 1000)} == {high, low}
    assert [t.ticket_id for t in store.all(("withdrawn",), now=NOON + 1000)] == [gone]
    assert store.all(LIVE, now=NOON + 1000) == []


def test_what_has_ended_is_not_even_read_for_the_live_ones(store: TicketStore, path: Path) -> None:
    wanted = store.open(replace(DRAFT, goal="a"), NOON).ticket_id
    ended = store.open(replace(DRAFT, goal="b"), NOON).ticket_id
    store.withdraw(ended, NOON)
    with closing(sqlite3.connect(path)) as damaged, damaged:
        damaged.execute("update tickets set context = '{' where ticket_id = ?", [ended])
    assert [ticket.ticket_id for ticket in store.all(LIVE, now=NOON)] == [wanted]


def test_a_goal_has_the_tickets_of_its_newest_partial_proof(store: TicketStore) -> None:
    old = store.open(replace(DRAFT, goal="a", parent_script="old"), NOON).ticket_id
    store.complete(old, "simp", "ann", NOON)
    new = store.open(replace(DRAFT, goal="b"), NOON + 1).ticket_id
    elsewhere = replace(DRAFT.context, file="B.lean")
    store.open(replace(DRAFT, goal="c", context=elsewhere), NOON + 2)
    store.withdraw(store.open(replace(DRAFT, goal="d"), NOON + 3).ticket_id, NOON + 3)
    assert [t.ticket_id for t in store.of_goal("parent", "A.lean", NOON + 3)] == [new]
    assert store.of_goal("parent", "C.lean", NOON) == []


def test_nobody_waits_in_a_circle(store: TicketStore) -> None:
    with pytest.raises(TicketError, match="waits for it"):
        store.open(replace(DRAFT, goal="parent"), NOON)
    assert store.all() == [], "what would close a circle is not opened"
    a = store.open(replace(DRAFT, goal="a", parent_goal="p"), NOON).ticket_id
    b = store.open(replace(DRAFT, goal="b", parent_goal="a"), NOON).ticket_id
    with pytest.raises(TicketError, match="waits for it"):
        store.open(replace(DRAFT, goal="p", parent_goal="b"), NOON)
    c = store.open(replace(DRAFT, goal="c", parent_goal=""), NOON).ticket_id
    store.need(c, b, NOON)
    assert store.needs(c) == [b]
    for waiting, awaited in ((b, c), (c, c)):
        with pytest.raises(TicketError, match="waits for it"):
            store.need(waiting, awaited, NOON)
    with pytest.raises(TicketError, match="waits for it"):
        store.serve(c, "b", NOON)
    store.serve(c, "p", NOON)
    assert store.serving("p") == [a, c]


@pytest.mark.parametrize("end", ["withdrawn", "completed", "expired"])
def test_nobody_waits_for_a_ticket_that_has_ended(store: TicketStore, end: str) -> None:
    first = store.open(replace(DRAFT, goal="b", parent_goal="a"), NOON).ticket_id
    if end == "withdrawn":
        store.withdraw(first, NOON)
    elif end == "completed":
        store.complete(first, "simp", "ann", NOON)
    later = NOON + 2000 if end == "expired" else NOON
    other = replace(DRAFT, goal="a", parent_goal="b", expires_at=later + 1000)
    assert store.open(other, later).status == "open"


def test_similar_ones_are_found_by_key_then_by_what_they_are_about(store: TicketStore) -> None:
    def opened(goal: str, statement: str) -> str:
        draft = replace(DRAFT, goal=goal, statement=statement, parent_goal="")
        return store.open(draft, NOON).ticket_id

    same = opened("key", "theorem t (a b : List Nat) : something.«else» a b")
    alike = opened("k2", "theorem other (as bs : List Nat) : (rev as ++ bs).length = as.length")
    opened("k3", "theorem far (p q : Prop) (h : p ∧ q) : q ∧ p")
    store.complete(alike, "simp", "ann", NOON)
    found = store.similar(DRAFT)
    assert [(s.ticket.ticket_id, s.same_key) for s in found] == [(same, True), (alike, False)]
    assert 0.3 <= found[1].overlap < 1
    # A statement made of operators alone, and one with everything that could confuse a query.
    strange = replace(DRAFT, goal="none", statement='theorem x : "a" ∧ \' OR * NEAR(')
    assert store.similar(strange) == []
    assert store.similar(replace(DRAFT, goal="none", statement="theorem x : ∀ x, x = x")) == []


def test_symbols_are_what_a_statement_is_about() -> None:
    assert symbols("theorem name (n m : Nat) : Nat.succ n ≤ f' m + 1") == {
        "Nat",
        "Nat.succ",
        "≤",
        "+",
    }


def _compete(path: str, who: str, barrier: object, results: object) -> None:
    ledger = Ledger.open(Path(path))
    store = TicketStore(ledger)
    barrier.wait()  # type: ignore[attr-defined]
    ids, won = [], []
    for number in range(20):
        draft = replace(DRAFT, goal=f"{who}{number}", parent_goal="")
        ids.append(store.open(draft, NOON).ticket_id)
    for ticket in store.all(parent_goal="race", now=NOON):
        try:
            won.append(store.claim(ticket.ticket_id, who, 60, NOON).ticket_id)
        except TicketError:
            continue
    ledger.close()
    results.put((ids, won))  # type: ignore[attr-defined]


def test_of_several_processes_one_wins_and_no_id_is_given_twice(
    store: TicketStore, path: Path
) -> None:
    contested = [
        store.open(replace(DRAFT, goal=f"c{n}", parent_goal="race"), NOON).ticket_id
        for n in range(10)
    ]
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(3), context.Queue()
    workers = [
        context.Process(target=_compete, args=(str(path), who, barrier, results))
        for who in ("ann", "bob", "eve")
    ]
    for worker in workers:
        worker.start()
    outcomes = [results.get(timeout=240) for _ in workers]
    for worker in workers:
        worker.join(timeout=60)
    ids = [name for opened, _ in outcomes for name in opened]
    assert len(set(ids)) == len(ids) == 60
    won = [name for _, claimed in outcomes for name in claimed]
    assert sorted(won) == contested
