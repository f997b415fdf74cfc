"""Tickets: which state follows which, when time runs out, ids, and the texts made of a ticket."""

import itertools
from dataclasses import replace

import pytest

from search.tickets import (
    LEGAL,
    Context,
    Ticket,
    TicketError,
    TicketStatus,
    proved_statement,
    renamed_statement,
    statement_name,
    ticket_document,
    ticket_id,
)

NOON = 1_795_262_400.0
"""2026-11-21 12:00 UTC."""
TICKET = Ticket(
    "key",
    "theorem helper (n : Nat) : n + 0 = n",
    "helper",
    Context("A.lean", "main", 7, "namespace N\n"),
    ticket_id="lem-2026-11-21-0001",
    created_at=NOON,
    expires_at=NOON + 100,
)


@pytest.mark.parametrize(("before", "after"), list(itertools.product(LEGAL, LEGAL)))
def test_only_legal_transitions_are_made(before: TicketStatus, after: TicketStatus) -> None:
    ticket = replace(TICKET, status=before)
    live = before in ("open", "claimed")
    goes = live and before != after
    if goes:
        assert ticket.become(after).status == after
    else:
        with pytest.raises(TicketError, match="tickets show lem-2026-11-21-0001"):
            ticket.become(after)


def test_a_claim_ends_with_its_lease_and_a_ticket_with_its_time() -> None:
    claimed = TICKET.become("claimed", claimant="ann", lease_until=NOON + 50)
    assert claimed.as_of(NOON + 49) == claimed
    given_back = claimed.as_of(NOON + 50)
    assert (given_back.status, given_back.claimant, given_back.lease_until) == ("open", "", 0.0)
    assert claimed.as_of(NOON + 100).status == "expired"
    assert TICKET.as_of(NOON + 100).status == "expired"
    assert replace(TICKET, expires_at=0.0).as_of(NOON * 2).status == "open"
    assert TICKET.become("completed").as_of(NOON * 2).status == "completed"


def test_ids_carry_the_day_in_utc_and_a_number() -> None:
    assert ticket_id(NOON, 1) == "lem-2026-11-21-0001"
    assert ticket_id(NOON + 12 * 3600, 12345) == "lem-2026-11-22-12345"


def test_the_virtual_document_ends_with_the_statement() -> None:
    assert TICKET.path == "ticket:lem-2026-11-21-0001"
    assert TICKET.document == ("namespace N\ntheorem helper (n : Nat) : n + 0 = n := by sorry\n")
    assert ticket_document("end N", "theorem a : True") == "end N\ntheorem a : True := by sorry\n"
    assert ticket_document("", "theorem a : True") == "theorem a : True := by sorry\n"


def test_the_lemma_is_written_with_its_proof_indented() -> None:
    assert proved_statement("theorem a : True\n", "constructor\n\n") == (
        "theorem a : True := by\n  constructor"
    )
    proved = replace(TICKET, proof="induction n with\n| zero => rfl\n| succ n h => simp")
    assert proved.lemma == (
        "theorem helper (n : Nat) : n + 0 = n := by\n"
        "  induction n with\n  | zero => rfl\n  | succ n h => simp"
    )


def test_a_statement_is_renamed_and_nothing_else() -> None:
    assert statement_name("  lemma a.b' {α : Type} : True") == "a.b'"
    assert renamed_statement("theorem helper(h : helper = 1) : True", "other") == (
        "theorem other(h : helper = 1) : True"
    )
    for text in ("def x : Nat", "theorem : True", "@[simp] theorem a : True", ""):
        with pytest.raises(TicketError, match="theorem NAME"):
            statement_name(text)


def test_the_context_survives_the_ledger() -> None:
    context = Context("Ä.lean", "N.«x y»", 3, 'open Nat\n-- "∀"\n', 1, 2)
    assert Context.from_json(context.to_json()) == context
    assert context.place == "Ä.lean:3 (N.«x y»)"
    assert Context.from_json("{}") == Context()
