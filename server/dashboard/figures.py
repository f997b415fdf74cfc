"""What the dashboard shows, as values: one data class for each answer of its API.

Only shapes, which the API's schema is made from; `server.dashboard.reading` fills them. Times are
seconds since the epoch, durations seconds, shares in [0, 1].
"""

from collections.abc import Mapping
from dataclasses import dataclass

from search.events import Status
from search.ledger_activity import Edge, Find, KnownProof, KnownRefutation, RunRow
from search.ledger_stats import StrategyStats, TemplateRow
from search.records import AttemptOutcome, GoalStatus
from search.run_notes import RunningAttempt


@dataclass(frozen=True, slots=True)
class Cache:
    """How often a goal's known proof served (`hits`), was refused (`rejected`), or none was known
    (`misses`).
    """

    hits: int
    rejected: int
    misses: int
    hit_rate: float


@dataclass(frozen=True, slots=True)
class LastHour:
    """The attempts that ended within the last hour."""

    attempts: int
    successes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Searching:
    """A program that searches the workspace. `memory`: bytes of its Lean sessions."""

    run: str
    command: str
    process: int
    started_at: float
    said_at: float
    status: Status
    sessions: int
    sessions_busy: int
    memory: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The workspace now. `changes` counts the changes of the ledger that were seen: with another
    number, whatever was read from it may have changed.
    """

    at: float
    changes: int
    workspace: str
    goals: Mapping[str, int]
    attempts: int
    successes: int
    success_rate: float
    proofs: int
    open_tickets: int
    incidents: Mapping[str, int]
    cache: Cache
    last_hour: LastHour
    strategies: tuple[StrategyStats, ...]
    running: tuple[RunningAttempt, ...]
    searching: tuple[Searching, ...]
    finds: tuple[Find, ...]


@dataclass(frozen=True, slots=True)
class GoalRow:
    """A goal in a list. `spent`: seconds of all strategies on it."""

    key: str
    file: str
    line: int
    column: int
    declaration: str
    target: str
    status: GoalStatus
    difficulty: float
    spent: float
    first_seen: float
    last_seen: float


@dataclass(frozen=True, slots=True)
class GoalPage:
    """A part of the goals that a filter lets through; `total` counts them all."""

    total: int
    goals: tuple[GoalRow, ...]
    files: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a goal stands."""

    file: str
    declaration: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One strategy on one goal, finished."""

    strategy: str
    outcome: AttemptOutcome
    script: str
    reason: str
    seconds: float
    verify_seconds: float
    scripts_tried: int
    started_at: float
    run: str


@dataclass(frozen=True, slots=True)
class GoalHistory:
    """Everything the ledger has about one goal. `display` is the goal as Lean shows it."""

    goal: GoalRow
    display: str
    places: tuple[Place, ...]
    attempts: tuple[AttemptRow, ...]
    proofs: tuple[KnownProof, ...]
    refutations: tuple[KnownRefutation, ...]
    tickets: tuple[str, ...]
    reasons: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Hour:
    """The attempts of one strategy that ended in the hour from `start` on."""

    start: float
    strategy: str
    attempts: int
    successes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class StrategyOfLate:
    """A strategy over the last hours: seconds an attempt took in the median, and in nine of ten."""

    strategy: str
    attempts: int
    successes: int
    median: float
    nine_of_ten: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Strategies:
    """What the strategies did from `since` to `until`, hour by hour, and each by itself."""

    since: float
    until: float
    hours: tuple[Hour, ...]
    strategies: tuple[StrategyOfLate, ...]


@dataclass(frozen=True, slots=True)
class CacheFigures:
    """What the cache holds and how it served."""

    cache: Cache
    proofs: Mapping[str, int]
    runs: tuple[RunRow, ...]
    templates: tuple[TemplateRow, ...]


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A request for a helper lemma; `lemma` is the statement with its proof, once there is one."""

    ticket_id: str
    status: str
    name: str
    statement: str
    lemma: str
    place: str
    priority: float
    requester: str
    claimant: str
    parent_goal: str
    created_at: float
    expires_at: float
    lease_until: float
    completed_at: float


@dataclass(frozen=True, slots=True)
class Marketplace:
    """The tickets, who waits for them, and the goals among those that wait."""

    tickets: tuple[TicketRow, ...]
    edges: tuple[Edge, ...]
    goals: tuple[GoalRow, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """The machine at a moment: what all programs use of it, and what Unsorry does."""

    at: float
    cpu: float
    unsorry: float
    target: float
    memory: int
    sessions_memory: int


@dataclass(frozen=True, slots=True)
class Host:
    """The machine. Memory in bytes; `samples`: the last minutes, the oldest first."""

    cores: int
    memory_total: int
    samples: tuple[Sample, ...]
    searching: tuple[Searching, ...]


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """Something that went wrong, and what its kind means."""

    kind: str
    severity: str
    component: str
    operation: str
    message: str
    meaning: str
    context: str
    happened_at: float
    run: str


@dataclass(frozen=True, slots=True)
class Incidents:
    """The last incidents, the newest first, and how many there are of each kind in all."""

    kinds: Mapping[str, int]
    incidents: tuple[IncidentRow, ...]


@dataclass(frozen=True, slots=True)
class Health:
    """Is everything all right? `problems` says what is not, in a sentence each."""

    ok: bool
    version: str
    workspace: str
    ledger: str
    searching: int
    problems: tuple[str, ...]
