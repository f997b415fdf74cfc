"""The measurement of premises: what is known of proofs, and the arithmetic of recall."""

import pytest

from bench.known_premises import known_goals, texts, without_its_own
from bench.premises import MANY, Costs, Figures
from lean.document import elaborate
from lean.premise_shard import Shard
from lean.premises import local_premises
from lean.session import Session
from search.retrieval.sight import Imported

BOTH = ["honest/list-02", "hard/lists"]


@pytest.fixture
async def imported(session: Session) -> Imported:
    """Two theorems of the library, as if there were no others."""
    names = ("List.append_assoc", "List.length_append")
    lemmas = "".join(f"theorem _root_.X.{n} : True := trivial\n" for n in names)
    document = await elaborate(session, f"{lemmas}theorem t : True := by sorry")
    shard = await local_premises(session, document.holes[0].proofs[0])
    rows = [row for _, some in shard.premises() for row in some]
    renamed = [type(row)(row.name.removeprefix("X."), "M", row.symbols) for row in rows]
    made = Shard.of({("M", ""): renamed})
    return Imported((made, span) for span in made.spans)


async def test_goals_with_what_their_proofs_used(session: Session, imported: Imported) -> None:
    goals = await known_goals(session, imported, BOTH)
    used = {
        goal.use.name: {goal.sight.name(number) for number in goal.used}
        for goal in goals
        if goal.kind == "theorem"
    }
    assert used["honest/list-02 list_02"] == {"List.append_assoc"}
    assert "Lists.rev_app" in used["hard/lists Lists.rev_rev"]
    assert all(goal.source == goal.text.split("/")[0] for goal in goals)


async def test_nothing_is_learned_from_what_comes_later(
    session: Session, imported: Imported
) -> None:
    goals = without_its_own(await known_goals(session, imported, BOTH))
    for place, goal in enumerate(goals):
        later = {one.use.name for one in goals[place:] if one.text == goal.text}
        assert goal.query.besides == later and goal.use.name in later


def test_there_are_enough_texts() -> None:
    names = list(texts())
    assert len(names) > 300 and {name.split("/")[0] for name in names} == {
        "honest",
        "bank",
        "mixed",
        "projects",
        "hard",
    }


async def test_recall(session: Session, imported: Imported) -> None:
    goal, *_ = await known_goals(session, imported, ["honest/list-02"])
    (used,) = goal.used
    first = Figures.of([goal], lambda _: [used])
    twentieth = Figures.of([goal], lambda _: [*range(100, 119), used])
    never = Figures.of([goal], lambda _: list(range(100, 100 + MANY)))
    assert (first.few, first.many, first.reciprocal) == (1, 1, 1)
    assert (twentieth.few, twentieth.many, twentieth.reciprocal) == (0, 1, 1 / 20)
    assert (never.few, never.many, never.reciprocal) == (0, 0, 0)


def test_the_95th_percentile() -> None:
    assert Costs(1, 0.0, 0.0, 0, tuple(map(float, range(1, 101)))).p95 == 95.0
