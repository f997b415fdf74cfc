"""Trials with real Lean: what a model proves of goals, beside the search without one."""

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from lean.goal import Goal
from lean.pool import Pool
from lean.session import Session
from lean.toolchain import Toolchain, silent
from lean.workspace import Workspace
from search.budget import Budget
from search.generation.errors import ModelError
from search.generation.generator import Candidate, Generator
from search.generation.model_settings import ModelSettings, Role
from search.project_imports import ProjectImports
from search.strategies.copilot import Copilot
from search.strategies.strategy import Result
from search.training.gathering import HeldOut
from search.training.pairs import Pair
from search.training.trial import Nobody, Trials, exactness, warmed
from tests.search.few_tactics import FewTactics
from tests.search.tiny_models import words_model

TEXT = """\
def twice (n : Nat) : Nat := n + n

theorem a (n : Nat) : twice n = 2 * n := by
  sorry

theorem b : ∃ n, twice n = 8 ∧ n < 100 := by
  sorry

theorem c (n : Nat) (h : n = 1) : n + 1 = 2 := by
  sorry
"""
SAYS = ("simp only [twice]; omega", "exact ⟨4, by decide⟩")


@pytest.fixture(scope="module")
def knowing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return words_model(tmp_path_factory.mktemp("models") / "knowing", SAYS)


async def test_a_model_is_measured_beside_the_search_without_one(
    pool: Pool, workspace: Workspace, toolchain: Toolchain, knowing: Path
) -> None:
    goals = [
        *(HeldOut("T.lean", TEXT, name) for name in "abc"),
        HeldOut("T.lean", TEXT, "not there"),
        HeldOut("U.lean", "import Not.There\n\n" + TEXT, "c"),
    ]
    said: list[str] = []
    async with Generator(ModelSettings(generator=str(knowing))) as generator:
        assert await warmed(generator) == ""
        trials = Trials(pool, ProjectImports(workspace, toolchain, silent), said.append, 30.0)
        nothing, new = await trials.run(
            goals, [("nothing", Copilot(Nobody())), ("new", Copilot(generator))]
        )
    assert nothing.goals == new.goals == 5
    assert new.solved == {f"T.lean: {name} 0" for name in "abc"}
    assert nothing.solved < new.solved and "T.lean: c 0" in nothing.solved
    assert nothing.seconds > 0 and len(said) == 5


@dataclass(frozen=True, slots=True)
class Deadly(FewTactics):
    """Ends Lean on a goal of `c`."""

    async def run(self, goal: Goal, session: Session, budget: Budget) -> Result:
        """On others it tries its tactics."""
        if goal.hole.declaration == "c":
            os.kill(session.pid, signal.SIGKILL)
        return await FewTactics.run(self, goal, session, budget)


async def test_a_goal_on_which_lean_dies_counts_for_nobody(
    pool: Pool, workspace: Workspace, toolchain: Toolchain
) -> None:
    """Whoever came first on it, and whoever ended Lean."""
    goals = [HeldOut("T.lean", TEXT, name) for name in "ccbc"]
    trials = Trials(pool, ProjectImports(workspace, toolchain, silent), lambda _: None, 30.0)
    tactics = ("omega", *SAYS)
    one, other = await trials.run(goals, [("one", FewTactics(tactics)), ("other", Deadly(tactics))])
    assert one.solved == other.solved == {"T.lean: b 0"}


async def test_exactness_is_the_part_that_is_said(knowing: Path) -> None:
    pairs = [Pair("⊢ p", tactic, "d", "workspace") for tactic in (*SAYS, "something else", SAYS[0])]
    async with Generator(ModelSettings(generator=str(knowing))) as generator:
        assert await exactness(generator, pairs) == (0.5, 0.75)
        assert await exactness(generator, []) == (0.0, 0.0)


class Hesitant(Nobody):
    """A model that refuses as often as it is told to."""

    def __init__(self, refusals: int) -> None:
        super().__init__()
        self.refusals = refusals

    async def generate(
        self,
        texts: Sequence[str],
        beams: int = 4,
        candidates: int = 8,
        longest: int = 128,
        role: Role = "generator",
    ) -> list[list[Candidate]]:
        """No answers, late."""
        self.refusals -= 1
        if self.refusals >= 0:
            raise ModelError(f"{self.refusals} more refusals")
        return [[] for _ in texts]


async def test_a_model_is_asked_twice_before_it_counts_as_absent() -> None:
    assert await warmed(Hesitant(1)) == ""
    assert await warmed(Hesitant(2)) == "0 more refusals"


async def test_a_model_that_is_not_there_says_why(tmp_path: Path) -> None:
    async with Generator(ModelSettings(generator=str(tmp_path / "nothing"))) as generator:
        assert "nothing" in await warmed(generator)
