"""`VectorQueries`: questions to the premise library that carry a vector, where a model makes one.

The ranker that compares vectors joins those of the library with the first such question.
"""

import asyncio
import dataclasses
from typing import TYPE_CHECKING

from lean.protocol import GoalFeatures
from lean.session import Session
from search.generation.errors import ModelError
from search.generation.generator import Generator
from search.generation.goal_text import cut
from search.generation.premise_text import MOST_BYTES, premise_text
from search.retrieval.library import PremiseLibrary

if TYPE_CHECKING:
    from search.retrieval.dense import Dense
    from search.retrieval.ranker import Query
    from search.retrieval.sight import Sight

COVERED = 1.0
"""Seconds a question may spend on vectors of theorems that have none, the likeliest ones first."""
LIKELIEST = 200


class VectorQueries:
    """Asks the model of the role `retriever`; without one, questions are of symbols alone."""

    def __init__(self, generator: Generator, library: PremiseLibrary) -> None:
        self._generator = generator
        self._library = library
        self._dense: tuple[str, Dense] | None = None
        self._failed = ""

    @property
    def problem(self) -> str:
        """Why there are no vectors, in a line for the user; "" when there are."""
        return self._generator.problem("retriever") or self._failed

    async def query(
        self, session: Session, proof: int, sight: "Sight", features: GoalFeatures
    ) -> "Query":
        """The question for a goal at or below the state `proof`.

        Raises SessionDied, RequestRefused.
        """
        from search.retrieval.ranker import Query

        question = Query.of(features)
        if self._generator.problem("retriever"):
            return question
        likely = [one.name for one in self._library.retrieve(question, sight, LIKELIEST)]
        first = [number for number in sight.numbers(likely) if number is not None]
        try:
            dense = await self._ranker()
            await dense.cover(session, proof, sight, COVERED, first)
            vector = await dense.vector(cut(question.display, MOST_BYTES))
        except ModelError as error:
            self._failed = str(error)
            return question
        self._failed = ""
        return dataclasses.replace(question, vector=vector)

    async def _ranker(self) -> "Dense":
        """The ranker for the model that is there now."""
        from search.retrieval.dense import Dense

        model = self._generator.model("retriever").fingerprint
        if self._dense is None or self._dense[0] != model:
            size = len((await self._generator.embed(["⊢"]))[0])
            # A thread: vectors that were kept are read.
            dense = await asyncio.to_thread(
                Dense, self._generator.embed, size, model, self._library.folder, premise_text
            )
            self._dense = model, dense
            self._library.extra[:] = [dense]
        return self._dense[1]
