"""The words of `unsorry why`: a goal, how hard it looks, what comes next, what has been tried.

Rendering only; the values come from the ledger, the policy and the difficulty.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from search.bandit import Choice
from search.difficulty import Difficulty
from search.records import AttemptRecord, GoalRecord
from search.settings import Settings

CONTRIBUTIONS = 5
"""How many reasons for the difficulty are shown, the largest ones."""
ATTEMPTS = 20
"""How many attempts are shown, the newest ones."""
REASON_WIDTH = 70
"""Columns of the reason why an attempt failed."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything there is to say about a goal. `places`: file, declaration, line, column."""

    goal: GoalRecord
    places: Sequence[tuple[str, str, int, int]]
    attempts: Sequence[AttemptRecord]
    choices: Sequence[Choice]
    policy: str
    difficulty: Difficulty
    settings: Settings


def as_text(found: Explanation) -> str:
    """The explanation for people."""
    return "\n".join(
        [
            *(f"{file}:{line}:{column}  {name}" for file, name, line, column in found.places),
            f"{found.goal.status}, key {found.goal.key}",
            "",
            found.goal.display,
            "",
            *_difficulty(found),
            *_budget(found),
            "",
            *_choices(found),
            "",
            *_attempts(found.attempts),
        ]
    )


def _difficulty(found: Explanation) -> list[str]:
    model, vector = found.difficulty, found.goal.vector
    learned = f"learned from {model.rows} goals" if model.rows else "by the usual weights"
    parts = {name: weight * vector.get(name, 0.0) for name, weight in model.weights.items()}
    largest = sorted(parts.items(), key=lambda item: -abs(item[1]))[:CONTRIBUTIONS]
    shown = ", ".join(f"{name} {part:+.2f}" for name, part in largest if part)
    lines = [f"difficulty {model.of(vector):.2f} ({learned})" + (f": {shown}" if shown else "")]
    threshold = found.settings.escalate_threshold
    if model.of(vector) < threshold:
        lines.append(f"  below {threshold:.2f}: no heavy strategy runs on it")
    elif not found.settings.effort.heavy_seconds:
        lines.append(f"  profile {found.settings.profile} has no time for heavy strategies")
    return lines


def _budget(found: Explanation) -> list[str]:
    effort, goal = found.settings.effort, found.goal
    lines = [
        f"light strategies have used {goal.spent_light:.1f} s, a search may use "
        f"{effort.seconds:.1f} s"
    ]
    if effort.heavy_seconds or goal.spent_heavy:
        lines.append(
            f"heavy strategies have used {goal.spent_heavy:.1f} s, a search may use "
            f"{effort.heavy_seconds:.1f} s"
        )
    return lines


def _choices(found: Explanation) -> list[str]:
    lines = [f"what is tried, in this order (policy {found.policy}):"]
    last = {attempt.strategy: attempt for attempt in found.attempts}
    for number, choice in enumerate(found.choices, 1):
        before = last.get(choice.strategy)
        done = f"; last time: {before.outcome}" if before else ""
        lines.append(f"  {number:>2}. {choice.strategy:<12} {choice.why}{done}")
    return lines


def _attempts(attempts: Sequence[AttemptRecord]) -> list[str]:
    if not attempts:
        return ["nothing has been tried yet"]
    left_out = len(attempts) - ATTEMPTS
    lines = [
        "what was tried"
        + (f" (the last {ATTEMPTS} of {len(attempts)})" if left_out > 0 else "")
        + ":"
    ]
    for attempt in attempts[-ATTEMPTS:]:
        moment = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(attempt.started_at))
        said = attempt.script if attempt.outcome == "proved" else attempt.reason
        said = " ".join(said.split())[:REASON_WIDTH]
        cost = f"{attempt.outcome:<9} {attempt.seconds:6.2f} s"
        lines.append(f"  {moment}  {attempt.strategy:<12} {cost}  {said}".rstrip())
    return lines
