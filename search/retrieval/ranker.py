"""The one interface of all rankers, and the question that is put to them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from lean.protocol import GoalFeatures
from search.retrieval.sight import Sight

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CONTEXT_WEIGHT = 0.5
"""Of a symbol that occurs in the hypotheses alone, beside 1 for one of the target."""


@dataclass(frozen=True, slots=True)
class Query:
    """A goal as rankers see it: its symbols, each with its weight; its text where it is known."""

    symbols: Mapping[str, float]
    display: str = ""
    vector: "NDArray[np.float32] | None" = None
    """What a model of language makes of the goal, where there is one."""
    besides: frozenset[str] = field(default_factory=frozenset)
    """Names of theorems from whose proofs nothing may be learned: the goal's own, in a bench."""

    @classmethod
    def of(cls, features: GoalFeatures, bodies: bool = False) -> "Query":
        """The question that a goal asks; with `bodies` also what its definitions are made of, as
        the branches of an induction will.
        """
        context = [name for h in features.hypotheses for name in h.constants]
        if bodies:
            context += [n for d in features.definitions if d.direct for n in d.constants]
        return cls.of_symbols(features.target.constants, context, features.display)

    @classmethod
    def of_symbols(
        cls, target: Iterable[str], context: Iterable[str] = (), display: str = ""
    ) -> "Query":
        """The question from the constants of a target, and of its hypotheses."""
        weights = dict.fromkeys(context, CONTEXT_WEIGHT) | dict.fromkeys(target, 1.0)
        return cls(weights, display)


class Ranker(Protocol):
    """One idea of what is relevant."""

    @property
    def name(self) -> str:
        """Its name in tables."""

    def rank(self, query: Query, sight: Sight, count: int) -> list[tuple[int, float]]:
        """The numbers of at most `count` theorems in sight with their scores, best first.

        Scores of different rankers can't be compared.
        """
