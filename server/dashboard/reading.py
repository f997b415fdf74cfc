"""Reads what the dashboard shows: from the ledger, and from the notes of programs that search.

Another program may write the ledger meanwhile, or set it aside and begin a new one: the file that
is there now is the one that is read.
"""

import asyncio
import contextlib
import importlib.metadata
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

from search import ledger_activity as activity
from search.difficulty import Difficulty
from search.errors import LedgerBusy, LedgerError
from search.ledger import Ledger
from search.ledger_activity import GoalFilter, GoalOrder
from search.ledger_thread import LedgerThread
from search.memory import difficulty_path
from search.run_notes import notes_changed_at, read_notes
from search.ticket_store import TicketStore
from search.tickets import LEASE_SECONDS, Ticket, TicketError
from server.dashboard import rows
from server.dashboard.figures import (
    CacheFigures,
    GoalHistory,
    GoalPage,
    Health,
    Incidents,
    LastHour,
    Marketplace,
    Overview,
    Place,
    Strategies,
    TicketRow,
)

FINDS_SHOWN, RUNS_SHOWN, TEMPLATES_SHOWN = 12, 20, 30
ATTEMPTS_SHOWN = 500
"""Of one goal, the newest ones."""
PATIENCE = 10.0
"""Seconds that a request waits for the ledger."""

Answer = TypeVar("Answer")


class NotThere(LedgerError):
    """What was asked for by name is not in the ledger."""


