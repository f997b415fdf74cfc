"""The engine with real Lean and small strategies: verdicts, events, staleness, deaths, endings."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from lean.errors import LeanError
from lean.goal import Goal
from lean.session import Session
from lean.workspace import Workspace
from search.arms import Arm
from search.budget import Budget
from search.engine import Engine
from search.events import (
    AttemptFinished,
    AttemptStarted,
    DocumentElaborated,
    DocumentFailed,
    GoalFound,
    GoalVerdict,
    ProofFound,
    Status,
)
from search.settings import Effort, Settings
from search.strategies.strategy import Counterexample, Result
from tests.search.few_tactics import FewTactics, use

FEW = (Arm(FewTactics()),)
SETTINGS = Settings(sessions=1, spare=False, remember=False, policy_name="fixed")
SLOW = "theorem slow (f : Nat → Nat) : f 1 = f 2 := by sorry"
"""Nothing in FEW proves it."""


@dataclass(frozen=True, slots=True)
class Proposes(FewTactics):
    """Claims success with `script`, or with a counterexample, without asking Lean."""

    script: str = ""
    counterexample: Counterexample | None = None

    async def run(self, goal: Goal, session: Session, budget: Budget) -> Result:
        lines = (self.script,) if self.script else ()
        return Result(True, self.name, lines, refutation=self.counterexample)


@dataclass(frozen=True, slots=True)
class Kills(FewTactics):
    """Its session dies whenever it runs."""

    async def run(self, goal: Goal, session: Session, budget: Budget) -> Result:
        session.kill("a test wants it")
        await session.stats()
        raise AssertionError("the session is dead")


@dataclass(frozen=True, slots=True)
class Breaks(FewTactics):
    """Has a bug."""

    async def run(self, goal: Goal, session: Session, budget: Budget) -> Result:
        raise ValueError("a bug")


@dataclass(frozen=True, slots=True)
class Early(FewTactics):
    """Does not have what it needs yet."""

    async def run(self, goal: Goal, session: Session, budget: Budget) -> Result:
        return Result(False, self.name, error="not read yet", early=True)


@dataclass(frozen=True, slots=True)
class Waits(FewTactics):
    """Never ends by itself."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, goal: Goal, session: Session, budget: Budget) -> Result:
        self.begun.set()
        await asyncio.sleep(3600)
        raise AssertionError("nobody waits that long")


@pytest.fixture(scope="module")
async def the_engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engine]:
    folder = tmp_path_factory.mktemp("engine")
    async with Engine.open(Workspace.at(folder), SETTINGS, FEW) as engine:
        yield engine


@pytest.fixture
def engine(the_engine: Engine) -> Iterator[Engine]:
    """The engine of all tests, with the plan restored after each."""
    yield the_engine
    use(the_engine, *FEW)
    the_engine.forget("x.lean")


async def verdicts(engine: Engine, text: str, path: str = "x.lean") -> list[GoalVerdict]:
    view = await engine.update(path, text)
    assert view is not None
    return [await engine.prove(goal) for goal in view.goals]


async def verdict(engine: Engine, text: str) -> GoalVerdict:
    return (await verdicts(engine, text))[0]


async def test_a_text_teaches_until_it_is_gone(engine: Engine) -> None:
    await engine.update("x.lean", "theorem a (x y : Nat) : x + y = y + x := by omega\n" + SLOW)
    assert (before := len(engine.resources.steps)) > 0
    engine.forget("x.lean", gone=False)
    assert len(engine.resources.steps) == before and not engine.busy
    engine.forget("x.lean")
    assert len(engine.resources.steps) == 0


async def test_each_hole_gets_its_verdict(engine: Engine) -> None:
    found = await verdicts(
        engine,
        "theorem a (x y : Nat) : x + y = y + x := by sorry\n"
        "def data : Nat := sorry\n"
        "theorem b (n : Nat) : n < 5 := by sorry\n"
        'macro "magic" : tactic => `(tactic| sorry)\n'
        "theorem c : 2 + 2 = 4 := by magic\n",
    )
    assert [verdict.kind for verdict in found] == ["proved", "skipped", "open", "skipped"]
    assert found[0].script == "omega"
    assert found[0].edit is not None and found[0].edit.replacement == "omega"
    assert [attempt.success for attempt in found[0].attempts] == [True]
    assert found[0].seconds > 0 and found[0].heartbeats > 0
    assert "value" in found[1].reason and "macro" in found[3].reason


async def test_events_tell_the_story_in_order(engine: Engine) -> None:
    events = engine.events()
    await verdict(engine, "theorem told : 1 + 1 = 2 := by sorry")
    kinds = []
    async for event in events:
        kinds.append(type(event))
        if isinstance(event, Status):
            break
    assert kinds == [
        DocumentElaborated,
        GoalFound,
        AttemptStarted,
        AttemptFinished,
        ProofFound,
        Status,
    ]


