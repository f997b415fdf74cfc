"""Which strategy to try next on a goal: the policies behind one interface, and how to make one.

`bench/policies.py` judges them by replay; the table stands in `bench/README.md`. When and where an
attempt runs is the scheduler's business.
"""

from collections.abc import Iterable, Sequence

from search.policies.contextual import Contextual
from search.policies.fixed import FixedOrder
from search.policies.policy import Choice, Observation, Past, Policy, Vector
from search.policies.static import StaticSchedule
from search.policies.thompson import Thompson
from search.policies.ucb1 import Ucb1
from search.settings import PolicyName

__all__ = ["Choice", "Observation", "Past", "Policy", "Vector", "make_policy"]


def make_policy(
    name: PolicyName, default_order: Sequence[str], history: Iterable[Past] = (), seed: int = 0
) -> Policy:
    """The policy of that name, having learned from the past attempts (oldest first).

    `seed` matters to `thompson` alone; the same history and seed give the same rankings.
    """
    order = tuple(default_order)
    if name == "static":
        return StaticSchedule.tuned(order, history)
    policy = _empty(name, order, seed)
    for past in history:
        policy.update(past.vector, past.observation)
    return policy


def _empty(name: PolicyName, order: tuple[str, ...], seed: int) -> Policy:
    match name:
        case "fixed":
            return FixedOrder(order)
        case "static":
            return StaticSchedule(order)
        case "ucb1":
            return Ucb1(order)
        case "thompson":
            return Thompson(order, seed)
        case "contextual":
            return Contextual(order)
