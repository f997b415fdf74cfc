"""The names that a user may give for strategies: one, its family, or a group of them.

Which strategies there are is `search.arms`; this only resolves names.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

from search.settings import OFF

MICRO = "micro"
"""The group of all strategies that need nothing but Lean's own tactics and learn nothing."""
_OTHER_FAMILIES = frozenset({"refute", "memory", "premises", "generation"})
RECALL = "recall"
"""The strategy that the engine makes from what the ledger knows; no arm of the usual ones."""


class _Named(NamedTuple):
    """A strategy or drafter; `micro`: it is one of that group."""

    name: str
    family: str
    micro: bool

    @property
    def names(self) -> set[str]:
        """What it answers to."""
        return {self.name, self.family, *([MICRO] if self.micro else [])}


@cache
def known_names() -> frozenset[str]:
    """Every name that means something."""
    return frozenset({RECALL, *(name for one in _strategies() for name in one.names)})


def only_strategies(names: Iterable[str]) -> tuple[str, ...]:
    """The strategies that are meant, in the usual order."""
    wanted = set(names)
    usual = tuple(one.name for one in _strategies() if wanted & one.names)
    return (*usual, RECALL) if RECALL in wanted else usual


def frozen_strategies(
    switches: Mapping[str, bool], wanted: Iterable[str] | None = None
) -> frozenset[str]:
    """The strategies that are switched off; the most particular name decides. Those that are `OFF`
    run where they are called by their own name, here or among the `wanted` ones.
    """
    named = OFF.intersection(wanted or ())
    if not switches:
        return OFF - named
    frozen = set() if switches.get(RECALL, True) else {RECALL}
    for one in _strategies():
        group = switches.get(MICRO, True) if one.micro else True
        family = switches.get(one.family, group)
        if not switches.get(one.name, family and (one.name not in OFF or one.name in named)):
            frozen.add(one.name)
    return frozenset(frozen)


@cache
def _strategies() -> tuple[_Named, ...]:
    # Imported here: most workspaces name no strategy.
    from search.arms import default_arms, default_drafters

    arms = [arm.strategy for arm in default_arms()]
    return (
        *(_Named(one.name, one.family, one.family not in _OTHER_FAMILIES) for one in arms),
        *(_Named(one.name, one.family, micro=False) for one in default_drafters()),
    )