async def test_a_failing_import_is_told(engine: Engine) -> None:
    events = engine.events()
    view = await engine.update("x.lean", "import Nowhere\ntheorem t : True := sorry")
    assert view is not None and not view.goals
    assert "Nowhere" in view.document.import_error
    event = await anext(events)
    assert isinstance(event, DocumentFailed) and "Nowhere" in event.reason


async def test_the_same_text_is_not_read_again(engine: Engine) -> None:
    text = "theorem same : 3 = 3 := by sorry"
    first = await engine.update("x.lean", text)
    assert await engine.update("x.lean", text) is first


async def test_a_newer_text_ends_the_search_of_the_older(engine: Engine) -> None:
    waits = Waits()
    use(engine, Arm(waits))
    old = await engine.update("x.lean", "theorem t : 3 = 3 := by sorry")
    assert old is not None
    waiting = asyncio.create_task(engine.prove(old.goals[0]))
    await asyncio.wait_for(waits.begun.wait(), 60)
    use(engine, *FEW)
    assert (await verdict(engine, "theorem t : 4 = 4 := by sorry")).kind == "proved"
    assert (await waiting).reason == "the text has changed"
    assert (await engine.prove(old.goals[0])).kind == "open"


async def test_a_text_superseded_while_lean_reads_it_has_no_view(engine: Engine) -> None:
    slow = "\n".join(f"theorem t{n} : {n} * {n} = {n * n} := by decide" for n in range(3000))
    first = asyncio.create_task(engine.update("x.lean", slow))
    await asyncio.sleep(0.1)
    second = await engine.update("x.lean", "theorem quick : True := by sorry")
    assert await first is None
    assert second is not None and len(second.goals) == 1


async def test_a_rejected_script_is_recorded_and_the_search_goes_on(engine: Engine) -> None:
    use(engine, Arm(Proposes(script="sorry", name="cheat")), *FEW)
    found = await verdict(engine, "theorem honest (p : Prop) (h : p) : p := by sorry")
    assert found.kind == "proved" and found.strategy == "few"
    cheat, honest = found.attempts
    assert not cheat.success and cheat.script == "sorry" and "rejected" in cheat.reason
    assert honest.success


async def test_nothing_is_refuted_on_a_strategys_word(engine: Engine) -> None:
    claim = Counterexample((("n", "7"),), "intro h\nexact absurd (h 7) (by decide)")
    use(engine, Arm(Proposes(counterexample=claim)))
    false = await verdict(engine, "theorem f (n : Nat) : n < 5 := by sorry")
    assert false.kind == "refuted" and str(false.counterexample) == "n = 7"
    true = await verdict(engine, "theorem t (n : Nat) : n < 5 + n := by sorry")
    assert true.kind == "open" and "negation" in true.reason
    use(engine, Arm(Proposes(counterexample=Counterexample((), "sorry"))))
    admitted = await verdict(engine, "theorem f (n : Nat) : n < 6 := by sorry")
    assert admitted.kind == "open" and admitted.reason


async def test_a_session_that_dies_is_replaced(engine: Engine) -> None:
    use(engine, Arm(Kills(name="killer")), *FEW)
    found = await verdict(engine, "theorem survives : 5 = 5 := by sorry")
    assert found.kind == "proved"
    killer = found.attempts[0]
    assert killer.strategy == "killer" and killer.outcome == "error"
    assert "a test wants it" in killer.reason


async def test_a_broken_strategy_costs_only_its_turn(engine: Engine) -> None:
    use(engine, Arm(Breaks(name="broken")), *FEW)
    found = await verdict(engine, "theorem t : 6 = 6 := by sorry")
    assert found.kind == "proved"
    assert found.attempts[0].reason == "ValueError: a bug"


