"""`dense`: theorems that a model of language finds similar to the goal.

The model is a function that makes vectors of texts; where it runs is not known here. Vectors are
made once for each theorem, as far as there is time, and kept.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from lean.premise_shard import Integers, Shard, keys_of
from lean.session import Session
from search.retrieval.ranker import Query
from search.retrieval.sight import Floats, Sight
from search.retrieval.vectors import Held, Vectors, together

Embed = Callable[[Sequence[str]], Awaitable[Sequence[Sequence[float]] | Floats]]
"""Vectors of texts, all of the same dimension."""

AT_ONCE = 32
"""Theorems that are described, embedded and kept together."""
COMPARED = 200
"""Theorems, the best by the projection, that are compared in all dimensions."""


def stated(name: str, statement: str) -> str:
    """A theorem as text for the model."""
    return f"{name} : {statement}"


class Dense:
    """The ranker, for one model: `embed` and `dimension`. `folder` has a place for each `model`."""

    name = "dense"

    def __init__(
        self,
        embed: Embed,
        dimension: int,
        model: str,
        folder: Path | None = None,
        written: Callable[[str, str], str] = stated,
    ) -> None:
        kept = blake2b(f"{model}\0{dimension}".encode(), digest_size=12).hexdigest()
        self.vectors = Vectors(folder / kept if folder else None, dimension)
        self._embed = embed
        self._written = written
        self._places: tuple[Held, WeakKeyDictionary[Shard, Integers]]
        self._places = self.vectors.held, WeakKeyDictionary()

    async def vector(self, text: str) -> Floats:
        """What a query for the goal with this text is to carry."""
        vector = together(await self._embed([text]))[0]
        unit: Floats = vector / np.float32(max(float(np.linalg.norm(vector)), 1e-6))
        return unit

    async def cover(
        self, session: Session, proof: int, sight: Sight, seconds: float, first: Sequence[int] = ()
    ) -> int:
        """Make vectors for theorems in sight of `proof` that have none, those of `first` first.

        Ends after so many seconds; returns how many are left. Raises SessionDied, RequestRefused,
        and what `embed` raises.
        """
        waiting = self._waiting(sight, first)
        until = time.monotonic() + seconds
        done = 0
        while done < len(waiting) and time.monotonic() < until:
            names = [sight.name(number) for number in waiting[done : done + AT_ONCE].tolist()]
            rows = (await session.describe(proof, names)).rows
            texts = {name: self._written(name, statement) for name, _, _, statement in rows}
            await self._add(texts)
            done += len(names)
        return len(waiting) - done

    def rank(self, query: Query, sight: Sight, count: int) -> list[tuple[int, float]]:
        """Theorems by the cosine of their vectors with the goal's."""
        # Once: a thread may be adding more.
        held = self.vectors.held
        if query.vector is None or not len(held):
            return []
        rough = held.roughly(query.vector)
        scores = np.zeros(sight.size, np.float32)
        places = np.concatenate([self._rows(held, section.shard) for section in sight.sections])
        known = places >= 0
        # Cosines may be negative, and what is not known is to come after all of them.
        scores[known] = rough[places[known]] + 2
        chosen = [number for number, _ in sight.best(scores, max(COMPARED, count))]
        if not chosen:
            return []
        exact = held.exactly(query.vector, places[chosen])
        order = np.argsort(-exact, kind="stable")[:count]
        return [(chosen[place], float(exact[place])) for place in order]

    async def _add(self, texts: Mapping[str, str]) -> None:
        keys, said = keys_of(texts), keys_of(texts.values())
        new = ~self.vectors.held.has(keys, said)
        if new.any():
            wanted = [text for text, is_new in zip(texts.values(), new, strict=True) if is_new]
            vectors = together(await self._embed(wanted))
            await asyncio.to_thread(self.vectors.add, keys[new], said[new], vectors)

    def _waiting(self, sight: Sight, first: Sequence[int]) -> NDArray[np.int64]:
        """Those without a vector, and those of the document, which may have changed what it says.

        Whole sections at once: one by one 250,000 take a quarter of a second.
        """
        held, waits = self.vectors.held, np.zeros(sight.size, np.bool_)
        for section in sight.sections:
            known = self._rows(held, section.shard) >= 0
            if section is sight.sections[-1]:
                known[:] = False
            waits[section.offset : section.end] = section.visible & ~known
        ahead = np.array([number for number in dict.fromkeys(first) if waits[number]], np.int64)
        waits[ahead] = False
        return np.concatenate([ahead, np.flatnonzero(waits)])

    def _rows(self, held: Held, shard: Shard) -> Integers:
        """For each row of a shard the place of its vector; kept as long as there are no others."""
        if self._places[0] is not held:
            self._places = held, WeakKeyDictionary()
        places = self._places[1].get(shard)
        if places is None:
            places = self._places[1][shard] = held.places_of(shard.row_keys)
        return places
