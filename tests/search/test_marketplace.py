"""From a failed goal to its proof with a helper lemma, by real Lean; what is refused on the way.

The engine is not needed: the lemmas are proved by hand.
"""

from dataclasses import replace

import pytest

from lean.document import Document, elaborate
from lean.goal import Goal
from lean.goal_key import GoalKey, goal_key
from lean.hole import Hole
from lean.insertion import apply
from lean.session import Session
from lean.verify import Reason
from search.budget import Budget
from search.helper_proof import HelperProof, recalled, served
from search.marketplace import (
    Requests,
    complete,
    requests_for,
    reused,
    statement_at,
    ticket_by_hand,
)
from search.partial_proof import PartialProof, partial_proof
from search.statements import fresh_name
from search.ticket_store import Similar
from search.tickets import Ticket, TicketError

TEXT = """\
namespace Demo

def rev : List Nat → List Nat
  | [] => []
  | x :: xs => rev xs ++ [x]

def total : List Nat → Nat
  | [] => 0
  | x :: xs => x + total xs

-- Why we are here.
/-- Reversing keeps the sum. -/
theorem total_rev (xs : List Nat) : total (rev xs) = total xs := by
  sorry

theorem after (xs : List Nat) : total (rev xs) + 0 = total xs := total_rev xs

end Demo
"""
PROOF = "induction y with\n| nil => simp [total]\n| cons y ys ih => simp [total, ih]; omega"
LEMMA = "theorem total_rev_aux (n : Nat) (y : List Nat) : total (y ++ [n]) = n + total y"


async def opened(session: Session, text: str = TEXT) -> tuple[Document, Hole, GoalKey]:
    document = await elaborate(session, text, path="Demo.lean")
    assert document.elaborates, document.errors
    hole = document.holes[0]
    return document, hole, await goal_key(session, hole.proofs)


async def asked(session: Session, text: str = TEXT) -> tuple[Document, Hole, Requests]:
    """What is asked for after the partial proof that the search itself finds."""
    document, hole, key = await opened(session, text)
    partial = await partial_proof(Goal.of(document, hole), session, Budget(seconds=60))
    assert partial is not None
    requests = await requests_for(session, document, hole, partial, key)
    session.discard(proofs=[partial.proof])
    return document, hole, requests


def proved(ticket: Ticket, proof: str) -> Ticket:
    opened = replace(ticket, ticket_id=f"lem-2026-11-21-{ticket.context.position:04d}")
    return opened.become("completed", proof=proof, claimant="ann")


async def holds(session: Session, document: Document, proof: HelperProof) -> str:
    """The text with both edits, which elaborates with a hole less."""
    text = apply(document.source.text, [proof.helper_edit, proof.edit])
    whole = await elaborate(session, text)
    assert whole.elaborates, whole.errors
    assert len(whole.holes) == len(document.holes) - 1
    return text


async def test_a_goal_that_needs_a_lemma_is_proved_with_it(session: Session) -> None:
    document, hole, requests = await asked(session)
    (ticket,) = requests.tickets
    assert ticket.statement == LEMMA, "a call that recursion left stuck becomes a variable"
    assert (ticket.name, ticket.context.file, ticket.context.line) == (
        "total_rev_aux",
        "Demo.lean",
        14,
    )
    stated = await elaborate(session, ticket.document)
    assert stated.elaborates and len(stated.holes) == 1
    key = await goal_key(session, stated.holes[0].proofs)
    assert key.key == ticket.goal

    verdict = await complete(session, ticket, PROOF)
    assert verdict.accepted
    proof = await served(session, document, hole, [proved(ticket, PROOF)])
    assert proof.script.endswith("exact total_rev_aux n y")
    assert proof.tickets == ("lem-2026-11-21-0000",)
    text = await holds(session, document, proof)
    assert f"\n\n{LEMMA} := by\n  induction y with\n  | nil" in text
    assert (
        "omega\n\n-- Why we are here.\n/-- Reversing keeps the sum. -/\ntheorem total_rev" in text
    )

    again = await recalled(session, document, hole, proof.helper, proof.script)
    assert replace(again, tickets=proof.tickets) == proof
    with pytest.raises(TicketError, match="rest on congrArg, which an imported file leaves open"):
        unproved = frozenset({"congrArg"})
        await recalled(session, document, hole, proof.helper, proof.script, unproved=unproved)
    # The session still has all that the document is made of.
    assert (await session.features(hole.proofs[0]))[0].display == hole.goals[0]


@pytest.mark.parametrize(
    ("proof", "reason"),
    [
        ("sorry", Reason.FORBIDDEN_SYNTAX),
        ("omega", Reason.ERROR),
        ("exact total_rev_aux n y", Reason.ERROR),
        ("exact lie n y", Reason.SORRY),
        ("exact believe n y", Reason.AXIOM),
        ("simp)\naxiom x : False\n#check (1", Reason.UNPARSED),
        ("", Reason.FORBIDDEN_SYNTAX),
    ],
)
async def test_a_ticket_takes_nothing_but_a_proof(
    session: Session, proof: str, reason: Reason
) -> None:
    says = "(n : Nat) (y : List Nat) : total (y ++ [n]) = n + total y"
    above = TEXT[: TEXT.index("-- Why")] + f"axiom believe {says}\ntheorem lie {says} := by sorry\n"
    document = await elaborate(session, above)
    ticket = await ticket_by_hand(session, document, LEMMA, requester="ann")
    assert (await complete(session, ticket, proof)).reason is reason