class Reading:
    """The ledger at `path`, of the workspace in `folder`. Made by `Reading.open`."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.path = path
        self.folder = folder
        self._ledger: LedgerThread | None = None
        self._identity: tuple[int, int] | None = None
        self._opened = contextlib.AsyncExitStack()
        self._turn = asyncio.Lock()
        self._problem = ""

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, path: Path, folder: Path) -> AsyncIterator["Reading"]:
        """Raises LedgerError when it can't be read, or is not there."""
        reading = cls(path, folder)
        try:
            await reading.do(lambda ledger: None)
            yield reading
        finally:
            await reading._opened.aclose()

    async def do(self, use: Callable[[Ledger], Answer]) -> Answer:
        """What `use` returns, called with the ledger that is there now. Raises LedgerError."""
        async with self._turn:
            identity = self._identity_now()
            if self._ledger is None or identity != self._identity:
                await self._opened.aclose()
                self._opened = contextlib.AsyncExitStack()
                self._ledger = await self._opened.enter_async_context(
                    LedgerThread.open(self.path, self._trouble)
                )
                # Opening may have set it aside.
                self._identity = self._identity_now()
            ledger = self._ledger
        try:
            async with asyncio.timeout(PATIENCE):
                return await ledger.do(use)
        except TimeoutError as error:
            raise LedgerBusy(
                f"The ledger {self.path} could not be used for {PATIENCE:.0f} s. {self._problem}",
                "Try again later.",
            ) from error

    async def version(self) -> tuple[int, ...]:
        """Numbers that differ from those before when somebody else has written the ledger since."""
        (number,) = await self.do(
            lambda ledger: ledger.database.execute("PRAGMA data_version").fetchone()
        )
        return (*(self._identity or ()), int(number))

    def notes_version(self) -> int:
        """A number that differs when a program has said something new of itself."""
        return notes_changed_at(self.path)

    # Answers

    async def overview(self, changes: int = 0) -> Overview:
        """The workspace now."""
        at = time.time()
        stats, recent, finds = await self.do(
            lambda ledger: (
                ledger.stats(),
                activity.recent_attempts(ledger, at - rows.HOUR),
                activity.last_finds(ledger, FINDS_SHOWN),
            )
        )
        notes = read_notes(self.path)
        successes = sum(strategy.successes for strategy in stats.strategies)
        return Overview(
            at=at,
            changes=changes,
            workspace=str(self.folder),
            goals=dict(stats.goals),
            attempts=stats.attempts,
            successes=successes,
            success_rate=successes / stats.attempts if stats.attempts else 0.0,
            proofs=stats.proofs,
            open_tickets=stats.open_tickets,
            incidents=dict(stats.incidents),
            cache=rows.cache(stats),
            last_hour=LastHour(
                len(recent),
                sum(attempt.outcome in rows.SUCCESSES for attempt in recent),
                sum(attempt.seconds for attempt in recent),
            ),
            strategies=stats.strategies,
            running=tuple(attempt for note in notes for attempt in note.attempts),
            searching=rows.searching(notes),
            finds=tuple(finds),
        )

    async def goals(
        self, wanted: GoalFilter, order: GoalOrder, limit: int, offset: int
    ) -> GoalPage:
        """A part of the goals, and the files there are."""
        (found, total), files = await self.do(
            lambda ledger: (
                activity.select_goals(ledger, wanted, order, limit, offset),
                activity.files_with_goals(ledger),
            )
        )
        return GoalPage(total, tuple(map(rows.goal_row, found)), dict(files))

    async def goal(self, key: str) -> GoalHistory:
        """Everything about the goal with this key, or the only one whose key begins so.

        Raises NotThere.
        """
        difficulty = Difficulty.load(difficulty_path(self.path))

        def read(ledger: Ledger) -> GoalHistory:
            goal = ledger.goal(key)
            if goal is None:
                raise NotThere(f"No goal's key, or more than one, begins with {key}.")
            return GoalHistory(
                goal=rows.goal_row(goal),
                display=goal.display,
                places=tuple(Place(*place) for place in ledger.places(goal.key)),
                attempts=tuple(map(rows.attempt_row, ledger.attempts(goal.key)[-ATTEMPTS_SHOWN:])),
                proofs=tuple(activity.proofs_of(ledger, goal.key)),
                refutations=tuple(activity.refutations_of(ledger, goal.key)),
                tickets=tuple(TicketStore(ledger).serving(goal.key)),
                reasons=rows.reasons(difficulty, goal),
            )

        return await self.do(read)

    async def strategies(self, hours: int) -> Strategies:
        """What the strategies did within the last `hours`."""
        until = time.time()
        # From a full hour on, so that a chart's first column is a whole one.
        since = (until // rows.HOUR - hours + 1) * rows.HOUR
        recent = await self.do(lambda ledger: activity.recent_attempts(ledger, since))
        return Strategies(since, until, rows.by_hour(recent), rows.of_late(recent))

    async def cache(self) -> CacheFigures:
        """What the cache holds and how it served."""
        return await self.do(
            lambda ledger: CacheFigures(
                rows.cache(ledger.stats()),
                activity.proofs_by_origin(ledger),
                tuple(activity.last_runs(ledger, RUNS_SHOWN)),
                tuple(ledger.templates(TEMPLATES_SHOWN)),
            )
        )

    async def marketplace(self) -> Marketplace:
        """All tickets, and who waits for them."""

        def read(ledger: Ledger) -> Marketplace:
            edges = activity.ticket_edges(ledger)
            waiting = {edge.target for edge in edges if edge.kind == "serves"}
            return Marketplace(
                tuple(map(rows.ticket_row, TicketStore(ledger).all())),
                tuple(edges),
                tuple(map(rows.goal_row, activity.named_goals(ledger, sorted(waiting)))),
            )

        return await self.do(read)

    async def incidents(self, limit: int) -> Incidents:
        """The last incidents."""
        found, stats = await self.do(
            lambda ledger: (ledger.incidents(limit=limit), ledger.stats().incidents)
        )
        return Incidents(dict(stats), tuple(map(rows.incident_row, found)))

    async def health(self) -> Health:
        """Can the ledger be read, and is anything in the way of the search?"""
        notes = read_notes(self.path)
        problems = []
        try:
            await self.do(lambda ledger: ledger.goal(""))
        except LedgerError as error:
            problems.append(str(error))
        if self._problem and not problems:
            problems.append(self._problem)
        problems += [
            f"{note.command or 'a search'} (process {note.process}) is paused: {because}"
            for note in notes
            if (because := note.status.paused_because)
        ]
        return Health(
            not problems,
            importlib.metadata.version("unsorry"),
            str(self.folder),
            str(self.path),
            len(notes),
            tuple(problems),
        )

    # Changes: the user's, so the only ones

    async def claim(self, ticket: str, who: str) -> TicketRow:
        """Take a ticket for a quarter of an hour. Raises NotThere, TicketError."""
        return await self._change(ticket, lambda store: store.claim(ticket, who, LEASE_SECONDS))

    async def release(self, ticket: str, who: str) -> TicketRow:
        """Give a ticket back. Raises NotThere, TicketError."""
        return await self._change(ticket, lambda store: store.release(ticket, who))

    async def withdraw(self, ticket: str) -> TicketRow:
        """The lemma is not wanted any more. Raises NotThere, TicketError."""
        return await self._change(ticket, lambda store: store.withdraw(ticket))

    async def _change(self, ticket: str, change: Callable[[TicketStore], Ticket]) -> TicketRow:
        def write(ledger: Ledger) -> Ticket:
            store = TicketStore(ledger)
            try:
                known = store.show(ticket).ticket_id
            except TicketError as error:
                raise NotThere(str(error)) from error
            if known != ticket:
                raise NotThere(f"There is no ticket {ticket}; {known} ends so.")
            return change(store)

        return rows.ticket_row(await self.do(write))

    def _trouble(self, kind: str, message: str) -> None:
        self._problem = message

    def _identity_now(self) -> tuple[int, int]:
        """Which file it is. Raises LedgerError when there is none."""
        try:
            found = self.path.stat()
        except OSError as error:
            raise LedgerError(
                f"There is no ledger at {self.path}.", "Run `unsorry bg` or `unsorry prove` first."
            ) from error
        return found.st_dev, found.st_ino
