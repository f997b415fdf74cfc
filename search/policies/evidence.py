"""What attempts prove, and what is supposed where there were none.

Shared by the policies that make schedules out of past goals.
"""

from collections.abc import Sequence

from search.policies.fixed import place_of
from search.policies.policy import Observation
from search.policies.run_times import RunTimes
from search.policies.schedule import Belief, Run

SUPPOSED_CHANCE = 0.3
SUPPOSED_SECONDS = 0.5
SUPPOSED_WEIGHT = 0.3
"""Before there is evidence a strategy is taken to solve 30 % of goals in half a second, for a third
of what one attempt says, …"""
FALLING = 0.9
"""… and each later one of the default order 10 % fewer: a cold start is the default order."""


def run_of(observation: Observation, times: RunTimes) -> Run:
    """An attempt as evidence.

    One that was stopped is a failure only as far as its strategy's successes (`times`) usually come
    sooner: a time-out is not a zero (Tornede et al. 2021, arXiv:2109.06234).
    """
    weight = times.come_by(observation.seconds) if observation.censored else 1.0
    return Run(observation.solved, observation.seconds, weight)


def default_beliefs(strategies: Sequence[str], order: Sequence[str]) -> dict[str, Belief]:
    """What is supposed of each strategy by its place in the default order."""
    return {
        name: Belief(
            SUPPOSED_WEIGHT,
            SUPPOSED_CHANCE * FALLING ** place_of(name, order),
            SUPPOSED_SECONDS,
        )
        for name in strategies
    }
