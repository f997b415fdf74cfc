"""What is tried next: the rank of goals, the order of strategies on a goal, and their slices.

It decides and learns; it runs nothing. Which policy orders the strategies is a setting; what races
against what is `search.race`, how much may run at all is the throttle's.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from search.arms import Arm
from search.bandit import Choice, Observation, Policy
from search.criticality import Criticality
from search.events import Attempt, GoalHandle
from search.settings import Effort, Settings
from search.strategies.strategy import Weight

LEAST = 0.05
"""Seconds below which a strategy is not worth starting."""
LONGEST_SLICE = 15.0
"""Seconds after which a light strategy is cut off, however much its goal may cost."""
FAILED_BEFORE_HEAVY = 2
"""Light strategies that must have failed before heavy ones run."""

Tried = Mapping[tuple[str, str], Collection[tuple[float, int]]]
"""By strategy and parameters: the budgets (seconds, heartbeats) with which it failed."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One strategy's turn on a goal: why it is this one's, and the budget it may use."""

    arm: Arm
    choice: Choice
    seconds: float
    heartbeats: int

    @property
    def name(self) -> str:
        """The strategy's name."""
        return self.arm.strategy.name


class Scheduler:
    """The decisions of one engine. `arms` may be changed: later goals use the new ones."""

    def __init__(self, arms: Sequence[Arm], policy: Policy, settings: Settings) -> None:
        self.arms = tuple(arms)
        self.policy = policy
        self.criticality = Criticality()
        self.focused: frozenset[str] = frozenset()
        """The texts that are open in an editor."""
        self._settings = settings
        self._edits: dict[str, int] = {}
        self._count = 0

    def edited(self, path: str) -> None:
        """The user has just changed this text."""
        self._count += 1
        self._edits[path] = self._count

    def rank(self, goal: GoalHandle) -> tuple[float, ...]:
        """Smaller is sooner: focus and recency of the edit, then ease, then criticality:
        what the blueprint waits for, then what is mentioned most.

        Difficulties are told apart in steps of a tenth, so that what matters more is not decided
        by noise, and goals of one file follow each other.
        """
        return (
            goal.path not in self.focused,
            -self._edits.get(goal.path, 0),
            round(goal.difficulty, 1),
            -self.criticality.planned(goal.hole.declaration),
            -self.criticality.of(goal.hole.declaration),
        )

    def order(
        self, goal: GoalHandle, weight: Weight, effort: Effort, tried: Tried, more: Sequence[Arm]
    ) -> list[Turn]:
        """The turns of the strategies that have not failed with as much yet, best first.

        `more` are arms for this goal only.
        """
        turns = {
            arm.strategy.name: (arm, *self._slice(arm, effort))
            for arm in (*more, *self.arms)
            if arm.strategy.weight == weight and self._settings.wants(arm.name)
        }
        names = [
            name
            for name, (arm, seconds, heartbeats) in turns.items()
            if not _known(tried, arm, seconds, heartbeats)
        ]
        return [
            Turn(turns[choice.strategy][0], choice, *turns[choice.strategy][1:])
            for choice in self.policy.rank(goal.vector, names)
        ]

    def escalates(self, goal: GoalHandle, failed: int) -> bool:
        """May heavy strategies run after `failed` light ones have failed?"""
        return (
            failed >= FAILED_BEFORE_HEAVY and goal.difficulty >= self._settings.escalate_threshold
        )

    def learn(self, goal: GoalHandle, attempt: Attempt) -> None:
        """Take the outcome of an attempt into account; one that was stopped is censored.

        Not where a search is to be repeatable: the seconds differ each time.
        """
        if attempt.outcome == "error" or self._settings.repeatable:
            return
        censored = attempt.outcome in ("cancelled", "timeout")
        observation = Observation(attempt.strategy, attempt.success, attempt.seconds, censored)
        self.policy.update(goal.vector, observation)

    def _slice(self, arm: Arm, effort: Effort) -> tuple[float, int]:
        heartbeats = max(1, round(arm.heartbeats * effort.heartbeats))
        if arm.strategy.weight == "heavy":
            return min(arm.strategy.timeout, effort.heavy_seconds), heartbeats
        return min(arm.seconds * effort.seconds, LONGEST_SLICE), heartbeats


def next_turn(turns: Sequence[Turn], running: Collection[str]) -> int:
    """Which of the `turns` comes next while strategies of the families `running` are at work.

    The first one of a family that is not at work; when all are, the first.
    """
    for index, turn in enumerate(turns):
        if turn.arm.strategy.family not in running:
            return index
    return 0


def _known(tried: Tried, arm: Arm, seconds: float, heartbeats: int) -> bool:
    """Has this strategy failed with at least this budget?"""
    budgets = tried.get((arm.name, arm.strategy.parameters), ())
    return any(before[0] >= seconds and before[1] >= heartbeats for before in budgets)
