"""Tactics from a model, on real Lean: the model is a real one too, which says what it was built to
say. LeanCopilot is not here; macros of its tactics' names stand in for it where that is the point.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from lean.session import Session
from lean.workspace import Workspace
from search.budget import Budget
from search.generation.errors import ModelError
from search.generation.generator import Candidate, Generator
from search.generation.goal_text import model_input
from search.generation.model_settings import ModelSettings, Role
from search.strategies.copilot import Copilot
from search.strategies.generated import Generated
from search.strategies.lean_copilot import proved_by_it
from search.strategies.strategy import Available, Unavailable
from search.strategies.tries import Tries
from tests.search.proving import features_of, goal_of, proves, run
from tests.search.tiny_models import words_model

CHAIN = "theorem t (Q : Nat → Prop) (h : ∀ n, Q (n + 1) → Q n) (g : Q 14) : Q 0 := by sorry"
"""Too long a way for `grind`, which gives up after some steps."""


@pytest.fixture
async def chain(tmp_path: Path) -> AsyncIterator[Generator]:
    folder = words_model(tmp_path / "chain", ["refine h _ ?_"])
    async with Generator(ModelSettings(str(folder))) as generator:
        yield generator


async def told(features: object) -> str:
    return model_input(features)  # type: ignore[arg-type]


async def test_a_proof_of_many_steps_is_found_with_the_models_tactic(
    chain: Generator, session: Session
) -> None:
    script = await proves(session, CHAIN, Copilot(chain))
    assert script.count("refine h _ ?_") >= 3


async def test_proof_states_are_dropped(chain: Generator, session: Session) -> None:
    _, goal = await goal_of(session, CHAIN)
    before = (await session.stats()).proofs
    result = await Copilot(chain).run(goal, session, Budget(60.0))
    assert result.success and result.scripts_tried and result.heartbeats
    assert (await session.stats()).proofs == before


async def test_what_the_model_does_not_know_is_not_found(
    chain: Generator, session: Session
) -> None:
    text = "theorem t (f : Nat → Nat) : f 0 = f 1 := by sorry"
    found = await run(session, Copilot(chain), text)
    assert not found.result.success
    assert found.result.error == "no tactics of the model lead to a proof"


async def test_a_hole_of_several_goals_is_not_its_business(
    chain: Generator, session: Session
) -> None:
    text = "theorem t : True ∧ 1 = 1 := by constructor <;> sorry"
    found = await run(session, Copilot(chain), text)
    assert found.result.error == "the hole stands for several goals"
    assert not chain.running


async def test_a_model_that_dies_is_an_error_with_a_reason(
    chain: Generator, session: Session
) -> None:
    _, goal = await goal_of(session, CHAIN)
    (Path(chain.settings.generator) / "model.bin").write_bytes(b"nonsense")
    before = (await session.stats()).proofs
    with pytest.raises(ModelError, match="can't be used"):
        await Copilot(chain).run(goal, session, Budget(60.0))
    assert (await session.stats()).proofs == before


async def test_templates_are_filled_with_the_goals_names(session: Session, tmp_path: Path) -> None:
    folder = words_model(tmp_path / "holes", ["exact ⧼0⧽", "⧼9⧽"])
    features = await features_of(session, "theorem t (key : 1 = 2) : False := by sorry")
    async with Generator(ModelSettings(str(folder))) as generator:
        [found] = await Generated(generator, told, Budget(60.0)).propose([features])
    tactics = [proposal.tactic for proposal in found]
    assert "exact key" in tactics and not any("⧼" in tactic for tactic in tactics)
    scores = [proposal.score for proposal in found]
    assert scores == sorted(scores, reverse=True) and max(scores) <= 0
    assert len(set(tactics)) == len(tactics)


class Slow:
    """A model that takes its time; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[list[str], int, int, Role]] = []

    async def generate(
        self, texts: Sequence[str], beams: int, candidates: int, longest: int, role: Role
    ) -> list[list[Candidate]]:
        self.asked.append((list(texts), beams, candidates, role))
        await asyncio.sleep(3600)
        return []


async def test_the_model_is_asked_for_all_goals_at_once_and_only_within_the_budget(
    session: Session,
) -> None:
    features = await features_of(session, "theorem t (p : Prop) (h : p) : p := by sorry")
    slow = Slow()
    assert await Generated(slow, told, Budget(2.0)).propose([features, features]) == [[], []]
    assert slow.asked == [(["p : Prop\nh : p\n⊢ p"] * 2, 4, 8, "generator")]


def depending_on(root: Path, *packages: str) -> Workspace:
    rows = [{"name": name, "rev": "abc"} for name in packages]
    (root / "lake-manifest.json").write_text(json.dumps({"packages": rows}))
    return Workspace.at(root)


async def test_it_is_available_with_a_model_or_with_lean_copilot(
    chain: Generator, tmp_path: Path
) -> None:
    bare = depending_on(tmp_path, "mathlib")
    assert Copilot(chain).available(bare) == Available()
    missing = Unavailable(
        "There is no model: `unsorry train` makes one, `unsorry models fetch tacgen` fetches one."
    )
    assert Copilot().available(bare) == missing
    assert Copilot(Generator(ModelSettings(), tmp_path)).available(bare) == missing
    for name in ("LeanCopilot", "«LeanCopilot»"):
        assert Copilot().available(depending_on(tmp_path, "mathlib", name)) == Available()


def test_with_another_model_it_is_another_attempt(listener: Path, speaker: Path) -> None:
    said = {
        Copilot(Generator(ModelSettings(str(folder)))).parameters for folder in (listener, speaker)
    }
    assert len(said) == 2
    assert json.loads(Copilot().parameters) == {"model": ""}


SEARCHES = """
macro "search_proof" : tactic => `(tactic| simp?)
theorem t (xs : List Nat) : xs ++ [] = xs := by sorry
"""
SUGGESTS = """
inductive Small : Nat → Prop
  | zero : Small 0
  | one : Small 1
macro "suggest_tactics" : tactic => `(tactic| (show_term intro x; sorry))
theorem t : ∀ n : Nat, n + 0 = n := by sorry
"""


@pytest.mark.parametrize(
    ("text", "named"), [(SEARCHES, "simp only [List.append_nil]"), (SUGGESTS, "")]
)
async def test_only_suggestions_of_lean_copilots_tactics_become_proofs(
    text: str, named: str, session: Session
) -> None:
    script = await proves(session, text, Copilot())
    assert script.startswith(named)
    assert not any(word in script for word in ("search_proof", "suggest_tactics", "sorry", "?"))


async def test_where_the_tactics_are_not_there_nothing_is_tried(session: Session) -> None:
    _, goal = await goal_of(session, "theorem t : True := by sorry")
    tries = Tries(goal, session, Budget(60.0))
    assert await proved_by_it(tries) is None
    assert tries.tried == 0 and not tries.made
