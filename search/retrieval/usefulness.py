"""What is known of a premise from its use: those that come up often and never help fall back.

Only counts and what follows from them for a score; who counts is the library.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

USUAL = 0.02
"""How often a premise that was retrieved is one that helps, before anything is known of it."""
DOUBT = 25.0
"""Retrievals that are worth as much as that expectation."""
LOWEST, HIGHEST = 0.5, 2.0
"""Of the factor: a premise that never helped may still be the one that is missing."""


@dataclass(slots=True)
class Usefulness:
    """Of each premise how often it was retrieved, and how often it was in a proof then."""

    _counts: dict[str, tuple[int, int]] = field(default_factory=dict)

    def note(self, retrieved: Iterable[str], helped: Iterable[str] = ()) -> None:
        """Premises were retrieved for one goal, and some of them are in its proof."""
        used = set(helped)
        for name in {*retrieved, *used}:
            self.count(name, 1, int(name in used))

    def count(self, name: str, retrieved: int, helped: int) -> None:
        """Add to the counts of a premise."""
        before = self._counts.get(name, (0, 0))
        self._counts[name] = (before[0] + retrieved, before[1] + helped)

    def factor(self, name: str) -> float:
        """What the score of a premise is multiplied with: 1 for one of which nothing is known."""
        if name not in self._counts:
            return 1.0
        retrieved, helped = self._counts[name]
        expected = (helped + USUAL * DOUBT) / (retrieved + DOUBT)
        return min(HIGHEST, max(LOWEST, expected / USUAL))

    def counts(self) -> list[tuple[str, int, int]]:
        """Each premise with how often it was retrieved, and how often it helped."""
        return [(name, *counts) for name, counts in sorted(self._counts.items())]
