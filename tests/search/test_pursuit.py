"""One goal's way with real Lean: races, memory of what was tried and found, changing texts."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from lean.goal import Goal
from lean.session import Limits, Session
from lean.workspace import Workspace
from search.announcing import Events
from search.arms import Arm
from search.budget import Budget
from search.engine import Engine
from search.events import Attempt, GoalStale, GoalVerdict, RaceWon, TicketOpened
from search.records import Fingerprint
from search.settings import Effort, Settings
from search.strategies.strategy import Result
from tests.search.few_tactics import FewTactics, use

FEW = Arm(FewTactics())
SETTINGS = Settings(sessions=2, spare=False, policy_name="fixed", tickets=False, timeout=60.0)
UNPROVED = "theorem t (f : Nat → Nat) : f 1 = f 2 := by sorry"
NEEDS_A_LEMMA = """\
def rev : List Nat → List Nat
  | [] => []
  | x :: xs => rev xs ++ [x]

def total : List Nat → Nat
  | [] => 0
  | x :: xs => x + total xs

theorem total_rev (xs : List Nat) : total (rev xs) = total xs := by
  sorry
"""
SLOW = "exact absurd (by decide +kernel) (show ¬ (List.range 5000).length = 0 by decide +kernel)"
"""Fails after a moment in the kernel, which can't be interrupted."""


@dataclass(frozen=True, slots=True)
class Waits(FewTactics):
    """Works without end on Lean's side, and counts its runs."""

    runs: list[str] = field(default_factory=list)

    async def run(self, goal: Goal, session: Session, budget: Budget) -> Result:
        self.runs.append(goal.text)
        await session.check(goal.proofs, [SLOW] * 10_000, Limits(0, 60.0)).finish()
        raise AssertionError("nobody waits that long")


@dataclass(frozen=True, slots=True)
class Fails(FewTactics):
    """Fails at once, and counts its runs."""

    runs: list[str] = field(default_factory=list)

    async def run(self, goal: Goal, session: Session, budget: Budget) -> Result:
        self.runs.append(goal.text)
        return Result(False, self.name, error="it was not meant to")


@pytest.fixture(scope="module")
async def the_engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engine]:
    folder = tmp_path_factory.mktemp("pursuit")
    async with Engine.open(Workspace.at(folder), SETTINGS, [FEW]) as engine:
        while engine.pool_stats().sessions < 2:
            await asyncio.sleep(0.05)
        yield engine


@pytest.fixture
def engine(the_engine: Engine) -> Iterator[Engine]:
    yield the_engine
    use(the_engine, FEW)
    the_engine.forget("x.lean")


async def verdict(engine: Engine, text: str, effort: Effort | None = None) -> GoalVerdict:
    view = await engine.update("x.lean", text)
    assert view is not None and view.document.elaborates, view
    return await engine.prove(view.goals[0], effort)


async def next_of(events: Events, kind: type) -> object:
    async with asyncio.timeout(60):
        async for event in events:
            if isinstance(event, kind):
                return event
    raise AssertionError("the engine has closed")


async def test_the_first_success_stops_the_others(engine: Engine) -> None:
    events = engine.events()
    use(engine, Arm(Waits(name="waits", family="endless")), FEW)
    found = await verdict(engine, "theorem t (a b : Nat) : a + b + 1 = b + 1 + a := by sorry")
    assert found.kind == "proved" and found.strategy == "few"
    won = await next_of(events, RaceWon)
    assert isinstance(won, RaceWon) and won.stopped == 1
    assert not engine.status().running


async def test_a_strategy_that_can_not_be_stopped_at_once_runs_alone(engine: Engine) -> None:
    fails = Fails(name="stubborn", family="library")
    few = FewTactics(name="beside")
    use(engine, Arm(few), Arm(fails, alone=True))
    found = await verdict(engine, "theorem t (a b : Nat) : a + b + 5 = b + 5 + a := by sorry")
    assert found.kind == "proved" and not fails.runs
    assert "stubborn" not in {attempt.strategy for attempt in found.attempts}


async def test_a_first_failure_stops_nothing(engine: Engine) -> None:
    use(engine, Arm(Fails(name="fails", family="bad")), FEW)
    found = await verdict(engine, "theorem t (a b : Nat) : a + b + 2 = b + 2 + a := by sorry")
    assert found.kind == "proved"
    assert [attempt.outcome for attempt in found.attempts] == ["failed", "proved"]


