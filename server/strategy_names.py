"""The names that a user may give for strategies: one, its family, or a group of them.

Which strategies there are is `search.arms`; this only resolves names.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from search.arms import Arm

MICRO = "micro"
"""The group of all strategies that need nothing but Lean's own tactics."""
_OTHER_FAMILIES = frozenset({"refute"})
RECALL = "recall"
"""The strategy that the engine makes from what the ledger knows; no arm of the usual ones."""
ANNOUNCED = ("copilot", "reprover", "sketch")
"""Strategies that a setting may already name, so that one file serves every version."""


@cache
def known_names() -> frozenset[str]:
    """Every name that means something."""
    strategies = [arm.strategy for arm in _arms()]
    names = {strategy.name for strategy in strategies}
    families = {strategy.family for strategy in strategies}
    return frozenset({*names, *families, MICRO, RECALL, *ANNOUNCED})


def only_strategies(names: Iterable[str]) -> tuple[str, ...]:
    """The strategies that are meant, in the usual order."""
    wanted = set(names)
    usual = tuple(arm.strategy.name for arm in _arms() if wanted & _names_of(arm))
    return (*usual, RECALL) if RECALL in wanted else usual


def frozen_strategies(switches: Mapping[str, bool]) -> frozenset[str]:
    """The strategies that are switched off; the most particular name decides."""
    if not switches:
        return frozenset()
    frozen = {name for name in (RECALL, *ANNOUNCED) if not switches.get(name, True)}
    for arm in _arms():
        strategy = arm.strategy
        group = switches.get(MICRO, True) if MICRO in _names_of(arm) else True
        family = switches.get(strategy.family, group)
        if not switches.get(strategy.name, family):
            frozen.add(strategy.name)
    return frozenset(frozen)


@cache
def _arms() -> "tuple[Arm, ...]":
    # Imported here: most workspaces name no strategy.
    from search.arms import default_arms

    return default_arms()


def _names_of(arm: "Arm") -> set[str]:
    """What the strategy of an arm answers to."""
    strategy = arm.strategy
    names = {strategy.name, strategy.family}
    return names if strategy.family in _OTHER_FAMILIES else {*names, MICRO}
