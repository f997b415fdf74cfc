"""Every honest proof of the corpus passes the gate; README.md beside this file tells the format."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from lean.document import elaborate
from lean.session import Session
from lean.verify import verify

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Proof:
    """A script for the hole number `hole` of a document."""

    id: str
    document: str
    script: str
    hole: int = 0


PROOFS = [
    Proof(**json.loads(line))
    for file in sorted(HERE.glob("*.jsonl"))
    # Rows are ended by a line feed and nothing else: scripts may hold any other separator.
    for line in file.read_text(encoding="utf-8").strip("\n").split("\n")
]


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: proof.id)
async def test_honest_proof_is_accepted(session: Session, proof: Proof) -> None:
    document = await elaborate(session, proof.document)
    assert document.elaborates, document.errors
    verdict = await verify(session, document, document.holes[proof.hole], proof.script)
    assert verdict.accepted, verdict


def test_corpus_is_large_and_ids_are_unique() -> None:
    assert len(PROOFS) >= 320
    assert len({proof.id for proof in PROOFS}) == len(PROOFS)