async def test_a_strategy_that_overruns_is_stopped(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.attempt.GRACE", 0.1)
    use(engine, Arm(Waits(name="slug"), seconds=0.01), *FEW)
    found = await verdict(engine, "theorem t : 7 = 7 := by sorry")
    assert found.kind == "proved" and "did not stop" in found.attempts[0].reason


async def test_a_failure_that_came_too_early_is_tried_again(engine: Engine) -> None:
    for expected in ([("early", "cancelled"), ("few", "failed")], [("early", "cancelled")]):
        use(engine, Arm(Early(name="early")), *FEW)
        engine.forget("x.lean")
        found = await verdict(engine, "theorem t (f : Nat → Nat) : f 3 = f 4 := by sorry")
        attempts = [one for one in found.attempts if one.strategy != "recall"]
        assert [(one.strategy, one.outcome) for one in attempts] == expected


async def test_no_time_means_no_attempt(engine: Engine) -> None:
    view = await engine.update("x.lean", "theorem t : 8 = 8 := by sorry")
    assert view is not None
    found = await engine.prove(view.goals[0], Effort(0.0, 1000))
    assert found.kind == "open" and not found.attempts


async def test_a_cancelled_caller_leaves_nothing_running(engine: Engine) -> None:
    view = await engine.update("x.lean", SLOW)
    assert view is not None
    assert (await engine.prove(view.goals[0])).kind == "open"
    waits = Waits(name="waits")
    use(engine, Arm(waits))
    proving = asyncio.create_task(engine.prove(view.goals[0], Effort(60, 1000)))
    await asyncio.wait_for(waits.begun.wait(), 60)
    proving.cancel()
    await asyncio.wait({proving})
    use(engine, *FEW)
    # The only session would still be taken.
    assert (await verdict(engine, "theorem t : 10 = 10 := by sorry")).kind == "proved"


async def test_stop_ends_a_search_that_somebody_has_asked_for(engine: Engine) -> None:
    view = await engine.update("x.lean", SLOW)
    assert view is not None
    assert (await engine.prove(view.goals[0])).kind == "open"
    waits = Waits(name="asked")
    use(engine, Arm(waits))
    proving = asyncio.create_task(engine.prove(view.goals[0], Effort(60, 1000)))
    await asyncio.wait_for(waits.begun.wait(), 60)
    engine.stop(view.goals[0])
    verdict = await asyncio.wait_for(proving, 20)
    assert (verdict.kind, verdict.reason) == ("open", "the search was ended")


async def test_confirm_reads_on_a_session_that_has_seen_nothing(engine: Engine) -> None:
    await verdict(engine, "theorem t : 11 = 11 := by sorry")
    before = engine.pool_stats().started
    document = await engine.confirm("x.lean", "theorem t : 11 = 11 := by rfl")
    assert document.elaborates and not document.holes
    assert engine.pool_stats().started == before + 1


async def test_unavailable_strategies_are_left_out(tmp_path: Path) -> None:
    plan = (Arm(FewTactics(missing="no such thing here")), *FEW)
    async with Engine.open(Workspace.at(tmp_path), SETTINGS, plan) as one:
        assert one.scheduler.arms == FEW


async def test_closing_ends_all_processes_and_all_waiting(tmp_path: Path) -> None:
    children = set(psutil.Process(os.getpid()).children())
    waits = Waits()
    async with Engine.open(Workspace.at(tmp_path), SETTINGS, [Arm(waits)]) as engine:
        events = engine.events()
        view = await engine.update("x.lean", SLOW)
        assert view is not None
        joined = asyncio.create_task(engine.prove(view.goals[0]))
        own = asyncio.create_task(engine.prove(view.goals[0], Effort(60, 1000)))
        await asyncio.wait_for(waits.begun.wait(), 60)
        await asyncio.sleep(0.1)
    assert (await joined).kind == "open"
    assert (await own).reason == "the search was ended"
    assert isinstance(await anext(events), DocumentElaborated)
    assert set(psutil.Process(os.getpid()).children()) <= children


async def test_no_toolchain_is_an_error_of_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNSORRY_NODE", str(tmp_path / "no-node"))
    with pytest.raises(LeanError, match="UNSORRY_NODE"):
        async with Engine.open(Workspace.at(tmp_path), Settings(sessions=1)):
            pass


async def test_project_modules_are_compiled_and_their_changes_seen(tmp_path: Path) -> None:
    module = tmp_path / "Ground.lean"
    header = "@[expose] public section\n"
    module.write_text(header + "theorem open_end : 1 + 1 = 2 := sorry\ndef size : Nat := 3\n")
    plan = [Arm(FewTactics(("exact open_end", "rfl")))]
    async with Engine.open(Workspace.at(tmp_path), SETTINGS, plan) as engine:
        lent = "import Ground\ntheorem lent : 1 + 1 = 2 := by sorry"
        assert (await verdict(engine, lent)).kind == "open"
        three = "import Ground\ntheorem three : size = 3 := by sorry"
        assert (await verdict(engine, three)).script == "rfl"
        module.write_text(header + "theorem open_end : 1 + 1 = 2 := rfl\ndef size : Nat := 4\n")
        four = "import Ground\ntheorem four : size = 4 := by sorry"
        assert (await verdict(engine, four)).script == "rfl"
        assert (await verdict(engine, lent + "\n")).script == "exact open_end"


async def test_nothing_rests_on_a_lemma_that_rests_on_an_imported_sorry(tmp_path: Path) -> None:
    header = "@[expose] public section\n"
    (tmp_path / "Ground.lean").write_text(
        header + "namespace Ground\ntheorem bad : 1 = 2 := sorry\ntheorem good : 1 = 1 := rfl\n"
    )
    (tmp_path / "Middle.lean").write_text(
        "import Ground\n" + header + "theorem worse : 2 = 1 := Ground.bad.symm\n"
        "theorem fine : 1 = 1 := Ground.good\n"
    )
    arms = [Arm(FewTactics(("exact worse", "exact fine")))]
    async with Engine.open(Workspace.at(tmp_path), SETTINGS, arms) as engine:
        wrong, right = await verdicts(
            engine,
            "import Middle\ntheorem wrong : 2 = 1 := by sorry\ntheorem right : 1 = 1 := by sorry",
        )
    assert wrong.kind == "open" and "worse" in wrong.reason
    assert right.kind == "proved" and right.script == "exact fine"
