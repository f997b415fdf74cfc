"""Practice with real Lean: what goes wrong with one text does not end it."""

import math

import pytest

from lean.document import Document
from lean.errors import SessionDied
from lean.workspace import Workspace
from search.arms import Arm
from search.engine import Engine
from search.events import FileView
from search.settings import Effort, Settings
from search.training.ledger_pairs import KnownProofs
from search.training.practice import Practice, read
from tests.search.few_tactics import FewTactics

TEXT = """\
theorem t (p q : Prop) (h : p ∧ q) : q ∧ p := by
  sorry
"""


async def test_when_lean_dies_on_all_proofs_together_each_is_learned_from(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def died(self: Engine, path: str, text: str, fresh: bool = True) -> Document:
        raise SessionDied("Lean has ended.")

    settings = Settings(sessions=1, spare=False, remember=False, tickets=False, automatic=False)
    arms = [Arm(FewTactics(("exact ⟨h.2, h.1⟩",)))]
    said: list[str] = []
    async with Engine.open(workspace, settings, arms, drafters=[]) as engine:
        view = await read(engine, "T.lean", TEXT)
        assert isinstance(view, FileView)
        effort = Effort(seconds=60.0, heartbeats=200_000)
        practice = Practice(engine, KnownProofs(), effort, math.inf, said.append)
        monkeypatch.setattr(Engine, "confirm", died)
        pairs = await practice.pairs(view, lambda goal: True, lambda name: name)
    assert [pair.tactic for pair in pairs] == ["exact ⟨h.2, h.1⟩"]
    assert said == ["T.lean: no steps of its new proofs: Lean has ended."]
