"""What strategies know and use beyond Lean, shared by all of one engine: what was proved before,
the theorems in sight, the models, the endpoint of a language model.

Filled while texts are read and goals are proved; the strategies only look things up here.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Self

from lean.document import Document
from lean.goal import Goal
from lean.protocol import GoalFeatures
from lean.session import Session
from lean.toolchain import Toolchain
from lean.workspace import Workspace
from search.attempt import Place
from search.dojo.rows import load
from search.drafting.draft import Lemma
from search.features import MARK
from search.generation.generator import Generator
from search.generation.model_settings import ModelSettings
from search.learning.step_index import StepIndex
from search.proof_steps import proved_in, steps_of
from search.retrieval.library import PremiseLibrary
from search.sketching.chat import ChatClient
from search.sketching.chat_settings import ChatSettings
from search.vector_queries import VectorQueries

LEMMAS = 12
"""Theorems that a drafter is told of."""
WAIT = 1.0
"""Seconds that a drafter waits for theorems Lean was never asked for."""


class Resources:
    """The resources of one workspace. Made by `Resources.open`, which ends their processes."""

    def __init__(
        self,
        workspace: Workspace,
        library: PremiseLibrary,
        models: ModelSettings | None = None,
        chat: ChatSettings | None = None,
    ) -> None:
        self.steps = StepIndex()
        self.library = library
        self.generator = Generator(models or ModelSettings(), workspace.root)
        self.chat = ChatClient(chat or ChatSettings())
        self._vectors = VectorQueries(self.generator, library)

    @classmethod
    def without_toolchain(cls) -> Self:
        """Empty ones, for what only looks at the names of strategies."""
        return cls.of(Workspace.find(Path.cwd()))

    @classmethod
    def of(
        cls,
        workspace: Workspace,
        models: ModelSettings | None = None,
        chat: ChatSettings | None = None,
    ) -> Self:
        """Those of a workspace in which no Lean is asked; nothing is to be closed."""
        return cls(workspace, PremiseLibrary(workspace, None), models, chat)

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls, workspace: Workspace, toolchain: Toolchain, models: ModelSettings, chat: ChatSettings
    ) -> AsyncIterator[Self]:
        """The resources as they are at the beginning."""
        resources = cls(workspace, PremiseLibrary.at(workspace, toolchain), models, chat)
        try:
            # A thread: a large trace takes half a minute, and nobody else has the index yet.
            # What is read here replaces it.
            with contextlib.suppress(OSError):
                await asyncio.to_thread(_take_trace, workspace.root, resources.steps)
            yield resources
        finally:
            await resources.generator.close()
            await resources.library.close()
            await resources.chat.close()

    def read(self, path: str, document: Document) -> None:
        """Learn from the proofs of a text instead of what it said before."""
        self.steps.replace(path, steps_of(document))
        self.uses(path, document)

    def uses(self, path: str, document: Document) -> None:
        """Learn which theorems those proofs have used."""
        from search.retrieval.past_use import PastUse

        self.library.learn(
            path, [PastUse(one.symbols, one.premises, one.name) for one in proved_in(document)]
        )

    def forget(self, path: str) -> None:
        """A text is gone."""
        self.steps.remove(path)
        self.library.learn(path, ())

    def proved(
        self, display: str, hypotheses: Sequence[str], vector: Mapping[str, float], script: str
    ) -> None:
        """Learn from a script that proved a goal, as the ledger knows that."""
        symbols = _marked(vector, "symbol")
        context = [*_marked(vector, "fact"), *_marked(vector, "variable")]
        self.steps.add_script(display, hypotheses, symbols, context, script)

    def used(self, hits: Iterable[tuple[str, int]]) -> None:
        """Learn how often premises have helped before."""
        # How often they were retrieved in vain is not kept: each run finds that out again.
        self.library.past((premise, count, count) for premise, count in hits)

    async def instead(
        self, session: Session, proof: int, goal: GoalFeatures, count: int
    ) -> list[str]:
        """Theorems for a goal that is below a proof state, of those that are known by now.

        Raises SessionDied, RequestRefused.
        """
        sight = await self.library.prepare(session, proof, 0.0)
        return [one.name for one in self.library.retrieve(goal, sight, count)]

    @property
    def ranker(self) -> str:
        """What premises are ranked by."""
        return "symbols" if self._vectors.problem else "vectors and symbols"

    async def premises(
        self, goal: Goal, session: Session, features: GoalFeatures, count: int
    ) -> tuple[Lemma, ...]:
        """Theorems with their statements for a goal below `goal`, the likeliest first.

        Raises SessionDied, RequestRefused.
        """
        return await self._lemmas(session, goal.proofs[0], features, count)

    async def lemmas(self, place: Place, features: GoalFeatures) -> tuple[Lemma, ...]:
        """The theorems that might help with a goal, the likeliest first.

        Raises SessionDied, RequestRefused.
        """
        return await self._lemmas(place.session, place.hole.proofs[0], features, LEMMAS)

    async def _lemmas(
        self, session: Session, proof: int, features: GoalFeatures, count: int
    ) -> tuple[Lemma, ...]:
        sight = await self.library.prepare(session, proof, WAIT)
        question = await self._vectors.query(session, proof, sight, features)
        found = self.library.retrieve(question, sight, count)
        said = await self.library.statements(session, proof, [one.name for one in found])
        return tuple(
            Lemma(one.name, said[one.name], one.score) for one in found if one.name in said
        )


def _take_trace(root: Path, steps: StepIndex) -> None:
    """Learn from the newest trace of a workspace. Raises OSError."""
    for file, some in load(root).items():
        steps.replace(file, some)


def _marked(vector: Mapping[str, float], kind: str) -> list[str]:
    return [name.removeprefix(kind + MARK) for name in vector if name.startswith(kind + MARK)]