async def test_a_false_remaining_goal_makes_no_ticket(session: Session) -> None:
    text = "theorem wrong (a b : Nat) (h : a ≤ b) : a - b + b = b ∧ a + 1 ≤ b := by\n  sorry\n"
    document, hole, key = await opened(session, text)
    outcome = await session.step(hole.proofs[0], "constructor")
    assert outcome.proof is not None
    partial = PartialProof("constructor\n· ⟪1⟫\n· ⟪2⟫", outcome.goals, outcome.proof)
    requests = await requests_for(session, document, hole, partial, key)
    assert requests.tickets == ()
    assert "remaining goal 2 is false: a = " in requests.reason
    assert requests.false_subgoal.endswith(": a + 1 ≤ b")


async def test_several_remaining_goals_each_get_a_ticket(session: Session) -> None:
    text = "theorem both (a b : Nat) (h : a < b) : a ≤ b ∧ ∃ c, a + c = b := by\n  sorry\n"
    document, hole, key = await opened(session, text)
    outcome = await session.step(hole.proofs[0], "constructor")
    assert outcome.proof is not None
    partial = PartialProof("constructor\n· ⟪1⟫\n· ⟪2⟫", outcome.goals, outcome.proof)
    first, second = (await requests_for(session, document, hole, partial, key)).tickets
    assert (first.name, second.name) == ("both_aux", "both_aux2")
    done = [proved(second, "exact ⟨b - a, by omega⟩"), proved(first, "omega")]
    with pytest.raises(TicketError, match="not all of them are proved"):
        await served(session, document, hole, [done[0], first])
    proof = await served(session, document, hole, done)
    assert proof.script == "constructor\n· exact both_aux a b h\n· exact both_aux2 a b h"
    await holds(session, document, proof)


async def test_what_is_no_progress_is_not_asked_for(session: Session) -> None:
    document, hole, key = await opened(session, "theorem t (p q : Prop) : p ∨ q := by\n  sorry\n")
    partial = PartialProof("⟪1⟫", hole.goals, hole.proofs[0])
    text = "theorem t (a b : Nat) : a * b + a = a * (b + 1) := by\n  sorry\n"
    requests = await requests_for(session, document, hole, partial, key)
    assert not requests.tickets and "is false" in requests.reason
    document, hole, key = await opened(session, text)
    partial = PartialProof("⟪1⟫", hole.goals, hole.proofs[0])
    requests = await requests_for(session, document, hole, partial, key)
    assert not requests.tickets and "the goal itself" in requests.reason


@pytest.mark.parametrize(
    ("helper", "why"),
    [
        (f"{LEMMA} := by\n  sorry", "is not proved here"),
        (f"{LEMMA} := by\n  omega", "is not proved here"),
        (f"{LEMMA} := by\n  simp\n\naxiom x : False", "is not proved here"),
        ("theorem total_rev_aux : True := trivial\ntheorem x : False := by\n  omega", "more than"),
        ("theorem total_rev_aux (h : (by sorry : Prop)) : True := by\n  simp", "sorry of its own"),
        ("theorem after : True := by\n  trivial", "means something else"),
        ("theorem total_rev : True := by\n  trivial", "means something else"),
        ("theorem broken : x := by\n  trivial", "does not elaborate|means something else"),
        ("axiom helper : False", "theorem NAME"),
    ],
)
async def test_helpers_from_elsewhere_are_judged(session: Session, helper: str, why: str) -> None:
    document, hole, _ = await opened(session)
    with pytest.raises(TicketError, match=why):
        await recalled(session, document, hole, helper, "exact (total_rev_aux 0 []).elim")


async def test_completed_tickets_serve_again(session: Session) -> None:
    document, hole, _ = await opened(session)
    ticket = await ticket_by_hand(session, document, LEMMA, place=hole, requester="ann")
    same = Similar(proved(ticket, PROOF), True, 1.0)
    assert await reused(session, document, hole, ticket, [same]) == PROOF
    # A similar one, with other names and more general, is stated inside the proof and applied.
    general = "theorem total_append (a b : List Nat) : total (a ++ b) = total b + total a"
    wider = await ticket_by_hand(session, document, general, place=hole, requester="ann")
    done = proved(wider, PROOF.replace("y with", "a with"))
    assert (await complete(session, wider, done.proof)).accepted
    script = await reused(session, document, hole, ticket, [Similar(done, False, 0.8)])
    assert "have total_append_known (a b : List Nat)" in script
    assert (await complete(session, ticket, script)).accepted
    assert await reused(session, document, hole, ticket, []) == ""


async def test_statements_by_hand(session: Session) -> None:
    document, hole, key = await opened(session)
    statement = await statement_at(session, document, hole)
    assert statement == "theorem total_rev_aux (xs : List Nat) : total (rev xs) = total xs"
    ticket = await ticket_by_hand(session, document, statement, place=hole, requester="ann")
    assert ticket.goal == key.core
    for wrong, why in [
        ("theorem a (n : Nat) : n < 5", "is false: n = "),
        ("theorem a : unknown", "does not elaborate"),
        ("theorem a : Nat", "does not elaborate"),
        ("theorem Demo.after : True", "does not elaborate"),
        ("theorem a : True := trivial\ntheorem b : True", "not one theorem|does not elaborate"),
        ("def a : Nat", "theorem NAME"),
    ]:
        with pytest.raises(TicketError, match=why):
            await ticket_by_hand(session, document, wrong, requester="ann")


async def test_names_of_lemmas_are_new(session: Session) -> None:
    document, hole, _ = await opened(session)
    assert fresh_name(document, hole) == "total_rev_aux"
    assert fresh_name(document, hole, ["total_rev_aux"]) == "total_rev_aux2"
    assert fresh_name(document, hole, preferred="after") == "after2"
    assert fresh_name(document, replace(hole, declaration="N.«odd name»")) == "helper"
    assert fresh_name(document, replace(hole, declaration="example")) == "helper"
