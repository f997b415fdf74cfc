"""What an engine run remembers, opened and closed as one: the ledger, and what was learned from it.

The ledger itself is `search.ledger`; asking it about goals is `search.knowledge`.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Self

from lean.workspace import Workspace
from search.arms import Arm
from search.bandit import Observation, Past, Policy, make_policy
from search.difficulty import Difficulty
from search.knowledge import Knowledge, Learn, learn_nothing
from search.ledger import Ledger
from search.ledger_file import OWN_FOLDER
from search.ledger_stats import SolvedScript
from search.ledger_thread import LedgerThread
from search.remembered import LEMMA
from search.settings import Settings
from search.similar import SolvedGoals

LEDGER = "ledger.db"
DIFFICULTY = "difficulty.json"
LAST_WRITES = 10.0
"""Seconds that a run which ends waits for a ledger that can't be written."""
AT_A_TIME = 50
"""Remembered scripts that are learned from in one go."""


def ledger_path(workspace: Workspace, settings: Settings) -> Path:
    """Where the ledger of a workspace is when it is kept."""
    return settings.ledger or workspace.root / OWN_FOLDER / LEDGER


def difficulty_path(ledger: Path) -> Path:
    """Where the fitted difficulty of a ledger is."""
    return ledger.with_name(DIFFICULTY)


class Memory:
    """The memories of one engine run. Made by `Memory.open`."""

    def __init__(
        self,
        ledger: LedgerThread,
        knowledge: Knowledge,
        policy: Policy,
        difficulty: Difficulty,
    ) -> None:
        self.ledger = ledger
        self.knowledge = knowledge
        self.policy = policy
        self.difficulty = difficulty
        self.early: list[tuple[str, str]] = []
        """What there was to tell (kind, message) while it was opened."""
        self.trouble = ""
        """Why nothing can be written now, or the empty string."""
        self.on_trouble: Callable[[str, str], None] = lambda kind, message: None
        """Hears of trouble with the ledger (kind of incident, message), and of its end (empty)."""

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls,
        workspace: Workspace,
        settings: Settings,
        arms: Sequence[Arm],
        command: str = "",
        learn: Learn = learn_nothing,
    ) -> AsyncIterator[Self]:
        """The memories of `workspace`; `learn` is told of every proof there is and will be.

        Raises LedgerError, WorkspaceError.
        """
        path = ledger_path(workspace, settings) if settings.remember else None
        opened: list[Memory] = []
        early: list[tuple[str, str]] = []

        def trouble(kind: str, message: str) -> None:
            if opened:
                opened[0]._note_trouble(kind, message)
            else:
                early.append((kind, message))

        async with LedgerThread.open(path, trouble) as ledger:
            past, rows, run = await ledger.do(lambda open: _read(open, command))
            solved = SolvedGoals()
            for number, row in enumerate(reversed(rows), 1):
                solved.add_row(row.key, row.hypotheses, row.vector, row.script)
                learn(row.display, row.hypotheses, row.vector, row.script)
                if number % AT_A_TIME == 0:
                    # Thousands take seconds, and others want to get on meanwhile.
                    await asyncio.sleep(0)
            names = [arm.name for arm in arms]
            policy = make_policy(settings.policy_name, names, past, settings.seed)
            difficulty = Difficulty.load(difficulty_path(path)) if path else Difficulty()
            heavy = [arm.name for arm in arms if arm.strategy.weight == "heavy"]
            memory = cls(ledger, Knowledge(ledger, run, solved, heavy, learn), policy, difficulty)
            opened.append(memory)
            memory.early = early
            try:
                yield memory
            finally:
                # A disk that stays full must not keep the program from ending.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LAST_WRITES):
                        await ledger.do(Ledger.end_run)

    def _note_trouble(self, kind: str, message: str) -> None:
        self.trouble = "" if kind == "ledger_set_aside" else message
        self.on_trouble(kind, message)


def _read(ledger: Ledger, command: str) -> tuple[list[Past], list[SolvedScript], str]:
    past = [
        Past(
            row.goal,
            row.vector,
            Observation(
                row.strategy, row.outcome in ("proved", "refuted"), row.seconds, row.censored
            ),
        )
        for row in ledger.history()
        # Helper lemmas are no strategy that a policy could choose.
        if row.strategy != LEMMA
    ]
    scripts = [row for row in ledger.solved_scripts() if not row.helper]
    return past, scripts, ledger.begin_run(command)
