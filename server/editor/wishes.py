"""What the user has asked of the search in this window, for engines that are opened later, too.

It is not kept beyond the window; settings that are to last are the editor's or a file's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from search.settings import Profile

if TYPE_CHECKING:
    from search.engine import Engine


@dataclass(slots=True)
class Wishes:
    """A pause, a share of the machine, a profile; None: as the settings say."""

    paused: bool = False
    cpu_target: float | None = None
    profile: Profile | None = None

    def apply(self, engine: "Engine") -> None:
        """Have an engine do what was asked."""
        if self.paused:
            engine.throttle.pause()
        elif engine.throttle.paused_because:
            engine.throttle.resume()
        if self.cpu_target is not None:
            engine.throttle.target = self.cpu_target
        if self.profile is not None:
            engine.settings = replace(engine.settings, profile=self.profile)

    def give_way(self, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
        """Settings that the user has changed since count more than what was asked before."""
        if before.get("cpu_target") != now.get("cpu_target"):
            self.cpu_target = None
        if before.get("profile") != now.get("profile"):
            self.profile = None
