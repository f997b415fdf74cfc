"""Which theorems a proof state sees: asked of Lean where they are new, and remembered.

What of them is relevant is the rankers' to say; how they are kept is `lean.premises`.
"""

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path

from lean.errors import LeanError
from lean.premise_shard import Shard, Span
from lean.premise_stamps import ModuleStamps
from lean.premises import PremiseStore, local_premises
from lean.session import Session
from lean.workspace import Workspace
from search.retrieval.sight import Imported, Sight

logger = logging.getLogger(__name__)

SIGHTS = 32
"""Proof states whose theorems are remembered."""
IMPORTS = 4
"""Sets of imported modules whose theorems are remembered."""
FAILURES = 3
"""Vain attempts to ask Lean for what is missing, after which it is left at what there is."""


class Corpus:
    """The theorems of one workspace's files and their imports.

    What is missing is collected by one task at a time, which goes on when whoever waits for it
    goes away, on the session of the one who came first.
    """

    def __init__(self, workspace: Workspace, folder: Path | None) -> None:
        self.store = PremiseStore(folder)
        self._stamps = ModuleStamps(workspace)
        self._collecting: asyncio.Task[None] | None = None
        self._sights: OrderedDict[tuple[int, int, frozenset[str]], Sight] = OrderedDict()
        self._imported: OrderedDict[tuple[frozenset[tuple[str, str]], frozenset[str]], Imported]
        self._imported = OrderedDict()

    @property
    def building(self) -> bool:
        """Is Lean being asked for theorems?"""
        return self._collecting is not None and not self._collecting.done()

    async def sight(
        self, session: Session, proof: int, seconds: float | None, unproved: frozenset[str]
    ) -> Sight:
        """What can be used at a proof state, less what is `unproved`.

        Waits at most so many seconds for what is missing. Raises SessionDied, RequestRefused.
        """
        key = (session.serial, proof, unproved)
        known = self._sights.get(key)
        if known is not None and known.complete:
            self._sights.move_to_end(key)
            return known
        modules = await self._stamps.of(session, await session.modules(proof))
        await self._collected(session, proof, modules, seconds)
        # One look: what is collected while we wait for Lean is not in this sight.
        places = self.store.places(modules)
        complete = len(places) == len(modules)
        imported = await self._imports(places, unproved)
        local = await local_premises(session, proof)
        self._sights[key] = Sight(imported, local, complete, unproved)
        while len(self._sights) > SIGHTS:
            self._sights.popitem(last=False)
        return self._sights[key]

    async def close(self) -> None:
        """End the collecting; what it has got is kept."""
        if self._collecting is not None:
            self._collecting.cancel()
            await asyncio.wait([self._collecting])

    async def _collected(
        self, session: Session, proof: int, modules: Mapping[str, str], seconds: float | None
    ) -> None:
        """Wait until nothing is missing of the modules, as long as there are seconds left."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                for _ in range(FAILURES):
                    if not self.store.missing(modules):
                        return
                    if not self.building:
                        collecting = self._collect(session, proof, modules)
                        self._collecting = asyncio.create_task(collecting)
                    assert self._collecting is not None
                    # Not awaited itself: it is not to end with the one who waits.
                    await asyncio.wait([self._collecting])

    async def _collect(self, session: Session, proof: int, modules: Mapping[str, str]) -> None:
        try:
            await self.store.collect(session, proof, modules)
        except LeanError as error:
            # Most likely the session died, or dropped the proof state; the next one goes on.
            logger.info("collecting premises ended early: %s", error)

    async def _imports(
        self, places: Sequence[tuple[Shard, Span]], unproved: frozenset[str]
    ) -> Imported:
        got = frozenset((span.module, span.stamp) for _, span in places)
        key = (got, unproved)
        if key not in self._imported:
            # A tenth of a second for 250,000 theorems.
            self._imported[key] = await asyncio.to_thread(Imported, places, unproved)
        self._imported.move_to_end(key)
        while len(self._imported) > IMPORTS:
            self._imported.popitem(last=False)
        return self._imported[key]
