"""Has the engine prove the goals of a text, and reads pairs off the proofs that Lean accepts.

Which texts is `gathering`'s to say. What is found here is not written into anybody's files.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from lean.document import Document
from lean.errors import LeanError, ProtocolError, SessionDied
from lean.insertion import apply
from search.engine import Engine
from search.events import FileView, GoalHandle, GoalVerdict
from search.proof_steps import steps_of
from search.reading import skip_reason
from search.settings import Effort
from search.training.ledger_pairs import TURNSTILE, KnownProofs
from search.training.pairs import (
    Pair,
    Source,
    is_tried_anyway,
    pair_of,
    pairs_of_steps,
    target_of,
)

REMEMBERED = 3
"""Known scripts that are looked at again for one goal."""


@dataclass(frozen=True, slots=True)
class Proved:
    """A goal and its script; `source` says who found it."""

    goal: GoalHandle
    verdict: GoalVerdict
    source: Source


@dataclass(frozen=True, slots=True)
class Practice:
    """Proves goals with an engine until `deadline` (of `time.monotonic`); `say` hears what goes
    wrong on the way.
    """

    engine: Engine
    known: KnownProofs
    effort: Effort
    deadline: float
    say: Callable[[str], None]

    @property
    def over(self) -> bool:
        """Is its time up?"""
        return time.monotonic() >= self.deadline

    async def pairs(
        self,
        view: FileView,
        wanted: Callable[[GoalHandle], bool],
        origin: Callable[[str], str],
    ) -> list[Pair]:
        """Pairs from the proofs of the wanted goals of a text that the engine has read.

        `origin` says for a declaration which one it counts as. Raises ToolchainError.
        """
        goals = [goal for goal in view.goals if not skip_reason(goal) and wanted(goal)]
        proved = await self._proved(goals)
        declared = declared_in(view.document)
        pairs = [pair for one in proved for pair in _whole(one, origin, declared)]
        return pairs + await self._steps(view, proved, origin, declared)

    async def _proved(self, goals: Sequence[GoalHandle]) -> list[Proved]:
        """What can be proved of the goals in the time that is left."""
        tasks = [asyncio.create_task(self._prove(goal)) for goal in goals]
        if not tasks:
            return []
        try:
            left = max(0.0, self.deadline - time.monotonic())
            await asyncio.wait(tasks, timeout=left)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        return [
            found
            for task in tasks
            if not task.cancelled() and task.exception() is None and (found := task.result())
        ]

    async def _prove(self, goal: GoalHandle) -> Proved | None:
        scripts = self.known.scripts(goal.key.key, goal.key.hypotheses)
        for script in scripts[:REMEMBERED]:
            verdict = await self.engine.check(goal, script)
            if verdict.kind == "proved":
                return Proved(goal, verdict, "ledger")
        verdict = await self.engine.prove(goal, self.effort)
        plain = verdict.kind == "proved" and not verdict.helper
        return Proved(goal, verdict, "curriculum") if plain else None

    async def _steps(
        self,
        view: FileView,
        proved: Sequence[Proved],
        origin: Callable[[str], str],
        declared: Sequence[str],
    ) -> list[Pair]:
        """Pairs of the steps of these proofs, put into the text together."""
        edits = [one.verdict.edit for one in proved if one.verdict.edit]
        if not edits:
            return []
        text = apply(view.document.source.text, edits)
        try:
            document = await self.engine.confirm(view.path, text, fresh=False)
        except (SessionDied, ProtocolError) as error:
            # What Lean has accepted one by one is learned from all the same.
            self.say(f"{view.path}: no steps of its new proofs: {error}")
            return []
        sources = {one.goal.hole.declaration: one.source for one in proved}
        broken = {
            name
            for command in document.commands
            if any(message.severity == "error" for message in command.messages)
            for name in command.declarations
        }
        return [
            pair
            for step in steps_of(document)
            if step.declaration in sources and step.declaration not in broken
            for pair in pairs_of_steps(
                [replace(step, declaration=origin(step.declaration))],
                declared,
                sources[step.declaration],
            )
        ]


def _whole(one: Proved, origin: Callable[[str], str], declared: Sequence[str]) -> list[Pair]:
    """The pair of a goal with its whole script, or with the first tactic of that."""
    tactic = target_of(one.verdict.script)
    goal = one.goal
    if not tactic or is_tried_anyway(tactic) or goal.text.count(TURNSTILE) != 1:
        return []
    declaration = origin(goal.hole.declaration)
    return [pair_of(goal.text, tactic, declaration, one.source, declared, goal.key.key)]


def declared_in(document: Document) -> list[str]:
    """The names that a document declares."""
    return [name for command in document.commands for name in command.declarations]


async def read(engine: Engine, path: str, text: str) -> FileView | str:
    """The text as Lean reads it, or why it can't be learned from."""
    try:
        view = await engine.update(path, text, edited=False)
    except LeanError as error:
        return str(error)
    if view is None:
        return "it was read twice at a time"
    return view.document.import_error or view
