"""What can go wrong while the engine works, as values with a kind and a severity.

An incident goes to the ledger (`record`), to the log (`log`) and to whoever listens to the engine.
It is no exception: errors are raised where they happen, and whoever survives one tells of it with
an incident.
"""

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from search.records import IncidentRecord

Severity = Literal["low", "medium", "high", "critical"]
"""low: the engine coped; medium: a goal lost something; high: the user should look; critical: work
has stopped."""


@dataclass(frozen=True, slots=True)
class Usual:
    """What an incident of a kind is unless its maker says otherwise, and what the kind means."""

    severity: Severity
    component: str
    meaning: str


KINDS: Mapping[str, Usual] = {
    "budget_warning": Usual("low", "budget", "An account has spent 80 or 95 % of a limit."),
    # The usual end of a goal that is not proved.
    "time_budget_exceeded": Usual("low", "budget", "The seconds of an account are spent."),
    "money_budget_exceeded": Usual("high", "budget", "The money of an account is spent."),
    "token_budget_exceeded": Usual("high", "budget", "The tokens of an account are spent."),
    "call_budget_exceeded": Usual("high", "budget", "The API calls of an account are spent."),
    "memory_budget_exceeded": Usual("high", "budget", "A process took more memory than allowed."),
    "max_iterations_reached": Usual("low", "strategy", "A loop ended by its count."),
    "timeout": Usual("low", "strategy", "A strategy had to be stopped by the clock."),
    "strategy_failed": Usual("medium", "strategy", "A strategy raised an error of its own."),
    "verification_failed": Usual("medium", "verify", "Lean refused a script that was found."),
    "cached_proof_rejected": Usual("medium", "ledger", "A remembered proof no longer holds."),
    "session_died": Usual("medium", "lean", "A Lean session ended while it was at work."),
    "toolchain_missing": Usual("critical", "lean", "There is no usable Lean."),
    "import_failed": Usual("high", "lean", "A file's imports could not be had."),
    "document_failed": Usual("high", "lean", "A file could not be read."),
    "storage_full": Usual("critical", "ledger", "There is no room to write; the engine waits."),
    "ledger_busy": Usual("medium", "ledger", "Another process keeps the ledger locked."),
    "ledger_set_aside": Usual("high", "ledger", "A damaged or newer ledger was renamed."),
    "ledger_failed": Usual("critical", "ledger", "The ledger can't be written; the engine waits."),
    "ticket_failed": Usual("low", "marketplace", "A helper lemma could not be stated or served."),
    "throttled": Usual("low", "throttle", "The engine paused for the sake of the machine."),
    "internal_error": Usual("critical", "engine", "A mistake in Unsorry itself; please report it."),
}
"""Every kind there is."""

_LEVELS: dict[Severity, int] = {
    "low": logging.INFO,
    "medium": logging.WARNING,
    "high": logging.ERROR,
    "critical": logging.CRITICAL,
}

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that went wrong. `happened_at`: seconds since the epoch.

    `operation` says what was being done, `context` holds JSON-able facts (goal key, file, limit…).
    """

    kind: str
    severity: Severity
    component: str
    operation: str
    message: str
    context: Mapping[str, Any] = field(default_factory=dict)
    happened_at: float = field(default_factory=time.time)

    @classmethod
    def of(
        cls,
        kind: str,
        message: str,
        operation: str = "",
        severity: Severity | None = None,
        component: str = "",
        **context: object,
    ) -> "Incident":
        """An incident of now, with what is usual for its kind. Raises KeyError: an unknown kind."""
        usual = KINDS[kind]
        return cls(
            kind,
            severity or usual.severity,
            component or usual.component,
            operation,
            message,
            context,
        )

    def record(self, run: str = "") -> IncidentRecord:
        """As the ledger keeps it."""
        return IncidentRecord(
            kind=self.kind,
            severity=self.severity,
            component=self.component,
            operation=self.operation,
            message=self.message,
            context=json.dumps(self.context, ensure_ascii=False, sort_keys=True, default=str),
            happened_at=self.happened_at,
            run=run,
        )

    def as_dict(self) -> dict[str, Any]:
        """As logs and events show it."""
        return {
            "kind": self.kind,
            "severity": self.severity,
            "component": self.component,
            "operation": self.operation,
            "message": self.message,
            "context": dict(self.context),
            "happened_at": self.happened_at,
        }

    def log(self, to: logging.Logger = logger) -> None:
        """Write it to the log, at the level of its severity; `record.incident` has its fields."""
        to.log(
            _LEVELS[self.severity],
            "%s (%s): %s",
            self.kind,
            self.component,
            self.message,
            extra={"incident": self.as_dict()},
        )
