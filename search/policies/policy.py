"""What every policy is: it orders strategies for a goal, and learns from each attempt.

Only the interface and its values. A policy knows nothing of Lean, slots or sessions; it is plain
Python over numbers, quick enough to be asked before every attempt.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

Vector = Mapping[str, float]
"""A goal as `search.features.vector` describes it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A strategy in its place of the order.

    `score` compares the choices of one ranking, higher first, in the policy's own unit. `seconds`:
    the time by which it usually succeeds (the 80th percentile of its successes), when the next one
    may start beside it. `why`: the place explained to a user, in a sentence.
    """

    strategy: str
    score: float
    seconds: float
    why: str


@dataclass(frozen=True, slots=True)
class Observation:
    """One attempt of a strategy. `solved`: it proved or refuted its goal.

    `censored`: it was stopped (cancelled, out of time) after `seconds`, before it ended by itself,
    so it is not known whether it would have solved the goal.
    """

    strategy: str
    solved: bool
    seconds: float
    censored: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """One attempt that the ledger remembers, and the goal (key and vector) that it was made on."""

    goal: str
    vector: Vector
    observation: Observation


class Policy(Protocol):
    """A way of choosing what to try next."""

    @property
    def name(self) -> str:
        """Its name in settings and tables."""

    def rank(self, vector: Vector, strategies: Sequence[str]) -> list[Choice]:
        """All of `strategies`, the one to try first first."""

    def update(self, vector: Vector, observation: Observation) -> None:
        """Learn from an attempt on the goal with this vector."""
