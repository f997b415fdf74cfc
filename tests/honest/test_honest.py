"""Every honest proof of the corpus passes the gate; README.md beside this file tells the format."""

import pytest

from bench.corpus import HonestProof, honest_proofs
from lean.document import elaborate
from lean.session import Session
from lean.verify import verify

PROOFS = honest_proofs()


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: proof.id)
async def test_honest_proof_is_accepted(session: Session, proof: HonestProof) -> None:
    document = await elaborate(session, proof.document)
    assert document.elaborates, document.errors
    verdict = await verify(session, document, document.holes[proof.hole], proof.script)
    assert verdict.accepted, verdict


def test_corpus_is_large_and_ids_are_unique() -> None:
    assert len(PROOFS) >= 320
    assert len({proof.id for proof in PROOFS}) == len(PROOFS)
