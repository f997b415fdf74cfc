"""What an engine does while another program searches its workspace: serve its finds, and wait.

Who leads is decided by `search.leadership`; a goal that has an answer is judged like any other.
"""

import asyncio
from collections.abc import Callable, Mapping

from search.errors import LedgerError
from search.events import GoalHandle
from search.files import File, Search
from search.knowledge import Knowledge
from search.leadership import Leadership

EVERY = 1.5
"""Seconds between looks at the lock and, for each open goal, into the ledger (0.2 ms each)."""


class Following:
    """Looks until cancelled: `start` has a goal searched again with what is known or allowed then,
    `led` is called once this program leads.
    """

    def __init__(
        self,
        leadership: Leadership,
        knowledge: Knowledge,
        files: Mapping[str, File],
        start: Callable[[File, GoalHandle], None],
        led: Callable[[], None],
    ) -> None:
        self._leadership = leadership
        self._knowledge = knowledge
        self._files = files
        self._start = start
        self._led = led
        self._seen: dict[str, int] = {}

    async def run(self) -> None:
        """Follow until it leads, if it does not; then every goal that is open is searched."""
        if self._leadership.leads:
            return
        while not self._leadership.seek():
            await asyncio.sleep(EVERY)
            for file, search in self._open():
                if await self._has_news(search):
                    self._start(file, search.pursuit.goal)
        self._led()
        for file, search in self._open():
            self._start(file, search.pursuit.goal)

    def _open(self) -> list[tuple[File, Search]]:
        return [
            (file, search)
            for file in self._files.values()
            for search in file.searches.values()
            if search.verdict is not None and search.verdict.kind == "open"
        ]

    async def _has_news(self, search: Search) -> bool:
        """Has somebody found something since the last look?"""
        standing = search.pursuit.standing
        goal = standing.goal
        try:
            count = await self._knowledge.answers(goal, standing.fingerprint)
        except LedgerError:
            # Told by the ledger's own thread; the next look is another chance.
            return False
        before = self._seen.get(goal.hole.identity, 0)
        self._seen[goal.hole.identity] = count
        return count > before
