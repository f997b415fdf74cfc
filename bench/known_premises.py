"""Goals of which it is known what their proofs used: for the measurement of retrieval.

Read off proofs that Lean elaborates: the theorems in the proof term of a theorem, and those that a
tactic step names. Each goal has the theorems that it could see, and no others.
"""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bench.hard import developments, hard_goals
from bench.places import bench_file
from lean.document import Document, elaborate
from lean.errors import WorkspaceError
from lean.premise_names import chosen, is_usable
from lean.premise_shard import Premise, Shard
from lean.session import Session
from search.proof_steps import proved_in, steps_of
from search.retrieval.past_use import PastUse
from search.retrieval.ranker import Query
from search.retrieval.sight import Imported, Sight

Kind = Literal["theorem", "step"]


@dataclass(frozen=True, slots=True)
class KnownGoal:
    """A goal, what it could see, and the numbers of the theorems there that its proof used.

    `source` is where its text comes from, `text` which text that is; `use` is what a learner would
    remember of it.
    """

    kind: Kind
    source: str
    text: str
    query: Query
    sight: Sight
    used: frozenset[int]
    use: PastUse


def texts() -> dict[str, str]:
    """Texts with proofs, by source and name. Raises WorkspaceError where they are missing."""
    file = bench_file("proofs.jsonl")
    try:
        rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        found = {str(row["id"]): str(row["text"]) for row in rows}
    except (OSError, ValueError, KeyError) as error:
        raise WorkspaceError(
            f"{file} can't be read: {error}.", "Make it with `python -m bench.record_proofs`."
        ) from error
    return found | {f"hard/{name}": text for name, text in developments(hard_goals()).items()}


async def known_goals(
    session: Session, imported: Imported, names: Sequence[str] | None = None
) -> list[KnownGoal]:
    """All goals of the texts (those of `names`, if given) whose premises were in sight.

    A goal that has the symbols of an earlier one and needs the same is left out: to remember it
    would be too easy.
    """
    found: dict[tuple[frozenset[str], frozenset[str]], KnownGoal] = {}
    for name, text in texts().items():
        if names is None or name in names:
            document = await elaborate(session, text, steps=True)
            async for goal in _goals(session, imported, name, document):
                said = frozenset(goal.use.symbols), frozenset(goal.use.premises)
                found.setdefault(said, goal)
            session.discard([command.after for command in document.commands])
    return list(found.values())


def without_its_own(goals: Sequence[KnownGoal]) -> list[KnownGoal]:
    """The goals, each with a query that learns nothing from itself and what follows in its text."""
    told = []
    for place, goal in enumerate(goals):
        later = [one.use.name for one in goals[place:] if one.text == goal.text]
        told.append(replace(goal, query=replace(goal.query, besides=frozenset(later))))
    return told


async def _goals(
    session: Session, imported: Imported, name: str, document: Document
) -> AsyncIterator[KnownGoal]:
    for command in document.commands:
        if not (command.steps or command.proved):
            continue
        sight = await _sight(session, imported, command.before)
        alone = replace(document, commands=(command,))
        for proved in proved_in(alone):
            query = Query.of_symbols(proved.symbols)
            goal = _goal("theorem", name, sight, query, chosen(proved.premises), proved.name)
            if goal is not None:
                yield goal
        for step in steps_of(alone):
            query = Query.of_symbols(step.symbols, step.context, step.display)
            goal = _goal("step", name, sight, query, step.premises, f"{command.start}")
            if goal is not None:
                yield goal


async def _sight(session: Session, imported: Imported, state: int) -> Sight:
    """What the command after a state could see of its document."""
    rows = []
    async for batch in session.theorems(state, modules=[]):
        rows += [Premise(name, "", symbols) for name, module, symbols, _ in batch.rows]
    usable = [row for row in rows if is_usable(row.name)]
    return Sight(imported, Shard.of({("", ""): usable}))


def _goal(
    kind: Kind, text: str, sight: Sight, query: Query, premises: Sequence[str], own: str
) -> KnownGoal | None:
    names = [name for name in dict.fromkeys(premises) if is_usable(name)]
    numbers = zip(names, sight.numbers(names), strict=True)
    used = {name: number for name, number in numbers if number is not None}
    if not used:
        return None
    use = PastUse(tuple(query.symbols), tuple(used), f"{text} {own}")
    return KnownGoal(kind, text.split("/")[0], text, query, sight, frozenset(used.values()), use)
