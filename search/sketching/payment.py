"""When to pay: whether a goal is worth a language model, and one that costs money.

Local strategies always run. A model on this machine is asked about goals that look harder than
most; one that may cost money about hard goals only, and the less of the budget is left, the harder
they have to be. How hard a goal looks is its difficulty (`search.difficulty`), up to `LEANING` more
where no premise stands out, because then the local strategies don't know where to begin, and as
much less where one does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from search.sketching.chat_settings import ChatSettings

Level = Literal["local", "local model", "paid"]

LOCAL_MODEL_FROM = 0.5
PAID_FROM = 0.6
"""With all of the budget left; 1.0 with nothing left, and in between quadratically."""
LEANING = 0.1
UNKNOWN = 0.5
"""The uncertainty where no premises were looked for."""
_ORDER: tuple[Level, ...] = ("local", "local model", "paid")


@dataclass(frozen=True, slots=True)
class Decision:
    """The most that may be spent on a goal, and why, in a sentence for the user."""

    level: Level
    reason: str

    def allows(self, level: Level) -> bool:
        """May something of this level be asked?"""
        return _ORDER.index(level) <= _ORDER.index(self.level)


def decide(
    difficulty: float, uncertainty: float, budget_left: float, asked: bool = False
) -> Decision:
    """The decision for a goal. All are between 0 and 1: `budget_left` is the share of the run's
    budget that is not spent, 0 also where nothing may be spent. `asked`: somebody wants this goal.
    """
    worth = min(1.0, max(0.0, difficulty + LEANING * (2.0 * uncertainty - 1.0)))
    threshold = PAID_FROM + (1.0 - PAID_FROM) * (1.0 - budget_left) ** 2
    looks = f"it looks {worth:.2f} hard"
    if budget_left > 0 and asked:
        return Decision("paid", "a paid model may be asked: somebody wants this goal")
    if budget_left > 0 and worth >= threshold:
        return Decision("paid", f"a paid model may be asked: {looks}, from {threshold:.2f} it pays")
    if asked or worth >= LOCAL_MODEL_FROM:
        why = (
            f"{looks}, below {threshold:.2f} with {budget_left:.0%} of the budget left"
            if budget_left > 0
            else "the budget is spent"
        )
        return Decision("local model", f"a model may be asked that costs nothing: {why}")
    return Decision("local", f"no model is asked: {looks}, below {LOCAL_MODEL_FROM:.2f}")


def terms(settings: ChatSettings) -> str:
    """When a language model is asked, in a sentence for the user."""
    if problem := settings.objection():
        return problem
    least = PAID_FROM if settings.paid else LOCAL_MODEL_FROM
    spent = ", the more of the budget is spent the harder" if settings.paid else ""
    limits = [f"{settings.token_budget:,} tokens"] if settings.token_budget is not None else []
    limits += [f"{settings.money_budget:g} money"] if settings.money_budget is not None else []
    within = f"; at most {' and '.join(limits)} a run" if limits else ""
    return f"{settings.model} is asked about goals from difficulty {least:.2f}{spent}{within}"


def uncertainty_of(scores: Sequence[float]) -> float:
    """How little the best of some retrieval scores, which are not negative, stands out: the mean of
    the others over the best. 0: it is alone; 1: all are the same, or there are none.
    """
    ordered = sorted((max(0.0, score) for score in scores), reverse=True)
    if not ordered or ordered[0] <= 0:
        return 1.0
    others = ordered[1:]
    return sum(others) / len(others) / ordered[0] if others else 0.0
