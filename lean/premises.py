"""The premise corpus: every theorem that documents can see, asked of Lean once and kept on disk.

A folder holds shards (`lean.premise_shard`) for one toolchain; each knows which modules it has, and
in which content. What was asked for is never asked again, by no process. What there is to use of it
for a goal is `search.retrieval`.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path

from filelock import AsyncFileLock

from lean.cache import write_atomically
from lean.premise_names import is_usable
from lean.premise_shard import BrokenShard, Premise, Shard, Span
from lean.premise_stamps import VOLATILE
from lean.session import Session

logger = logging.getLogger(__name__)

MODULES_AT_ONCE = 64
"""Asked for in one request, so that others who use the session get their turn in between."""
ROWS_AT_ONCE = 50_000
"""Theorems after which a shard is written: what a long collection has is not lost."""
SMALL = 20_000
"""Theorems; shards with fewer are put together when there are more than `MOST_SMALL`."""
MOST_SMALL = 8
MOST_CONTENTS = 4
"""Contents of one module that are kept, the newest, when shards are put together."""
VOLATILE_SHARDS = 8
"""Kept in memory for sessions whose modules changed under them."""
_SUFFIX = ".premises"

Modules = Mapping[str, str]
"""Modules with their stamps."""


async def local_premises(session: Session, proof: int) -> Shard:
    """The theorems that the document has before a proof state, the nearest last.

    What is being proved, and what comes after it, is not among them. Raises SessionDied,
    RequestRefused.
    """
    rows = [premise async for premise in _premises(session, proof, ())]
    return Shard.of({("", ""): rows})


class PremiseStore:
    """The shards in a folder, and those that only this process has (all, where `folder` is None).

    `problem` says why nothing is kept on disk, if that is so. Shards on disk are added and put
    together, never changed: those that are in use stay readable.
    """

    def __init__(self, folder: Path | None) -> None:
        self.problem = ""
        self.broken = 0
        """Files that were damaged, and are gone."""
        self._folder = folder
        self._on_disk: dict[str, Shard] = {}
        self._in_memory: list[Shard] = []
        self._volatile: list[Shard] = []
        self._places: dict[tuple[str, str], tuple[Shard, Span]] = {}
        self.reload()

    def places(self, modules: Modules) -> list[tuple[Shard, Span]]:
        """Where the theorems of these modules are, as far as they were asked for."""
        found = (self._places.get(module) for module in modules.items())
        return [place for place in found if place is not None]

    def missing(self, modules: Modules) -> list[str]:
        """Those that were not asked for yet."""
        return [name for name, stamp in modules.items() if (name, stamp) not in self._places]

    async def collect(self, session: Session, proof: int, modules: Modules) -> None:
        """Ask Lean for what is missing of `modules`, which are imported where `proof` stands.

        Two processes that want the same wait for each other. What was got until an error or a
        cancellation is kept. Raises SessionDied, RequestRefused.
        """
        async with self._turn():
            self.reload()
            missing = self.missing(modules)
            got: dict[tuple[str, str], list[Premise]] = {}
            try:
                for start in range(0, len(missing), MODULES_AT_ONCE):
                    wanted = missing[start : start + MODULES_AT_ONCE]
                    some: dict[tuple[str, str], list[Premise]] = {
                        (name, modules[name]): [] for name in wanted
                    }
                    async for premise in _premises(session, proof, wanted):
                        some[premise.module, modules[premise.module]].append(premise)
                    got |= some
                    if sum(map(len, got.values())) >= ROWS_AT_ONCE:
                        kept, got = got, {}
                        await self._keep(kept)
            finally:
                await asyncio.shield(self._keep(got))
            await self._tidy()

    def reload(self) -> None:
        """Look at the folder again: another process may have added to it."""
        if self._folder is not None and not self.problem:
            there = {}
            for file in _oldest_first(self._folder):
                shard = self._on_disk.get(file.name) or self._read(file)
                if shard is not None:
                    there[file.name] = shard
            self._on_disk = there
        self._place()

    def _place(self) -> None:
        shards = [*self._on_disk.values(), *self._in_memory, *self._volatile]
        self._places = {
            (span.module, span.stamp): (shard, span) for shard in shards for span in shard.spans
        }

    def _read(self, file: Path) -> Shard | None:
        try:
            return Shard.read(file)
        except FileNotFoundError:
            # Put together with others by another process, whose file is there instead.
            return None
        except BrokenShard as error:
            logger.warning("%s; its premises are asked for again", error)
            self.broken += 1
            with contextlib.suppress(OSError):
                file.unlink()
        except OSError as error:
            self._give_up(error)
        return None

    async def _keep(self, got: Mapping[tuple[str, str], Sequence[Premise]]) -> None:
        """Take over what Lean told: on disk, or in memory where that is not possible."""
        lasting = {key: rows for key, rows in got.items() if not key[1].startswith(VOLATILE)}
        volatile = {key: rows for key, rows in got.items() if key not in lasting}
        if volatile:
            self._volatile = [*self._volatile, Shard.of(volatile)][-VOLATILE_SHARDS:]
        if lasting:
            # Half a second of work for 50,000 theorems, during which an editor wants answers.
            shard = await asyncio.to_thread(Shard.of, lasting)
            file = await asyncio.to_thread(self._write, shard)
            if file is None:
                self._in_memory.append(shard)
        self.reload()

    def _write(self, shard: Shard) -> Path | None:
        if self._folder is None or self.problem:
            return None
        content = shard.packed()
        name = blake2b(content, digest_size=12).hexdigest()
        file = self._folder / f"{name}{_SUFFIX}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_atomically(file, content)
        except OSError as error:
            self._give_up(error)
            return None
        return file

    async def _tidy(self) -> None:
        """Put small shards together, so that there are never many files."""
        small = {name: shard for name, shard in self._on_disk.items() if len(shard) < SMALL}
        if len(small) > MOST_SMALL and self._folder is not None:
            together = await asyncio.to_thread(_together, list(small.values()))
            file = await asyncio.to_thread(self._write, together)
            if file is not None:
                # It may be one of them: an earlier end came between its writing and their removal.
                for name in small.keys() - {file.name}:
                    # On Windows a file that is in use stays until the next time.
                    with contextlib.suppress(OSError):
                        (self._folder / name).unlink()
                self.reload()

    @contextlib.asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """One process at a time, as far as there is a folder to lock."""
        async with contextlib.AsyncExitStack() as held:
            if self._folder is not None and not self.problem:
                try:
                    self._folder.mkdir(parents=True, exist_ok=True)
                    await held.enter_async_context(AsyncFileLock(self._folder / ".lock"))
                except OSError as error:
                    self._give_up(error)
            yield

    def _give_up(self, error: OSError) -> None:
        self.problem = (
            f"The premises can't be kept in {self._folder}: {error.strerror or error}. "
            "They are asked for anew each time."
        )
        logger.warning("%s", self.problem)


async def _premises(
    session: Session, proof: int, modules: Collection[str]
) -> AsyncIterator[Premise]:
    """The usable theorems of some modules, or of the document where there are none."""
    async for batch in session.theorems(proof=proof, modules=list(modules)):
        for name, module, symbols, _ in batch.rows:
            if (module in modules if modules else not module) and is_usable(name):
                yield Premise(name, module, symbols)


def _together(shards: Sequence[Shard]) -> Shard:
    newest: dict[str, dict[str, list[Premise]]] = {}
    for shard in shards:
        for (module, stamp), rows in shard.premises():
            contents = newest.setdefault(module, {})
            contents.pop(stamp, None)
            contents[stamp] = rows
            if len(contents) > MOST_CONTENTS:
                del contents[next(iter(contents))]
    return Shard.of(
        {
            (module, stamp): rows
            for module, contents in newest.items()
            for stamp, rows in contents.items()
        }
    )


def _oldest_first(folder: Path) -> list[Path]:
    def age(file: Path) -> tuple[float, str]:
        with contextlib.suppress(OSError):
            return file.stat().st_mtime, file.name
        return 0.0, file.name

    return sorted(folder.glob(f"*{_SUFFIX}"), key=age)
