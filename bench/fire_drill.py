"""One drill of the fire drill: what happened, what the user saw, and whether life went on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Drill:
    """`seen`: what the caller or user is told. `after`: what the next request gave."""

    what: str
    seen: str
    after: str
    survived: bool
    seconds: float
