"""`Goal`: what is to be shown at one hole, as strategies see it.

A value to pass around: the text people read, and on demand the features Lean knows. It proves
nothing and keeps no process alive.
"""

from dataclasses import dataclass, field

from lean.document import Document
from lean.hole import Hole
from lean.protocol import GoalFeatures
from lean.session import Session


@dataclass(frozen=True, slots=True)
class Goal:
    """A hole and its proof states, which live on the session with serial `session`.

    `text` is the display of its distinct goals.
    """

    hole: Hole
    path: str
    text: str
    session: int
    _features: list[tuple[GoalFeatures, ...]] = field(
        default_factory=list, compare=False, repr=False
    )

    @classmethod
    def of(cls, document: Document, hole: Hole) -> "Goal":
        """The goal at a hole of a document."""
        return cls(hole, document.path, "\n\n".join(hole.goals), document.session)

    @property
    def proofs(self) -> tuple[int, ...]:
        """Its proof states on the session: a script must prove all of them."""
        return self.hole.proofs

    async def features(self, session: Session) -> tuple[GoalFeatures, ...]:
        """The features of each proof state's goal, asked for once. Raises RequestRefused."""
        if not self._features:
            found: list[GoalFeatures] = []
            for proof in self.proofs:
                found += await session.features(proof)
            self._features.append(tuple(found))
        return self._features[0]
