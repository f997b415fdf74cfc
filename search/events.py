"""What the engine hands out: handles of goals, verdicts, and the events of a search.

Plain values, in the words of DESIGN; none of them keeps a process or a proof state alive.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from lean.document import Document
from lean.goal_key import GoalKey
from lean.hole import Hole
from lean.insertion import Edit
from search.incidents import Incident
from search.records import AttemptOutcome
from search.strategies.strategy import Counterexample
from search.tickets import Ticket

OVERRUN = "it did not stop"
"""How the reason begins of a strategy that had to be cancelled after its time."""

VerdictKind = Literal["proved", "refuted", "open", "skipped"]


@dataclass(frozen=True, slots=True)
class GoalHandle:
    """A goal the engine knows: one hole of the text that `update` got for `path`.

    `revision` counts the texts. The ids in `hole` mean nothing outside the engine. `vector` are the
    features that policies look at, `difficulty` is in [0, 1].
    """

    path: str
    revision: int
    hole: Hole
    key: GoalKey
    vector: Mapping[str, float] = field(default_factory=dict, hash=False)
    difficulty: float = 0.5
    beside_error: bool = False
    """Has its declaration an error of its own? Then no proof can be accepted there."""

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

    `seconds` and `heartbeats` are the strategy's, out of the budget it had; `verify_seconds` is
    what the judgement took. `remaining`: the goals that its best try left.
    """

    strategy: str
    outcome: AttemptOutcome
    parameters: str = "{}"
    script: str = ""
    counterexample: Counterexample | None = None
    reason: str = ""
    seconds: float = 0.0
    verify_seconds: float = 0.0
    heartbeats: int = 0
    scripts_tried: int = 0
    budget_seconds: float = 0.0
    budget_heartbeats: int = 0
    remaining: tuple[str, ...] = ()
    premises: tuple[str, ...] = ()
    started_at: float = 0.0

    @property
    def success(self) -> bool:
        """Has it settled the goal?"""
        return self.outcome in ("proved", "refuted")

    @property
    def incident(self) -> str:
        """The kind of incident that it is, if it is one."""
        if self.outcome == "error":
            return "strategy_failed"
        if self.found and not self.success:
            return "verification_failed"
        return "timeout" if self.outcome == "timeout" and self.reason.startswith(OVERRUN) else ""

    @property
    def found(self) -> bool:
        """Did the strategy claim to have a proof or a counterexample?"""
        return bool(self.script) or self.counterexample is not None


@dataclass(frozen=True, slots=True)
class GoalVerdict:
    """What came of a goal.

    `proved`: `script` by `strategy`, accepted by `lean.verify`, to be put in by `edit`; when
    `helper` is not empty those declarations go in first, by `helper_edit`. `refuted`: false, see
    `counterexample`. `skipped`: never tried, `reason` says why. `open`: neither; `reason` is not
    empty when something went wrong, and `tickets` are the helper lemmas it waits for. `seconds` are
    those of all strategies together, with the judgement of what they found. `cached`: the ledger
    knew it, and Lean has checked it again.
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
    cached: bool = False
    helper: str = ""
    helper_edit: Edit | None = None
    tickets: tuple[str, ...] = ()

    @property
    def searched(self) -> float:
        """Seconds of all strategies together, without the judgement."""
        return sum(attempt.seconds for attempt in self.attempts)


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
class GoalStale:
    """A goal that was being searched has vanished or changed; its search was stopped."""

    goal: GoalHandle


@dataclass(frozen=True, slots=True)
class AttemptStarted:
    """A strategy has a session and begins; it may use `seconds`."""

    goal: GoalHandle
    strategy: str
    seconds: float


@dataclass(frozen=True, slots=True)
class AttemptFinished:
    """A strategy has ended, and the ledger has it."""

    goal: GoalHandle
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class RaceWon:
    """A first success has stopped its rivals: `stopped` of them, the last after `seconds`."""

    goal: GoalHandle
    stopped: int
    seconds: float


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
class TicketOpened:
    """A helper lemma is asked for, so that `goal` can be proved with it."""

    goal: GoalHandle
    ticket: Ticket


@dataclass(frozen=True, slots=True)
class TicketClosed:
    """A ticket was completed, withdrawn, or its time is up."""

    goal: GoalHandle
    ticket: Ticket


@dataclass(frozen=True, slots=True)
class IncidentHappened:
    """Something went wrong; the ledger and the log have it too."""

    incident: Incident


@dataclass(frozen=True, slots=True)
class Status:
    """The engine now.

    `load` and `target` are shares of the whole machine in [0, 1]; `light` and `heavy` the slots;
    `queued` and `running` count jobs, `goals`, `solved`, `refuted` and `open` the goals of the
    current texts, `tickets` the open ones. `paused_because` is empty when it works; `follows` names
    the program that searches this workspace, when that is another one.
    """

    load: float
    target: float
    light: int
    heavy: int
    queued: int
    running: int
    goals: int
    solved: int
    refuted: int
    open: int
    tickets: int
    paused_because: str
    follows: str = ""


Event = (
    DocumentElaborated
    | DocumentFailed
    | GoalFound
    | GoalStale
    | AttemptStarted
    | AttemptFinished
    | RaceWon
    | ProofFound
    | Refuted
    | GoalOpen
    | GoalSkipped
    | TicketOpened
    | TicketClosed
    | IncidentHappened
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
