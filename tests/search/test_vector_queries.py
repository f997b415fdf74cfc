"""Questions with vectors, by a real (small) model and real Lean."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lean.session import Session
from lean.workspace import Workspace
from search.generation.generator import Generator
from search.generation.model_settings import ModelSettings
from search.retrieval.library import PremiseLibrary
from search.vector_queries import VectorQueries
from tests.search.proving import goal_of

TEXT = """
theorem apple (n : Nat) : n + 0 = n := rfl
theorem pear (p q : Prop) (h : p ∧ q) : q ∧ p := ⟨h.2, h.1⟩
theorem t (p q : Prop) (h : p ∧ q) : q ∧ p := by sorry
"""


@pytest.fixture
async def library(workspace: Workspace, tmp_path: Path) -> AsyncIterator[PremiseLibrary]:
    library = PremiseLibrary(workspace, tmp_path / "premises")
    yield library
    await library.close()


async def test_a_model_joins_the_rankers(
    library: PremiseLibrary, session: Session, encoder: Path
) -> None:
    async with Generator(ModelSettings(retriever=str(encoder))) as generator:
        queries = VectorQueries(generator, library)
        _, goal = await goal_of(session, TEXT)
        sight = await library.prepare(session, goal.proofs[0])
        features = (await goal.features(session))[0]
        question = await queries.query(session, goal.proofs[0], sight, features)
        assert question.vector is not None and not queries.problem
        assert any("dense" in one.ranks for one in library.retrieve(question, sight, 50))
        # How many theorems have got a vector by now is a matter of time; the likeliest has.
        (dense,) = library.extra
        ranked = dense.rank(question, sight, sight.size)
        assert "pear" in {sight.name(number) for number, _ in ranked}
        again = await queries.query(session, goal.proofs[0], sight, features)
        assert again.vector is not None and question.vector is not None
        assert (again.vector == question.vector).all() and len(library.extra) == 1


async def test_without_one_symbols_do(library: PremiseLibrary, session: Session) -> None:
    queries = VectorQueries(Generator(ModelSettings(retriever="/nowhere")), library)
    _, goal = await goal_of(session, TEXT)
    sight = await library.prepare(session, goal.proofs[0])
    features = (await goal.features(session))[0]
    question = await queries.query(session, goal.proofs[0], sight, features)
    assert question.vector is None and library.extra == []
    assert "/nowhere" in queries.problem
    assert library.retrieve(question, sight, 3)[0].name == "pear"
