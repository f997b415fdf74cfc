"""Who takes part in a search: the strategies and drafters that are wanted and can run, and why the
others are left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from lean.workspace import Workspace
from search.arms import Arm, default_arms, default_drafters
from search.drafting.draft import Drafter
from search.resources import Resources
from search.settings import Settings
from search.strategies.strategy import Available, Unavailable


class _Participant(Protocol):
    @property
    def name(self) -> str: ...

    def available(self, workspace: Workspace) -> Available | Unavailable: ...


@dataclass(frozen=True, slots=True)
class Lineup:
    """`left_out`: by name, why one that is wanted can't run here."""

    arms: tuple[Arm, ...]
    drafters: tuple[Drafter, ...]
    left_out: Mapping[str, str]


def line_up(
    workspace: Workspace,
    settings: Settings,
    resources: Resources,
    arms: Sequence[Arm] | None = None,
    drafters: Sequence[Drafter] | None = None,
) -> Lineup:
    """The usual strategies, or `arms` and `drafters` instead, without those that the settings
    freeze and those that can't run in the workspace. With arms given there are no usual drafters.
    """
    reasons: dict[str, str] = {}
    if drafters is None:
        drafters = default_drafters(resources) if arms is None else ()
    if arms is None:
        arms = default_arms(resources)

    def runs(participant: _Participant) -> bool:
        if not settings.wants(participant.name):
            return False
        available = participant.available(workspace)
        if isinstance(available, Unavailable):
            reasons[participant.name] = available.reason
        return isinstance(available, Available)

    return Lineup(
        # Without a slot they would be waited for for ever.
        tuple(
            arm
            for arm in arms
            if runs(arm.strategy) and (settings.max_heavy or arm.strategy.weight == "light")
        ),
        tuple(drafter for drafter in drafters if runs(drafter)),
        reasons,
    )
