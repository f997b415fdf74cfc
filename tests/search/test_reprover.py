"""Tactics from a model that is shown premises, on real Lean with a real (small) model."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lean.goal import Goal
from lean.protocol import GoalFeatures
from lean.session import Session
from lean.workspace import Workspace
from search.budget import Budget
from search.drafting.draft import Lemma
from search.generation.generator import Generator
from search.generation.model_settings import ModelSettings
from search.strategies.reprover import Reprover
from search.strategies.strategy import Available, Unavailable
from tests.search.proving import proves, run
from tests.search.tiny_models import words_model

TEXT = """
theorem key {Q : Nat → Prop} (h : ∀ n, Q (n + 1) → Q n) : ∀ {n}, Q n → Q 0
  | 0, g => g
  | n + 1, g => key h (h n g)
theorem t (Q : Nat → Prop) (h : ∀ n, Q (n + 1) → Q n) (g : Q 14) : Q 0 := by sorry
"""


@dataclass
class Known:
    """Knows the same lemmas for each goal; remembers for which."""

    lemmas: Sequence[Lemma]
    ranker: str = "symbols"
    asked: list[tuple[str, int]] = field(default_factory=list)

    async def premises(
        self, goal: Goal, session: Session, features: GoalFeatures, count: int
    ) -> Sequence[Lemma]:
        self.asked.append((features.display, count))
        return self.lemmas


@pytest.fixture
async def generator(tmp_path: Path) -> AsyncIterator[Generator]:
    folder = words_model(tmp_path / "model", ["exact key h g"])
    async with Generator(ModelSettings("", "", str(folder))) as generator:
        yield generator


async def test_a_premise_that_is_shown_may_be_used(generator: Generator, session: Session) -> None:
    known = Known([Lemma("key", "∀ Q, …"), Lemma("other", "True")])
    strategy = Reprover(generator, known)
    script = await proves(session, TEXT, strategy)
    assert "key" in script
    assert known.asked[0][1] == 12 and known.asked[0][0].endswith("⊢ Q 0")
    found = await run(session, strategy, TEXT)
    assert found.result.premises == ("key",)


async def test_it_says_what_premises_were_ranked_by(generator: Generator, session: Session) -> None:
    strategy = Reprover(generator, Known([], "vectors"))
    found = await run(session, strategy, "theorem t (f : Nat → Nat) : f 0 = f 1 := by sorry")
    assert found.result.error == "no tactics lead to a proof (premises ranked by vectors)"
    parameters = json.loads(strategy.parameters)
    assert parameters == {"model": generator.model("reprover").fingerprint, "ranker": "vectors"}


async def test_it_needs_a_model_and_premises(generator: Generator, workspace: Workspace) -> None:
    known = Known([])
    assert Reprover(generator, known).available(workspace) == Available()
    without = Reprover(generator).available(workspace)
    assert without == Unavailable("There is nothing to find premises with.")
    unchosen = Unavailable(
        "No model is chosen as the reprover: "
        "`unsorry models fetch reprover` fetches one, the settings name it."
    )
    assert Reprover(None, known).available(workspace) == unchosen
    assert Reprover(Generator(ModelSettings()), known).available(workspace) == unchosen


async def test_its_budget_is_kept(generator: Generator, session: Session) -> None:
    strategy = Reprover(generator, Known([]))
    found = await run(session, strategy, TEXT, seconds=0.005)
    assert not found.result.success and not generator.running
    assert Budget().seconds < strategy.timeout == 60.0
