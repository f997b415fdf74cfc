"""`contextual`: the greedy schedule of the goals that resemble this one.

The evidence are the nearest neighbours over goal features, each as much as it resembles the goal;
behind them stand the latest other goals, with less weight each, and what the features themselves
say of each strategy's chance (`outlook`). A cold start is the default order; a file that resembles
one already solved gets what solved that. Nearest neighbours do best among MedleySolver's arms
(Pimpalkhare et al. 2021).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from search.features import tokens
from search.policies.evidence import run_of
from search.policies.fixed import by_default, place_of
from search.policies.neighbours import Neighbours
from search.policies.outlook import Outlook
from search.policies.policy import Choice, Observation, Vector
from search.policies.run_times import RunTimes
from search.policies.schedule import Belief, Case, Pick, Run, schedule

NEIGHBOURS = 32
"""Similar goals that are asked."""
SHARPNESS = 1.5
"""Exponent of similarity: how much less than the nearest neighbour a more distant one counts."""
LATEST = 200
"""Other goals that stand behind the neighbours, the latest ones."""
LATEST_WEIGHT = 5.0
"""What those count together; the nearest neighbour counts 1."""
OUTLOOK_WEIGHT = 6.0
"""What the outlook by features counts beside them."""
FAVOUR = 0.98
"""Each later strategy of the default order is taken to be worth 2 % less: this breaks ties.

These constants were chosen by replay (`bench.policies`) on other orders of the goals than those of
its table; within a factor of two of each, PAR-2 changes by less than a tenth.
"""


@dataclass(slots=True)
class Contextual:
    """Ranks by estimated successes per second on goals like this one."""

    order: Sequence[str]
    name: str = "contextual"
    _index: Neighbours = field(default_factory=Neighbours)
    _seen: list[dict[str, Run]] = field(default_factory=list)
    """By goal of the index: the latest run of each strategy."""
    _times: dict[str, RunTimes] = field(default_factory=dict)
    _outlooks: dict[str, Outlook] = field(default_factory=dict)

    def rank(self, vector: Vector, strategies: Sequence[str]) -> list[Choice]:
        """The strategies by what they did on similar goals; each place supposes that those before
        it have failed.
        """
        names = by_default(strategies, self.order)
        near = self._index.nearest(vector, NEIGHBOURS)
        cases = [
            Case(self._seen[number], (similarity / near[0][1]) ** SHARPNESS)
            for number, similarity in near
        ]
        similar = {number for number, _ in near}
        latest = range(max(0, len(self._seen) - LATEST), len(self._seen))
        others = [number for number in latest if number not in similar]
        cases += [Case(self._seen[number], LATEST_WEIGHT / len(others)) for number in others]
        features = tokens(vector)
        beliefs = {name: self._belief(name, features) for name in names}
        picks = schedule(cases, names, beliefs)
        return [self._choice(pick, place) for place, pick in enumerate(picks)]

    def update(self, vector: Vector, observation: Observation) -> None:
        """Remember the attempt with its goal."""
        number = self._index.number(vector)
        if number == len(self._seen):
            self._seen.append({})
        times = self._times.setdefault(observation.strategy, RunTimes())
        times.add(observation)
        run = run_of(observation, times)
        self._seen[number][observation.strategy] = run
        outlook = self._outlooks.setdefault(observation.strategy, Outlook())
        outlook.learn(tokens(vector), run.solved, run.weight)

    def _belief(self, strategy: str, features: frozenset[str]) -> Belief:
        """What its features say of the goal, at what an attempt has cost so far."""
        chance = self._outlooks.get(strategy, Outlook()).chance(features)
        chance *= FAVOUR ** place_of(strategy, self.order)
        return Belief(OUTLOOK_WEIGHT, chance, self._times.get(strategy, RunTimes()).mean)

    def _choice(self, pick: Pick, place: int) -> Choice:
        seconds = self._times.get(pick.strategy, RunTimes()).usual
        rest = " that those before it left open" if place else ""
        if pick.tried:
            why = (
                f"of {pick.tried} similar or recent goals{rest} it solved {pick.solved}; "
                f"estimated {pick.chance:.0%} in {pick.seconds:.2f} s"
            )
        else:
            why = "no similar goal tells anything, so its place is that of the default order"
        return Choice(pick.strategy, pick.rate, seconds, why)
