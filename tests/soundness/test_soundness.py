"""Every attack of the corpus is refused for a reason it names; what only looks like one passes.

The format of the folders is told in README.md beside this file.
"""

import pytest

from bench.corpus import Case, allowed, attacked_hole, attacks
from lean.document import elaborate
from lean.session import Session
from lean.verify import Reason, verify

REASONS = frozenset(reason.value for reason in Reason)
ATTACKS = attacks()
ALLOWED = allowed()


@pytest.mark.parametrize("case", ATTACKS, ids=lambda case: case.name)
async def test_attack_is_refused(session: Session, case: Case) -> None:
    document = await elaborate(session, case.document)
    assert document.elaborates, document.errors
    verdict = await verify(session, document, attacked_hole(document), case.script)
    assert not verdict.accepted, case.about
    assert verdict.reason in case.reasons, verdict


@pytest.mark.parametrize("case", ALLOWED, ids=lambda case: case.name)
async def test_what_only_looks_like_a_cheat_is_accepted(session: Session, case: Case) -> None:
    document = await elaborate(session, case.document)
    assert document.elaborates, document.errors
    verdict = await verify(session, document, attacked_hole(document), case.script)
    assert verdict.accepted, verdict


async def test_session_serves_on_after_an_attack_that_kills_parsers(session: Session) -> None:
    deep = next(case for case in ATTACKS if case.name.endswith("deep-nesting"))
    document = await elaborate(session, deep.document)
    hole = attacked_hole(document)
    assert not (await verify(session, document, hole, deep.script)).accepted
    assert (await verify(session, document, hole, "exact Nat.le_of_lt h")).accepted


def test_corpus_is_large_and_names_known_reasons() -> None:
    assert len(ATTACKS) >= 40
    assert sum(case.lean_accepts for case in ATTACKS) >= 18
    assert len(ALLOWED) >= 6
    assert all(not case.accepted and case.reasons and case.about for case in ATTACKS)
    assert all(case.accepted and case.about for case in ALLOWED)
    assert {reason for case in ATTACKS for reason in case.reasons} <= REASONS