async def test_what_has_failed_is_not_tried_again_with_the_same_budget(engine: Engine) -> None:
    fails = Fails(name="once")
    use(engine, Arm(fails))
    for name in ("first", "second"):
        assert (
            await verdict(engine, UNPROVED.replace("theorem t", f"theorem {name}"))
        ).kind == "open"
    assert len(fails.runs) == 1
    dearer = Effort(60.0, 2 * engine.settings.effort.heartbeats)
    assert (await verdict(engine, UNPROVED, dearer)).kind == "open"
    assert len(fails.runs) == 2


async def test_a_new_declaration_above_is_a_new_chance(engine: Engine) -> None:
    fails = Fails(name="again")
    use(engine, Arm(fails))
    await verdict(engine, UNPROVED)
    await verdict(engine, "-- only a comment\n" + UNPROVED)
    assert len(fails.runs) == 1
    await verdict(engine, "theorem key : 1 + 1 = 2 := rfl\n" + UNPROVED)
    assert len(fails.runs) == 2


async def test_another_axiom_is_a_new_chance(tmp_path: Path) -> None:
    fails, runs = Fails(name="strict"), []
    for accepted in ({}, {}, {"allowed_axioms": frozenset({"ax"})}, {"allow_compiler": True}, {}):
        settings = replace(SETTINGS, **accepted)
        async with Engine.open(Workspace.at(tmp_path), settings, [Arm(fails)]) as engine:
            await verdict(engine, UNPROVED)
        runs.append(len(fails.runs))
    assert runs == [1, 1, 2, 3, 3]


async def test_a_goal_with_other_names_is_served_from_memory(engine: Engine) -> None:
    arms = (Arm(FewTactics(("exact Nat.lt_trans hab hbc",), name="named")),)
    use(engine, *arms)
    first = await verdict(
        engine, "theorem a (a b c : Nat) (hab : a < b) (hbc : b < c) : a < c := by sorry"
    )
    assert first.kind == "proved" and not first.cached
    use(engine)
    again = await verdict(
        engine, "theorem b {x z y : Nat} (h2 : y < z) (h1 : x < y) : x < z := by sorry"
    )
    assert again.kind == "proved" and again.cached and again.strategy == "named"
    assert again.script == "exact Nat.lt_trans h1 h2"


async def test_a_goal_survives_a_change_elsewhere_and_others_are_stopped(engine: Engine) -> None:
    waits = Waits(name="survives")
    use(engine, Arm(waits))
    other = "theorem gone (f : Nat → Nat) : f 3 = f 2 := by sorry\n"
    before = await engine.update("x.lean", other + UNPROVED)
    events = engine.events()
    assert before is not None
    waiting = asyncio.create_task(engine.prove(before.goals[1], None))
    async with asyncio.timeout(60):
        while len(waits.runs) < 2:
            await asyncio.sleep(0.02)
    after = await engine.update("x.lean", "-- the other one is gone\n" + UNPROVED)
    stale = await next_of(events, GoalStale)
    assert isinstance(stale, GoalStale) and stale.goal.hole.declaration == "gone"
    assert after is not None and not waiting.done()
    engine.forget("x.lean")
    assert (await waiting).reason == "the text has changed"


async def test_a_restart_goes_on_where_it_was(tmp_path: Path) -> None:
    fails = Fails(name="before")
    text = UNPROVED + "\ntheorem easy (a b : Nat) : a + b + 3 = b + 3 + a := by sorry"
    for arms in ([Arm(fails), FEW], [Arm(fails), FEW]):
        async with Engine.open(Workspace.at(tmp_path), SETTINGS, arms) as engine:
            view = await engine.update("x.lean", text)
            assert view is not None
            hard, easy = [await engine.prove(goal) for goal in view.goals]
    assert hard.kind == "open" and not hard.attempts
    assert easy.kind == "proved" and easy.cached
    assert len(fails.runs) == 2


