"""The one interface of all strategies. Which of them runs when is the engine's business."""

from dataclasses import dataclass
from typing import Literal, Protocol

from lean.goal import Goal
from lean.session import Session
from lean.workspace import Workspace
from search.budget import Budget

Weight = Literal["light", "heavy"]


@dataclass(frozen=True, slots=True)
class Available:
    """The strategy can run in this workspace."""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """It can't, and why, in a sentence for the user."""

    reason: str


@dataclass(frozen=True, slots=True)
class Counterexample:
    """Why a goal is false: values for its variables (empty when it is false outright).

    `proof` is the script that proves the negation of the goal closed over its context; the kernel
    has checked it.
    """

    values: tuple[tuple[str, str], ...]
    proof: str

    def __str__(self) -> str:
        return ", ".join(f"{name} = {value}" for name, value in self.values) or "false outright"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one strategy on one goal.

    `success`: `tactics` closed the goal at its proof state (evidence; `lean.verify` decides), or
    `refutation` is not None. `tactics` are the lines of the script. `subgoals`: the fewest goals
    that any attempt left. `scripts_tried` and `heartbeats` (unit of `maxHeartbeats`) are the cost.
    `early`: it did not have all that it needs yet, so that its failure says nothing.
    """

    success: bool
    strategy: str
    tactics: tuple[str, ...] = ()
    time_seconds: float = 0.0
    subgoals: tuple[str, ...] = ()
    error: str = ""
    premises: tuple[str, ...] = ()
    refutation: Counterexample | None = None
    scripts_tried: int = 0
    heartbeats: int = 0
    early: bool = False

    @property
    def script(self) -> str:
        """The tactic block, lines aligned at column 0."""
        return "\n".join(self.tactics)


class Strategy(Protocol):
    """A way of finding a proof. It proposes; it touches neither ledger nor disk nor scheduler."""

    @property
    def name(self) -> str:
        """Its name in tables, settings and the ledger."""

    @property
    def family(self) -> str:
        """Strategies of one family resemble each other: they don't run side by side on a goal while
        another family waits.
        """

    @property
    def parameters(self) -> str:
        """What distinguishes this run from another of the same name, as JSON text; usually `{}`."""

    @property
    def weight(self) -> Weight:
        """Light ones run speculatively; heavy ones when those have failed."""

    @property
    def timeout(self) -> float:
        """Seconds it gets on one goal unless told otherwise."""

    def available(self, workspace: Workspace) -> Available | Unavailable:
        """Can it run there, and if not, why?"""

    async def run(self, goal: Goal, session: Session, budget: Budget) -> Result:
        """Search a proof of `goal`, whose proof states live in `session`.

        Raises SessionDied and CancelledError; leaves no proof state behind in any case.
        """
