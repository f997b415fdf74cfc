"""Strategies switched off by the settings, each alone and all together: the engine still runs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lean.workspace import Workspace
from search.arms import default_arms, default_drafters
from search.engine import Engine
from search.events import GoalVerdict
from search.lineup import line_up
from search.resources import Resources
from search.settings import Settings
from tests.search.few_tactics import use

_resources = Resources.without_toolchain()
NAMES = sorted(
    {arm.name for arm in default_arms(_resources)}
    | {drafter.name for drafter in default_drafters(_resources)}
)


def without(*names: str) -> Settings:
    return Settings(sessions=1, spare=False, remember=False, frozen=frozenset(names))


async def verdict(engine: Engine, number: int = 0) -> GoalVerdict:
    """Of a goal that is another one for each number: the engine remembers proofs."""
    text = f"theorem t (a b : Nat) : a + b + {number} = {number} + b + a := by sorry\n"
    view = await engine.update("x.lean", text)
    assert view is not None
    return await engine.prove(view.goals[0])


@pytest.fixture(scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engine]:
    workspace = Workspace.at(tmp_path_factory.mktemp("frozen"))
    async with Engine.open(workspace, without()) as engine:
        yield engine


async def test_all_can_be_missing(tmp_path: Path) -> None:
    async with Engine.open(Workspace.at(tmp_path), without(*NAMES)) as engine:
        found = await verdict(engine)
    assert (found.kind, found.script, found.attempts) == ("open", "", ())
    assert engine.left_out == {}


@pytest.mark.parametrize("name", NAMES)
async def test_each_can_be_missing(engine: Engine, tmp_path: Path, name: str) -> None:
    lineup = line_up(Workspace.at(tmp_path), without(name), engine.resources)
    assert name not in [arm.name for arm in lineup.arms]
    assert name not in [drafter.name for drafter in lineup.drafters]
    use(engine, *lineup.arms)
    found = await verdict(engine, 1 + NAMES.index(name))
    assert found.kind == "proved" and found.strategy != name
