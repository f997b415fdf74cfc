"""A text becomes goals: elaborated on a session, each hole described as the search needs it.

It asks Lean and the learned difficulty; what happens to the goals is the engine's business.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from lean.document import Command, Document
from lean.errors import RequestRefused
from lean.goal import Goal
from lean.goal_key import GoalKey, goal_key
from lean.hole import Hole
from lean.session import Session
from search.difficulty import Difficulty
from search.events import GoalHandle
from search.features import vector

_DECLARES = ("Lean.Parser.Command.declaration", "Lean.Parser.Command.mutual")
_ATTRIBUTES = re.compile(r"@\[[^\]]*\]")
_SAYS_NOTHING = ("#", "/-!")
"""How commands begin that change nothing for those below: `#check`, comments on the file."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Describes the goals of documents."""

    difficulty: Difficulty

    async def goals(
        self, session: Session, document: Document, revision: int
    ) -> tuple[GoalHandle, ...]:
        """A handle for each hole. Raises SessionDied, ProtocolError."""
        above = _settings_above(document)
        goals = [await self._goal(session, document, hole, revision) for hole in document.holes]
        return tuple(_beside(goal, above[goal.hole.command]) for goal in goals)

    async def goal(
        self, session: Session, document: Document, hole: Hole, revision: int
    ) -> GoalHandle:
        """The handle of one hole. Raises SessionDied, ProtocolError."""
        goal = await self._goal(session, document, hole, revision)
        return _beside(goal, _settings_above(document)[hole.command])

    async def _goal(
        self, session: Session, document: Document, hole: Hole, revision: int
    ) -> GoalHandle:
        try:
            key = await goal_key(session, hole.proofs)
            features = await Goal.of(document, hole).features(session)
        except RequestRefused:
            # Lean can show this goal and no more: it is known by its text.
            key, features = _key_of_text(hole), ()
        seen = vector(features, term=hole.syntax_mode == "term")
        wrong = any(m.severity == "error" for m in document.commands[hole.command].messages)
        difficulty = self.difficulty.of(seen)
        return GoalHandle(document.path, revision, hole, key, seen, difficulty, wrong)


def _key_of_text(hole: Hole) -> GoalKey:
    said = "\n\n".join(hole.goals)
    key = hashlib.blake2b(said.encode(), digest_size=16).hexdigest()
    return GoalKey(key, key, said, (), "")


def _beside(goal: GoalHandle, settings: str) -> GoalHandle:
    """The goal, whose surroundings change with these settings too."""
    key = replace(goal.key, surroundings=f"{goal.key.surroundings} {settings}")
    return replace(goal, key=key)


def _settings_above(document: Document) -> list[str]:
    """By command: a digest of what those above it set. Lean's `surroundings` are what they declare;
    attributes, options and open namespaces decide as well what a tactic can do.
    """
    digests = []
    above = hashlib.blake2b(digest_size=8)
    for command in document.commands:
        digests.append(above.hexdigest())
        for said in _settings(command, document.text_of(command)):
            above.update(f"{' '.join(said.split())}\0".encode())
    return digests


def _settings(command: Command, text: str) -> Iterable[str]:
    if command.kind in _DECLARES or command.declarations:
        return _ATTRIBUTES.findall(text)
    return [] if text.startswith(_SAYS_NOTHING) else [text]


def skip_reason(goal: GoalHandle) -> str:
    """Why a hole is not filled, or the empty string."""
    if goal.hole.mode == "data":
        return "it wants a value, not a proof"
    if not goal.hole.editable:
        return "a macro wrote it"
    # Nothing would be accepted, and what fails now says nothing about the goal.
    return "its declaration has another error" if goal.beside_error else ""
