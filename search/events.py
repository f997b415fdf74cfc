"""What the engine hands out: handles of goals, verdicts, and the events of a search.

Plain values, in the words of DESIGN; none of them keeps a process or a proof state alive.
"""

from dataclasses import dataclass
from typing import Literal

from lean.document import Document
from lean.hole import Hole
from lean.insertion import Edit
from search.strategies.strategy import Counterexample

VerdictKind = Literal["proved", "refuted", "open", "skipped"]


@dataclass(frozen=True, slots=True)
class GoalHandle:
    """A goal the engine knows: one hole of the text that `update` got for `path`.

    `revision` counts the texts of that path. The ids in `hole` mean nothing outside the engine.
    """

    path: str
    revision: int
    hole: Hole

    @property
    def text(self) -> str:
        """The goal as Lean displays it; several, an empty line between, if it ran more often."""
        return "\n\n".join(self.hole.goals)


@dataclass(frozen=True, slots=True)
class FileView:
    """One text as Lean read it: all it said in `document`, and a handle for each hole."""

    path: str
    revision: int
    document: Document
    goals: tuple[GoalHandle, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One strategy on one goal. `reason`: why its find was not accepted, or what went wrong.

    `seconds` and `heartbeats` are the strategy's; `verify_seconds` is what the judgement took.
    """

    strategy: str
    success: bool
    script: str = ""
    counterexample: Counterexample | None = None
    reason: str = ""
    seconds: float = 0.0
    verify_seconds: float = 0.0
    heartbeats: int = 0
    scripts_tried: int = 0


@dataclass(frozen=True, slots=True)
class GoalVerdict:
    """What came of a goal.

    `proved`: `script` by `strategy`, accepted by `lean.verify`, to be put in by `edit`. `refuted`:
    false, see `counterexample`. `skipped`: never tried, `reason` says why. `open`: neither;
    `reason` is not empty when something went wrong. `seconds` are those of the whole search.
    """

    goal: GoalHandle
    kind: VerdictKind
    script: str = ""
    strategy: str = ""
    edit: Edit | None = None
    counterexample: Counterexample | None = None
    reason: str = ""
    seconds: float = 0.0
    heartbeats: int = 0
    attempts: tuple[Attempt, ...] = ()
    axioms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentElaborated:
    """A text was read; it may have errors (see `view.document`)."""

    view: FileView


@dataclass(frozen=True, slots=True)
class DocumentFailed:
    """A text could not be read at all; `reason` says why and what to do."""

    path: str
    revision: int
    reason: str


@dataclass(frozen=True, slots=True)
class GoalFound:
    """A hole of a new text."""

    goal: GoalHandle


@dataclass(frozen=True, slots=True)
class AttemptFinished:
    """A strategy has ended."""

    goal: GoalHandle
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class ProofFound:
    """A proof that `lean.verify` accepted."""

    goal: GoalHandle
    verdict: GoalVerdict


@dataclass(frozen=True, slots=True)
class Refuted:
    """The goal is false, and Lean has checked the proof of that."""

    goal: GoalHandle
    verdict: GoalVerdict


@dataclass(frozen=True, slots=True)
class GoalOpen:
    """Nothing was found."""

    goal: GoalHandle
    verdict: GoalVerdict


@dataclass(frozen=True, slots=True)
class GoalSkipped:
    """The hole is shown but never filled: it wants data, or a macro wrote it."""

    goal: GoalHandle
    verdict: GoalVerdict


@dataclass(frozen=True, slots=True)
class Status:
    """How much is waiting and running now."""

    waiting: int
    running: int


Event = (
    DocumentElaborated
    | DocumentFailed
    | GoalFound
    | AttemptFinished
    | ProofFound
    | Refuted
    | GoalOpen
    | GoalSkipped
    | Status
)

VERDICT_EVENTS: dict[
    VerdictKind, type[ProofFound] | type[Refuted] | type[GoalOpen] | type[GoalSkipped]
] = {
    "proved": ProofFound,
    "refuted": Refuted,
    "open": GoalOpen,
    "skipped": GoalSkipped,
}
"""The event that tells of each kind of verdict."""
