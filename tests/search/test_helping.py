"""A goal's tickets in a real ledger, while others have a hand in them. Nobody asks Lean here."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from lean.goal_key import GoalKey
from lean.hole import Hole
from lean.verify import Policy
from search.attempt import Judge, Place
from search.events import Event, GoalHandle, GoalVerdict
from search.helping import ENGINE, Helping
from search.incidents import Incident
from search.knowledge import Knowledge
from search.ledger_thread import LedgerThread
from search.similar import SolvedGoals
from search.ticket_store import TicketStore
from search.tickets import Context, Ticket

HOLE = Hole("t", 0, 0, 5, (), ("⊢ True",), "tactic", "tactic", "sorry", "t", True, (), 1, 1, 1, 6)
GOAL = GoalHandle("A.lean", 1, HOLE, GoalKey("parent", "parent", "⊢ True", (), ""))
DRAFT = Ticket(
    "key",
    "theorem aux (n : Nat) : n + 0 = n",
    "aux",
    Context("A.lean", "t", 7),
    parent_goal="parent",
    parent_script="intro x",
)
Meanwhile = Callable[[TicketStore, str], object]


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[LedgerThread]:
    async with LedgerThread.open(tmp_path / "ledger.db", lambda kind, message: None) as thread:
        yield thread


def helping(ledger: LedgerThread, kind: str, meanwhile: Meanwhile) -> Helping:
    """The goal's helping, where the search of a ticket ends so, and something happens meanwhile."""

    async def prove(ticket: Ticket) -> GoalVerdict:
        await ledger.do(lambda opened: meanwhile(TicketStore(opened), ticket.ticket_id))
        return GoalVerdict(GOAL, "proved" if kind == "proved" else "open", script="simp")

    def nobody(told: Event | Incident) -> None:
        pass

    knowledge = Knowledge(ledger, "run", SolvedGoals(), [])
    judge = Judge(Policy(), frozenset())
    return Helping(GOAL, knowledge, judge, {}, nobody, nobody, prove)


async def no_session(work: Callable[[Place], Awaitable[Any]]) -> object:
    """The tickets that there are don't serve, so nothing comes of them."""
    return None


@pytest.mark.parametrize("kind", ["proved", "open"])
@pytest.mark.parametrize(
    ("meanwhile", "status"),
    [
        (lambda store, ticket: store.withdraw(ticket), "withdrawn"),
        (lambda store, ticket: store.release(ticket, ENGINE), "open"),
        (lambda store, ticket: store.complete(ticket, "rfl", "ann"), "completed"),
    ],
)
async def test_what_others_do_meanwhile_does_not_end_the_search_of_the_goal(
    ledger: LedgerThread, kind: str, meanwhile: Meanwhile, status: str
) -> None:
    ticket = await ledger.do(lambda opened: TicketStore(opened).open(DRAFT))
    helped = helping(ledger, kind, meanwhile)
    assert await helped.run(no_session, no_session) is None
    if (kind, status) == ("proved", "open"):
        # Given back, it is still wanted.
        status = "completed"
    now = await ledger.do(lambda opened: TicketStore(opened).show(ticket.ticket_id))
    assert now.status == status
    assert [waiting.status for waiting in helped.waiting] == (["open"] if now.live else [])
