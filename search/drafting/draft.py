"""Drafts: what a drafter sees of a goal, what it proposes, and what Lean said to that.

A drafter proposes scripts with holes (`sorry`); whether one elaborates, and whether its holes can
be proved, is found out by `search.drafting.loop`. It decides nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from lean.protocol import GoalFeatures
from lean.workspace import Workspace
from search.accounts import Account
from search.strategies.strategy import Available, Unavailable, Weight


@dataclass(frozen=True, slots=True)
class Lemma:
    """A theorem in sight that might help: its full name, its statement, and how well it seems to
    fit (only comparable within one request).
    """

    name: str
    statement: str
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class DraftRequest:
    """A goal as a drafter sees it.

    `display` is the goal as people read it; `opened` what it looks like after `opening`, the
    introduction of what it assumes (the same, and empty, when it assumes nothing). `declaration` is
    the text of the declaration up to its hole, `above` the text of the file before that. `premises`
    come the likeliest first; `failed` are scripts that are known to fail on it; `difficulty` is
    between 0 and 1.
    """

    display: str
    features: GoalFeatures
    opened: GoalFeatures
    opening: str
    name: str
    declaration: str
    above: str
    premises: tuple[Lemma, ...] = ()
    failed: tuple[str, ...] = ()
    difficulty: float = 0.5


@dataclass(frozen=True, slots=True)
class Draft:
    """A tactic block with `sorry` where something is still to be proved. `plan` is for people."""

    script: str
    plan: str = ""


@dataclass(frozen=True, slots=True)
class OpenHole:
    """A hole of a draft that was not proved: its goal, and why that is false, if it is."""

    goal: str
    refuted: str = ""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What came of a draft. `errors` is what Lean said where it does not elaborate (the holes then
    mean nothing); `proved` holes of `holes` were closed, `open` are the others.
    """

    draft: Draft
    errors: tuple[str, ...] = ()
    holes: int = 0
    proved: int = 0
    open: tuple[OpenHole, ...] = ()


class Drafter(Protocol):
    """A way of drafting. Like a strategy it has a name, a family and a price; unlike one it holds
    no session while it thinks.
    """

    @property
    def name(self) -> str:
        """Its name in tables, settings and the ledger."""

    @property
    def family(self) -> str:
        """As `Strategy.family`."""

    @property
    def parameters(self) -> str:
        """As `Strategy.parameters`."""

    @property
    def weight(self) -> Weight:
        """Light ones cost nothing but time; heavy ones may cost money."""

    @property
    def timeout(self) -> float:
        """Seconds that one draft may take."""

    @property
    def rounds(self) -> int:
        """Drafts on one goal, at most."""

    @property
    def patience(self) -> int:
        """Drafts in a row that need not be better than the best one before."""

    def available(self, workspace: Workspace) -> Available | Unavailable:
        """Can it draft there, and if not, why?"""

    def objection(self, request: DraftRequest, asked: bool) -> str:
        """Why this goal is not worth it now, in a sentence for the user; "" when it is.

        `asked`: somebody wants this goal.
        """

    async def draft(
        self, request: DraftRequest, history: Sequence[Feedback], account: Account
    ) -> Draft | None:
        """The next draft, after what came of those before; None: there is nothing more to propose.

        What it costs in calls and tokens is spent from `account`. Raises BudgetExceeded, and
        DraftFailed when none can be had.
        """


class DraftFailed(Exception):
    """No draft can be had, and why, in a sentence for the user."""
