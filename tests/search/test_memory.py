"""What a run learns from its ledger when it opens it."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from lean.workspace import Workspace
from search.ledger import Ledger
from search.memory import Memory, ledger_path
from search.settings import Settings
from tests.search.ledger_rows import goal, proof

KNOWN = 200


async def test_others_get_on_while_thousands_of_proofs_are_learned(tmp_path: Path) -> None:
    workspace, settings = Workspace.at(tmp_path), Settings()
    ledger = Ledger.open(ledger_path(workspace, settings))
    keys = [f"key{number}" for number in range(KNOWN)]
    with ledger.transaction():
        ledger.see([goal(key) for key in keys], 1.0)
        for key in keys:
            ledger.record_proof(proof(key), key)
    ledger.close()
    learned: list[str] = []
    seen: set[int] = set()

    def learn(
        display: str, hypotheses: Sequence[str], vector: Mapping[str, float], script: str
    ) -> None:
        learned.append(script)

    async def others() -> None:
        while True:
            seen.add(len(learned))
            await asyncio.sleep(0)

    working = asyncio.create_task(others())
    async with Memory.open(workspace, settings, (), learn=learn):
        working.cancel()
    assert len(learned) == KNOWN
    assert {0, 50, 100, 150} <= seen
