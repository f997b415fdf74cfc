"""`Goal`: what is to be shown at one hole, as strategies see it.

A value to pass around: the text people read, on demand the features Lean knows, and what is known
to fail there. It proves nothing and keeps no process alive.
"""

from dataclasses import dataclass, field

from lean.document import Document
from lean.hole import Hole
from lean.protocol import GoalFeatures, Outcome
from lean.session import Session

Failures = dict[str, dict[str, int]]
"""By displayed goal: the scripts that failed on it, with the heartbeats they were given.

It tells something only as long as the text above the hole stays as it is.
"""
ANY_NUMBER = 2**63 - 1
"""Instead of the heartbeats of a script that failed for another reason than their number."""
OWN_END = 0.5
"""Of its heartbeats: what used less was not held back by them. `exact?` gives up at 0.9."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A hole and its proof states, which live on the session with serial `session`.

    `text` is the display of its distinct goals. `failures` is shared by all who search the goal, or
    goals below it, also on other sessions.
    """

    hole: Hole
    path: str
    text: str
    session: int
    failures: Failures = field(default_factory=dict, compare=False, repr=False)
    _features: list[tuple[GoalFeatures, ...]] = field(
        default_factory=list, compare=False, repr=False
    )

    @classmethod
    def of(cls, document: Document, hole: Hole, failures: Failures | None = None) -> "Goal":
        """The goal at a hole of a document; `failures` are those known from before."""
        text = "\n\n".join(hole.goals)
        return cls(
            hole, document.path, text, document.session, {} if failures is None else failures
        )

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

    def has_failed(self, display: str, script: str, heartbeats: int) -> bool:
        """Did `script` fail on the goal displayed so, with as many heartbeats (0: no limit)?"""
        given = self.failures.get(display, {}).get(script, -1)
        return given >= (heartbeats or ANY_NUMBER)

    def note_failure(self, display: str, script: str, heartbeats: int, outcome: Outcome) -> None:
        """Write down that `script` did not close the goal displayed so, with these heartbeats.

        Whoever calls it has seen that it did not. A script that the clock or a cancellation ended
        may still succeed, and is not written down.
        """
        given = heartbeats or ANY_NUMBER
        if outcome.result == "interrupted" and outcome.message != "heartbeats":
            return
        if outcome.heartbeats < given * OWN_END:
            # It ended by itself: with more heartbeats it would end the same way.
            given = ANY_NUMBER
        failed = self.failures.setdefault(display, {})
        failed[script] = max(given, failed.get(script, -1))
