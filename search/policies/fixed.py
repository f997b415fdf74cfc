"""`fixed`: always the documented order. The yardstick for everything that learns."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from search.policies.policy import Choice, Observation, Vector
from search.policies.run_times import RunTimes


@dataclass(slots=True)
class FixedOrder:
    """The default order; only the usual times are learned. Unknown strategies come last."""

    order: Sequence[str]
    name: str = "fixed"
    _times: dict[str, RunTimes] = field(default_factory=dict)

    def rank(self, vector: Vector, strategies: Sequence[str]) -> list[Choice]:
        """The strategies in the default order."""
        return [
            Choice(
                strategy,
                -float(position),
                self._times.get(strategy, RunTimes()).usual,
                f"it is number {position + 1} of the default order",
            )
            for position, strategy in enumerate(by_default(strategies, self.order))
        ]

    def update(self, vector: Vector, observation: Observation) -> None:
        """Only the times matter here."""
        self._times.setdefault(observation.strategy, RunTimes()).add(observation)


def by_default(strategies: Sequence[str], order: Sequence[str]) -> list[str]:
    """`strategies` in the default order, those that it does not name at the end."""
    return sorted(strategies, key=lambda strategy: place_of(strategy, order))


def place_of(strategy: str, order: Sequence[str]) -> int:
    """Its place in the default order, counted from 0; the end when it is not named there."""
    return order.index(strategy) if strategy in order else len(order)
