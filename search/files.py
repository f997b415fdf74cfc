"""A text of the workspace as the engine follows it: its revision, its goals, their searches.

When the text changes, searches of goals that are still there go on, and the others are stopped.
What a search does is `search.pursuit`'s business.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lean.positions import SourceText
from search.events import FileView, GoalHandle, GoalVerdict, VerdictKind
from search.project_imports import Prepared
from search.pursuit import Pursuit
from search.records import Fingerprint


@dataclass(eq=False, slots=True)
class Search:
    """A pursuit and the task that runs it."""

    pursuit: Pursuit
    task: "asyncio.Task[GoalVerdict]"

    @property
    def verdict(self) -> GoalVerdict | None:
        """What came of it, when it has ended without an error."""
        if not self.task.done() or self.task.cancelled() or self.task.exception() is not None:
            return None
        return self.task.result()


@dataclass(eq=False, slots=True)
class File:
    """The current text of a path, and what is being done about it.

    `searches` are by identity of the hole, and so are `outcomes`, what has become of it. `asked`
    are searches that somebody waits for.
    """

    path: str
    revision: int
    source: SourceText
    reading: "asyncio.Task[FileView] | None" = None
    searches: dict[str, Search] = field(default_factory=dict)
    asked: list[Search] = field(default_factory=list)
    prepared: Prepared = field(default_factory=Prepared)
    outcomes: dict[str, VerdictKind] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)
    """Identities of the holes that are not to be searched by themselves."""

    @property
    def unread(self) -> bool:
        """Has nobody begun to read it, or did that fail?"""
        reading = self.reading
        if reading is None or not reading.done():
            return reading is None
        return reading.cancelled() or reading.exception() is not None

    @property
    def busy(self) -> bool:
        """Is it being read, or one of its goals being searched?"""
        tasks = [self.reading, *(search.task for search in self.searches.values())]
        return any(task is not None and not task.done() for task in tasks)

    def change(self, source: SourceText, revision: int) -> None:
        """Take another text; the reading of the one before is of no use any more."""
        if self.reading is not None:
            self.reading.cancel()
        self.source, self.revision = source, revision

    def adopt(
        self,
        goals: Sequence[GoalHandle],
        prepared: Prepared,
        fingerprint: Callable[[GoalHandle], Fingerprint],
    ) -> tuple[list[GoalHandle], list[GoalHandle]]:
        """Go on with the searches whose goals are still there and stop the others.

        Returns the goals without a search, and those whose search was stopped.
        """
        before, self.searches, self.prepared = self.searches, {}, prepared
        self.outcomes.clear()
        by_identity = {goal.hole.identity: goal for goal in goals}
        self.stopped &= by_identity.keys()
        for asked in self.asked:
            still = by_identity.get(asked.pursuit.goal.hole.identity)
            if still is not None and _goes_on(asked, still):
                asked.pursuit.standing.move_to(still, self.source, fingerprint(still))
            else:
                asked.task.cancel()
        new = []
        for goal in goals:
            search = before.get(goal.hole.identity)
            if search is not None and _goes_on(search, goal):
                search.pursuit.standing.move_to(goal, self.source, fingerprint(goal))
                self.searches[goal.hole.identity] = before.pop(goal.hole.identity)
            else:
                new.append(goal)
        return new, [search.pursuit.goal for search in before.values() if _stopped(search)]

    def stop(self) -> list[GoalHandle]:
        """End everything; the goals whose search was stopped."""
        if self.reading is not None:
            self.reading.cancel()
        for asked in self.asked:
            asked.task.cancel()
        return [search.pursuit.goal for search in self.searches.values() if _stopped(search)]


def _goes_on(search: Search, goal: GoalHandle) -> bool:
    return not search.task.done() and search.pursuit.goal.key.key == goal.key.key


def _stopped(search: Search) -> bool:
    """Stop a search; was there something to stop?"""
    running = not search.task.done()
    search.task.cancel()
    return running
