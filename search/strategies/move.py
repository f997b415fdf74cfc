"""A structural move: a script that turns a goal into others, with a place for each of theirs."""

from dataclasses import dataclass

GOAL = "?_"
"""Where a move's text has a place for the script of a goal it leaves."""


@dataclass(frozen=True, slots=True)
class Move:
    """A tactic that leaves goals. `text` has a `?_` for each, or none: then bullets follow it.

    `forced`: nothing else is worth trying when it works. `brief` is a form that takes one tactic
    for all goals behind `<;>`.
    """

    text: str
    forced: bool = False
    brief: str = ""

    @property
    def weight(self) -> int:
        """How much of the depth of the search it uses up; introducing and splitting are free."""
        return 0 if self.forced else 1
