"""What a run, a goal and a strategy may spend in all: accounts with limits, one above the other.

An account knows amounts and limits, and tells when a limit comes near. It stops nothing itself: it
raises BudgetExceeded in whoever spends, whose work that is. The clock of a single strategy run is
`search.budget`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from search.incidents import Incident, Severity

Resource = Literal["seconds", "tokens", "calls", "memory", "money"]

THRESHOLDS: tuple[tuple[float, Severity], ...] = ((0.8, "low"), (0.95, "medium"))
"""Shares of a limit that are worth a warning (warning, critical); at 1.0 the work stops."""

_EXCEEDED: dict[Resource, str] = {
    "seconds": "time_budget_exceeded",
    "tokens": "token_budget_exceeded",
    "calls": "call_budget_exceeded",
    "memory": "memory_budget_exceeded",
    "money": "money_budget_exceeded",
}
_SHOWN: dict[Resource, str] = {
    "seconds": "{:.1f} s",
    "tokens": "{:.0f} tokens",
    "calls": "{:.0f} calls",
    "memory": "{:.0f} bytes",
    "money": "{:.4f} in money",
}


@dataclass(frozen=True, slots=True)
class Allowances:
    """The most that an account may spend of each; None: as much as it likes.

    `memory` is in bytes and bounds the largest amount observed, the others bound sums. `money` is
    in the currency of whatever prices the calls have.
    """

    seconds: float | None = None
    tokens: float | None = None
    calls: float | None = None
    memory: float | None = None
    money: float | None = None

    def of(self, resource: Resource) -> float | None:
        """The limit of one resource."""
        return {
            "seconds": self.seconds,
            "tokens": self.tokens,
            "calls": self.calls,
            "memory": self.memory,
            "money": self.money,
        }[resource]


class BudgetExceeded(Exception):
    """An account is overrun: the work that it paid for ends here."""

    def __init__(self, incident: Incident) -> None:
        super().__init__(incident.message)
        self.incident = incident


def silent(_: Incident) -> None:
    """Tell nobody."""


@dataclass(eq=False, slots=True)
class Account:
    """Amounts spent on one thing (a run, a goal, a strategy on a goal), and on all below it.

    What is spent here is spent by `parent` too. `spent` may hold what an earlier run had spent;
    thresholds that were passed then are not told again. `tell` hears of each threshold once; left
    out, it is the parent's. `context` goes into the incidents (the goal's key, the strategy).
    """

    name: str
    limits: Allowances = field(default_factory=Allowances)
    parent: "Account | None" = None
    tell: Callable[[Incident], None] | None = None
    spent: dict[Resource, float] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    _told: set[tuple[Resource, float]] = field(default_factory=set)
    _held: dict[Resource, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.tell is None:
            self.tell = self.parent.tell if self.parent else silent
        for resource in list(self.spent):
            self._crossed(resource)

    def child(
        self,
        name: str,
        limits: Allowances | None = None,
        spent: Mapping[Resource, float] | None = None,
        **context: object,
    ) -> "Account":
        """An account below this one, with amounts that were spent before (not counted here)."""
        return Account(
            name,
            limits or Allowances(),
            self,
            None,
            dict(spent or {}),
            {**self.context, **context},
        )

    def spend(
        self, seconds: float = 0.0, tokens: float = 0.0, calls: float = 0.0, money: float = 0.0
    ) -> None:
        """Book amounts here and above. Raises BudgetExceeded when an account is then overrun.

        The amounts are booked in any case: they are spent.
        """
        amounts: dict[Resource, float] = {
            "seconds": seconds,
            "tokens": tokens,
            "calls": calls,
            "money": money,
        }
        for account in self._upwards():
            for resource, amount in amounts.items():
                account.spent[resource] = account.spent.get(resource, 0.0) + amount
        self._check([resource for resource, amount in amounts.items() if amount])

    def observe(self, memory: float) -> None:
        """Note that `memory` bytes are in use now. Raises BudgetExceeded as `spend` does."""
        for account in self._upwards():
            account.spent["memory"] = max(memory, account.spent.get("memory", 0.0))
        self._check(["memory"])

    def hold(self, resource: Resource, amount: float) -> None:
        """Keep an amount back, here and above, for work whose price is not known yet.

        It is spent only by `spend`; a negative amount gives back what is no longer needed.
        """
        for account in self._upwards():
            account._held[resource] = account._held.get(resource, 0.0) + amount

    def left(self, resource: Resource = "seconds") -> float:
        """What may still be spent, here and above; infinite without a limit, never negative."""
        return self._least(resource, lambda account: account.spent.get(resource, 0.0))

    def free(self, resource: Resource) -> float:
        """What is left and not kept back by `hold`."""
        return self._least(
            resource,
            lambda account: account.spent.get(resource, 0.0) + account._held.get(resource, 0.0),
        )

    def exhausted(self) -> bool:
        """Is there nothing left of something that has a limit, here or above?"""
        return any(self.left(resource) <= 0.0 for resource in _EXCEEDED)

    def _upwards(self) -> list["Account"]:
        return [self, *(self.parent._upwards() if self.parent else ())]

    def _least(self, resource: Resource, used: "Callable[[Account], float]") -> float:
        """The smallest rest of a limit, here or above."""
        rests = [
            limit - used(account)
            for account in self._upwards()
            if (limit := account.limits.of(resource)) is not None
        ]
        return max(0.0, min(rests, default=float("inf")))

    def _check(self, resources: list[Resource]) -> None:
        """Tell what was passed, and stop the work when an account, the highest first, is overrun.

        An overrun is told once, by whoever passes it; who spends after that is stopped silently.
        """
        overrun: Incident | None = None
        for account in self._upwards():
            for resource in resources:
                for threshold in account._crossed(resource):
                    incident = account._incident(resource, threshold)
                    assert account.tell is not None
                    account.tell(incident)
                if account._share(resource) >= 1.0:
                    overrun = account._incident(resource, 1.0)
        if overrun is not None:
            raise BudgetExceeded(overrun)

    def _share(self, resource: Resource) -> float:
        limit = self.limits.of(resource)
        if limit is None:
            return 0.0
        amount = self.spent.get(resource, 0.0)
        return amount / limit if limit > 0 else 1.0

    def _crossed(self, resource: Resource) -> list[float]:
        """The highest threshold that was passed since the last look, as a list of none or one."""
        share = self._share(resource)
        passed = [
            threshold
            for threshold in (*(value for value, _ in THRESHOLDS), 1.0)
            if share >= threshold and (resource, threshold) not in self._told
        ]
        self._told.update((resource, threshold) for threshold in passed)
        return passed[-1:]

    def _incident(self, resource: Resource, threshold: float) -> Incident:
        amount, limit = self.spent.get(resource, 0.0), self.limits.of(resource) or 0.0
        shown = _SHOWN[resource]
        said = f"{self.name}: {shown.format(amount)} of {shown.format(limit)} are used"
        severity: dict[float, Severity] = dict(THRESHOLDS)
        return Incident.of(
            _EXCEEDED[resource] if threshold >= 1.0 else "budget_warning",
            said + (", it stops" if threshold >= 1.0 else ""),
            "spend",
            severity.get(threshold),
            account=self.name,
            resource=resource,
            spent=amount,
            limit=limit,
            **self.context,
        )
