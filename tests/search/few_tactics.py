"""A strategy for tests of what is around strategies: a handful of tactics, tried in order."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from lean.goal import Goal
from lean.session import Session
from lean.workspace import Workspace
from search.arms import Arm
from search.bandit import make_policy
from search.budget import Budget
from search.engine import Engine
from search.strategies.strategy import Available, Result, Unavailable, Weight

TACTICS = ("rfl", "omega", "simp", "decide", "simp_all", "grind", "exact?")


def use(engine: Engine, *arms: Arm) -> None:
    """Let the engine use these arms and no others, in this order."""
    engine.scheduler.arms = arms
    engine.scheduler.policy = make_policy("fixed", [arm.name for arm in arms])


@dataclass(frozen=True, slots=True)
class FewTactics:
    """Tries `tactics` with one `check` request; `missing` makes it unavailable."""

    tactics: Sequence[str] = TACTICS
    name: str = "few"
    family: str = "few"
    parameters: str = "{}"
    weight: Weight = "light"
    timeout: float = 8.0
    missing: str = ""

    def available(self, workspace: Workspace) -> Available | Unavailable:
        """Everywhere, unless it is told to be missing."""
        return Unavailable(self.missing) if self.missing else Available()

    async def run(self, goal: Goal, session: Session, budget: Budget) -> Result:
        """The first tactic that closes the goal."""
        started, spent, tried = time.monotonic(), 0, 0
        found: tuple[str, ...] = ()
        outcomes = session.check(goal.proofs, self.tactics, budget.limits(), first=True)
        async for outcome in outcomes:
            tried, spent = tried + 1, spent + outcome.heartbeats
            if outcome.result == "proved":
                found = (self.tactics[outcome.index],)
        return Result(
            success=bool(found),
            strategy=self.name,
            tactics=found,
            time_seconds=time.monotonic() - started,
            scripts_tried=tried,
            heartbeats=spent,
        )
