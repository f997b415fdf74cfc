"""`static`: one order for all goals, tuned once on what the ledger remembers.

The baseline that learned selection often fails to beat (Možíšek and Hůla 2024). It looks at no goal
and learns nothing while it runs; a later run of the engine tunes it again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from search.policies.evidence import default_beliefs, run_of
from search.policies.fixed import by_default
from search.policies.policy import Choice, Observation, Past, Vector
from search.policies.run_times import RunTimes
from search.policies.schedule import Case, Pick, Run, schedule


@dataclass(slots=True)
class StaticSchedule:
    """The greedy schedule of a history; the default order where there is none."""

    order: Sequence[str]
    name: str = "static"
    _picks: dict[str, Pick] = field(default_factory=dict)
    _times: dict[str, RunTimes] = field(default_factory=dict)

    @classmethod
    def tuned(cls, order: Sequence[str], history: Iterable[Past]) -> "StaticSchedule":
        """The policy tuned on past attempts, of which the latest on a goal counts."""
        policy = cls(order)
        past = list(history)
        for one in past:
            policy.update(one.vector, one.observation)
        cases: dict[str, dict[str, Run]] = {}
        for one in past:
            name = one.observation.strategy
            run = run_of(one.observation, policy._times[name])
            cases.setdefault(one.goal, {})[name] = run
        names = by_default(list(policy._times), order)
        found = schedule(
            [Case(runs) for runs in cases.values()], names, default_beliefs(names, order)
        )
        policy._picks = {pick.strategy: pick for pick in found}
        return policy

    def rank(self, vector: Vector, strategies: Sequence[str]) -> list[Choice]:
        """The strategies in the tuned order, those without a past behind them."""
        places = {strategy: place for place, strategy in enumerate(self._picks)}
        ordered = sorted(
            by_default(strategies, self.order), key=lambda name: places.get(name, len(places))
        )
        return [self._choice(name) for name in ordered]

    def update(self, vector: Vector, observation: Observation) -> None:
        """Only the times matter here: the order stays."""
        self._times.setdefault(observation.strategy, RunTimes()).add(observation)

    def _choice(self, strategy: str) -> Choice:
        seconds = self._times.get(strategy, RunTimes()).usual
        pick = self._picks.get(strategy)
        if pick is None:
            return Choice(strategy, 0.0, seconds, "it has not been tried yet")
        why = (
            f"of {pick.tried} past goals that those before it left open it solved {pick.solved}, "
            f"{pick.rate:.2g} a second"
        )
        return Choice(strategy, pick.rate, seconds, why)
