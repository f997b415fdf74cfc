"""What the ledger remembers, as values: one data class for each kind of row.

Only shapes; `search.ledger` keeps them, the engine makes them, reports read them. Times are seconds
since the epoch (UTC), durations seconds, heartbeats in the unit of Lean's `maxHeartbeats`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

AttemptOutcome = Literal["proved", "failed", "timeout", "cancelled", "refuted", "error"]
GoalStatus = Literal["open", "proved", "refuted", "skipped"]
Origin = Literal["search", "import", "ticket", "user"]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What an attempt or a proof depends on besides its goal.

    `toolchain`: Lean's version and the dependencies' revisions; when it differs nothing is worth
    anything. `project`: the imported modules of the project, the declarations above the hole, and
    what is accepted beyond the standard axioms; when it differs, failures say nothing and proofs
    have to be looked at again.
    """

    toolchain: str
    project: str


@dataclass(frozen=True, slots=True)
class GoalRecord:
    """A goal, by key, with the place where it was seen last.

    `core` is the key of the goal without its unused hypotheses (equal to `key` when it has none):
    a proof of the one serves the other. `hypotheses` are the display names in canonical order,
    "" for inaccessible ones. `vector`: the features that difficulty and policies use.
    """

    key: str
    core: str
    canonical: str
    display: str
    file: str
    declaration: str
    line: int
    column: int
    hypotheses: tuple[str, ...] = ()
    vector: Mapping[str, float] = field(default_factory=dict)
    difficulty: float = 0.5
    status: GoalStatus = "open"
    spent_light: float = 0.0
    spent_heavy: float = 0.0
    first_seen: float = 0.0
    last_seen: float = 0.0


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One strategy on one goal, finished. `parameters` is canonical JSON text ('{}': none).

    `budget_seconds` and `budget_heartbeats` are what it was allowed, `seconds` what it took;
    `remaining` the goals that its best try left; `run` names the engine run that made it.
    """

    goal: str
    strategy: str
    outcome: AttemptOutcome
    fingerprint: Fingerprint
    parameters: str = "{}"
    script: str = ""
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
    run: str = ""


@dataclass(frozen=True, slots=True)
class ProofRecord:
    """A script that `lean.verify` accepted for a goal.

    `hypotheses`: the display names (canonical order) that the goal had when the script was found,
    so that it can be renamed for the same goal with other names. `helper`: declarations to be
    inserted above, for proofs that need a lemma of their own. `length` counts tactics. An imported
    one has `verified_at` 0 until Lean has checked it here.
    """

    goal: str
    script: str
    strategy: str
    fingerprint: Fingerprint
    hypotheses: tuple[str, ...] = ()
    helper: str = ""
    length: int = 1
    seconds: float = 0.0
    axioms: tuple[str, ...] = ()
    premises: tuple[str, ...] = ()
    verified_at: float = 0.0
    origin: Origin = "search"


@dataclass(frozen=True, slots=True)
class RefutationRecord:
    """A counterexample that the kernel has checked: values by variable, and the proof script."""

    goal: str
    values: tuple[tuple[str, str], ...]
    proof: str
    fingerprint: Fingerprint
    found_at: float = 0.0


@dataclass(frozen=True, slots=True)
class IncidentRecord:
    """An incident as it is written down; `context` is JSON text."""

    kind: str
    severity: str
    component: str
    operation: str
    message: str
    context: str = "{}"
    happened_at: float = 0.0
    run: str = ""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run of the engine; `ended_at` is None when it was killed, or goes on. `hits`, `rejected`
    and `misses` count what the cache served.
    """

    run: str
    command: str
    process: int
    started_at: float
    ended_at: float | None = None
    hits: int = 0
    rejected: int = 0
    misses: int = 0
