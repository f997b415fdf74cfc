"""`PremiseLibrary`: the one door to premises. What a proof state sees, and what of it is relevant.

The corpus is built once, in the background, by a task that outlives whoever waits for it. numpy is
loaded when the library is used for the first time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from lean.cache import writable_folder
from lean.errors import ToolchainError
from lean.protocol import GoalFeatures
from lean.session import Session
from lean.toolchain import Toolchain
from lean.workspace import Workspace
from search.retrieval.fusion import fused
from search.retrieval.usefulness import Usefulness

if TYPE_CHECKING:
    from search.retrieval.corpus import Corpus
    from search.retrieval.past_use import PastUse, PastUses
    from search.retrieval.ranker import Query, Ranker
    from search.retrieval.sight import Sight

WEIGHTS: Mapping[str, float] = {"symbols": 1.0, "mepo": 0.5, "past_use": 1.0, "dense": 1.0}
"""Of the rankers in their fusion (`bench.premises`; dense vectors were not measured)."""
LOCAL = 1.5
"""What the score of a theorem of the document is multiplied with: it was put there for a reason."""
EQUATIONS = frozenset({"Eq", "Iff", "HEq"})
DEPTH = 200
"""Places of each ranking that count."""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A premise that may help. `ranks`: its place in each ranking that has it, counted from 1.

    `equation`: its statement has one, so that it might be rewritten with.
    """

    name: str
    module: str
    score: float
    ranks: Mapping[str, int]
    equation: bool = False

    @property
    def local(self) -> bool:
        """Does it stand in the document?"""
        return not self.module


class PremiseLibrary:
    """Premises for one workspace and toolchain.

    `unproved` are theorems that nothing may rest on, to be kept up to date by whoever knows them.
    `extra` are more rankers; what they keep may lie in `folder` too (None: nothing is kept).
    """

    def __init__(self, workspace: Workspace, folder: Path | None, problem: str = "") -> None:
        """Keeps the corpus in `folder`, or only in memory; `problem` is why, if there is a why."""
        self.patient = False
        """Is what is missing always waited for?"""
        self.unproved: frozenset[str] = frozenset()
        self.extra: list[Ranker] = []
        self._workspace = workspace
        self.folder = folder
        self._problem = problem
        self._usefulness = Usefulness()
        self._made: tuple[Corpus, PastUses, list[Ranker]] | None = None

    @classmethod
    def at(cls, workspace: Workspace, toolchain: Toolchain) -> "PremiseLibrary":
        """The library that lies in the user's cache folder; in memory where that can't be used."""
        try:
            kept = writable_folder("premises")
        except ToolchainError as error:
            return cls(workspace, None, str(error))
        facts = workspace.fingerprint(toolchain.fingerprint)
        return cls(workspace, kept / blake2b(facts.encode(), digest_size=12).hexdigest())

    @property
    def problem(self) -> str:
        """Why the corpus is not kept on disk, or nothing."""
        return self._problem or (self._made[0].store.problem if self._made else "")

    @property
    def building(self) -> bool:
        """Is Lean being asked for theorems?"""
        return self._made is not None and self._made[0].building

    @property
    def rankers(self) -> "list[Ranker]":
        """All of them, in the order of tables."""
        return [*self._parts[2], *self.extra]

    async def prepare(self, session: Session, proof: int, seconds: float | None = None) -> "Sight":
        """The theorems that can be used at a proof state of `session`.

        Unless the library is `patient`, it waits at most so many seconds for those that Lean was
        never asked for; without them the sight is not `complete`. Raises SessionDied,
        RequestRefused.
        """
        waits = None if self.patient else seconds
        return await self._parts[0].sight(session, proof, waits, self.unproved)

    def retrieve(
        self, goal: "GoalFeatures | Query", sight: "Sight", count: int = 16, bodies: bool = False
    ) -> list[Retrieved]:
        """What of `sight` may help with a goal, best first; with `bodies` also with what is below
        its definitions.
        """
        from search.retrieval.ranker import Query

        query = Query.of(goal, bodies) if isinstance(goal, GoalFeatures) else goal
        rankings = {
            ranker.name: [number for number, _ in ranker.rank(query, sight, DEPTH)]
            for ranker in self.rankers
        }
        places = {
            name: {number: place for place, number in enumerate(ranking, 1)}
            for name, ranking in rankings.items()
        }
        scores = [
            (score * self._factor(number, sight), number)
            for number, score in fused(rankings, WEIGHTS)
        ]
        best = sorted(scores, key=lambda entry: (-entry[0], entry[1]))[:count]
        return [_retrieved(number, score, sight, places) for score, number in best]

    async def statements(
        self, session: Session, proof: int, names: Sequence[str]
    ) -> dict[str, str]:
        """How Lean prints the statements of some theorems. Raises SessionDied, RequestRefused."""
        rows = (await session.describe(proof, names)).rows if names else ()
        return {name: statement for name, _, _, statement in rows}

    def note(self, retrieved: Iterable[str], used: Iterable[str] = ()) -> None:
        """These were retrieved for a goal, and those of them are in its proof, if there is one."""
        self._usefulness.note(retrieved, used)

    def past(self, rows: Iterable[tuple[str, int, int]]) -> None:
        """Counts from earlier runs: a premise, how often it was retrieved, how often it helped."""
        for name, retrieved, helped in rows:
            self._usefulness.count(name, retrieved, helped)

    def counts(self) -> list[tuple[str, int, int]]:
        """What `past` is to be told the next time."""
        return self._usefulness.counts()

    def learn(self, source: str, uses: "Iterable[PastUse]") -> None:
        """What proofs of a source have used, instead of what it was told of the source before."""
        uses = list(uses)
        if uses or self._made is not None:
            self._parts[1].replace(source, uses)

    @property
    def revision(self) -> int:
        """How many proofs there are to learn from: with many more another attempt may find more."""
        return len(self._made[1]) if self._made else 0

    async def close(self) -> None:
        """End the building; what it has got is kept."""
        if self._made is not None:
            await self._made[0].close()

    def _factor(self, number: int, sight: "Sight") -> float:
        known = self._usefulness.factor(sight.name(number))
        return known * LOCAL if sight.is_local(number) else known

    @property
    def _parts(self) -> "tuple[Corpus, PastUses, list[Ranker]]":
        if self._made is None:
            from search.retrieval.corpus import Corpus
            from search.retrieval.mepo import Mepo
            from search.retrieval.past_use import PastUses
            from search.retrieval.symbols import Symbols

            uses = PastUses()
            self._made = Corpus(self._workspace, self.folder), uses, [Symbols(), Mepo(), uses]
        return self._made


def _retrieved(
    number: int, score: float, sight: "Sight", places: Mapping[str, Mapping[int, int]]
) -> Retrieved:
    premise = sight.premise(number)
    ranks = {name: known[number] for name, known in places.items() if number in known}
    equation = not EQUATIONS.isdisjoint(premise.symbols)
    return Retrieved(premise.name, premise.module, score, ranks, equation)
