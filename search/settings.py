"""What a user can decide about the search; values only, read by the engine and the portfolio.

Where settings come from (the command line, later a file or an editor) is their reader's business.
"""

from dataclasses import dataclass
from typing import Literal

from lean.session import MEMORY_CEILING
from lean.toolchain import Choice
from lean.verify import Policy

Profile = Literal[0, 1, 2]


@dataclass(frozen=True, slots=True)
class Effort:
    """What a goal may cost: seconds in all, heartbeats (unit of `maxHeartbeats`) a script."""

    seconds: float
    heartbeats: int


EFFORTS: dict[Profile, Effort] = {
    0: Effort(8.0, 200_000),
    1: Effort(20.0, 400_000),
    2: Effort(60.0, 1_000_000),
}
"""By profile. 200,000 heartbeats is what Lean itself gives a declaration."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to search.

    `timeout` (seconds a goal) and `heartbeats` (a script) replace the profile's when they are not
    None. `automatic`: goals are searched as soon as they are found, not only when asked for.
    `sessions` and `spare` are chosen from cores and memory when they are None;
    `memory_ceiling` is in bytes of resident memory a session.
    """

    profile: Profile = 0
    timeout: float | None = None
    heartbeats: int | None = None
    automatic: bool = True
    sessions: int | None = None
    spare: bool | None = None
    memory_ceiling: int = MEMORY_CEILING
    toolchain: Choice = "auto"
    allowed_axioms: frozenset[str] = frozenset()
    allow_compiler: bool = False

    @property
    def effort(self) -> Effort:
        """What one goal may cost."""
        usual = EFFORTS[self.profile]
        return Effort(
            usual.seconds if self.timeout is None else self.timeout,
            usual.heartbeats if self.heartbeats is None else self.heartbeats,
        )

    @property
    def policy(self) -> Policy:
        """What `lean.verify` accepts beyond the standard axioms."""
        return Policy(self.allowed_axioms, self.allow_compiler)