async def test_the_same_goal_twice_is_searched_once(engine: Engine) -> None:
    fails = Fails(name="single")
    use(engine, Arm(fails), FEW)
    text = "theorem one (m k : Nat) : m + k + 4 = k + 4 + m := by sorry\n"
    view = await engine.update("x.lean", text + text.replace("one (m k", "two (k m"))
    assert view is not None
    found = [await engine.prove(goal) for goal in view.goals]
    assert [verdict.kind for verdict in found] == ["proved", "proved"]
    assert sorted(verdict.cached for verdict in found) == [False, True]
    assert len(fails.runs) == 1


async def test_a_run_that_has_spent_its_seconds_starts_nothing_more(tmp_path: Path) -> None:
    fails = Fails(name="dear")
    settings = replace(SETTINGS, sessions=1, run_seconds=0.01)
    async with Engine.open(Workspace.at(tmp_path), settings, [Arm(fails)]) as engine:
        view = await engine.update("x.lean", UNPROVED)
        assert view is not None and (await engine.prove(view.goals[0])).kind == "open"
    assert not fails.runs


async def test_helper_lemmas_are_asked_for_once_and_then_the_search_goes_deep(
    tmp_path: Path,
) -> None:
    heavy = Fails(name="heavy", weight="heavy", timeout=20.0)
    arms = [*(Arm(Fails(name=name)) for name in ("one", "two", "three")), Arm(heavy)]
    settings = replace(SETTINGS, tickets=True, escalate_threshold=0.0, profile=1)

    def deep() -> list[str]:
        """The runs that were not for the lemma."""
        return [goal for goal in heavy.runs if "total (rev xs)" in goal]

    async with Engine.open(Workspace.at(tmp_path), settings, arms) as engine:
        events = engine.events()
        first = await verdict(engine, NEEDS_A_LEMMA)
        assert first.tickets and not deep(), "people get their chance first"
        opened = await next_of(events, TicketOpened)
        assert isinstance(opened, TicketOpened) and opened.goal == first.goal
        second = await engine.prove(first.goal, settings.effort)
        assert second.tickets == first.tickets and len(deep()) == 1
        history = await engine.history(first.goal)
        asked = [attempt for attempt in history.attempts if attempt.strategy == "lemma"]
        assert [(attempt.outcome, attempt.seconds) for attempt in asked] == [("failed", 0.0)]


async def test_nothing_is_asked_for_while_the_search_is_paused(tmp_path: Path) -> None:
    fails = [Fails(name=name) for name in ("one", "two", "three")]
    arms = [Arm(strategy) for strategy in fails]
    async with Engine.open(Workspace.at(tmp_path), SETTINGS, arms) as engine:
        await verdict(engine, NEEDS_A_LEMMA)
    settings = replace(SETTINGS, tickets=True)
    async with Engine.open(Workspace.at(tmp_path), settings, arms) as engine:
        engine.throttle.pause("a test wants it")
        view = await engine.update("x.lean", NEEDS_A_LEMMA)
        assert view is not None
        proving = asyncio.create_task(engine.prove(view.goals[0]))
        _, waiting = await asyncio.wait({proving}, timeout=3)
        assert waiting and not engine.status().tickets
        engine.throttle.resume()
        assert (await proving).tickets


@pytest.mark.parametrize("found_here", [True, False])
async def test_a_planted_proof_is_refused_and_withdrawn_where_it_was_found(
    found_here: bool, tmp_path: Path
) -> None:
    text = "theorem wrong (n : Nat) : n < n := by sorry"
    async with Engine.open(Workspace.at(tmp_path), SETTINGS, []) as engine:
        view = await engine.update("x.lean", text)
        assert view is not None
        goal = view.goals[0]
        assert (await engine.prove(goal)).kind == "open"
        (record,) = await engine.memory.knowledge.see([goal])
        attempt = Attempt("planted", "proved", script="sorry")
        verdict = GoalVerdict(goal, "proved", "sorry", "planted")
        project = engine.workspace.fingerprint(goal.key.surroundings)
        fingerprint = Fingerprint(
            engine.workspace.fingerprint(engine.toolchain.fingerprint),
            project if found_here else "another project",
        )
        await engine.memory.knowledge.settle(goal, verdict, attempt, fingerprint)
        again = await engine.prove(goal, Effort(5.0, 1000))
        key = goal.key.key
        left = await engine.memory.ledger.do(lambda open: open.proofs(key, key, fingerprint))
    assert record.status == "open"
    assert again.kind == "open" and not again.cached
    assert bool(left) is not found_here
