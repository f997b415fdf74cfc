"""More general forms of a goal that a partial proof leaves: often the lemma that is missing.

What recursion has left stuck is unfolded, a hypothesis of induction used, and a call of a recursive
definition replaced by a variable: then the lemma can be proved by induction on that. A more general
statement may be false; whoever asks has it checked.
"""

import re
from collections.abc import AsyncGenerator, Iterator, Sequence

from lean.protocol import GoalFeatures
from lean.session import Limits, Session
from search.strategies.closers import fresh

HEARTBEATS = 40_000
"""For one script: these are rewriting steps, none of which searches."""
MOST = 80
"""Scripts tried on one goal."""
BATCH = 16
"""Scripts tried at a time: the first ones are nearly always enough."""


async def generalised(
    session: Session, proof: int, position: int, count: int, declaration: str = ""
) -> AsyncGenerator[tuple[str, int], None]:
    """Scripts that turn goal number `position` of the `count` of `proof` into a more general one,
    each with the proof state whose first goal that is; the most promising ones first.

    They are dropped when the iteration ends. Names are written as in `declaration`'s namespace.
    Raises SessionDied, RequestRefused.
    """
    features = (await session.features(proof))[position]
    variable = fresh("y", {hypothesis.name for hypothesis in features.hypotheses})
    scripts = list(generalisations(features, variable, declaration))[:MOST]
    made: list[int] = []
    seen: set[str] = set()
    try:
        for start in range(0, len(scripts), BATCH):
            batch = scripts[start : start + BATCH]
            turned = [f"rotate_left {position}\n{s}" if position else s for s in batch]
            exchange = session.check([proof], turned, Limits(HEARTBEATS, 2.0), keep=True)
            outcomes = [outcome async for outcome in exchange]
            made += [outcome.proof for outcome in outcomes if outcome.proof is not None]
            for outcome in outcomes:
                if outcome.proof is None or len(outcome.goals) != count:
                    continue
                _, _, target = outcome.goals[0].rpartition("⊢")
                # A call that the goal does not have is replaced without complaint.
                if re.search(rf"(?<![\w.]){variable}(?![\w'])", target) and target not in seen:
                    seen.add(target)
                    yield batch[outcome.index], outcome.proof
    finally:
        session.discard(proofs=made)


def generalisations(features: GoalFeatures, variable: str, declaration: str = "") -> Iterator[str]:
    """The scripts, those first that use the most of what is known before they forget it; each puts
    `variable` in the place of a call.
    """
    calls = list(_calls(features))
    for use in _uses(features):
        for unfold in _unfoldings(features, declaration):
            for call in calls:
                lines = [unfold, use, f"generalize {call} = {variable}"]
                yield "\n".join(line for line in lines if line)


def _unfoldings(features: GoalFeatures, declaration: str) -> Iterator[str]:
    direct = [definition.name for definition in features.definitions if definition.direct]
    names = [_as_written(name, declaration) for name in direct]
    if names:
        yield f"simp only [{', '.join(names)}]"
        yield f"simp [{', '.join(names)}]"
    yield ""


def _uses(features: GoalFeatures) -> Iterator[str]:
    """Rewriting with equations among the hypotheses, the last ones (of induction) first."""
    for hypothesis in reversed(features.hypotheses):
        if hypothesis.kind == "prop" and hypothesis.accessible and hypothesis.head == "Eq":
            yield f"rw [← {hypothesis.name}]"
            yield f"rw [{hypothesis.name}]"
    yield ""


def _calls(features: GoalFeatures) -> Iterator[str]:
    """Calls of the document's recursive definitions on variables alone, as they are displayed."""
    names = [hypothesis.name for hypothesis in features.hypotheses if hypothesis.accessible]
    shown = [features.target.text, *(h.type for h in features.hypotheses if h.kind == "prop")]
    found: dict[str, None] = {}
    for definition in features.definitions:
        for text in shown if definition.direct else ():
            for call in _calls_in(text, definition.name, names):
                found[call] = None
    yield from found


def _calls_in(text: str, name: str, variables: Sequence[str]) -> Iterator[str]:
    shown = "|".join(re.escape(part) for part in {name, name.split(".")[-1]})
    argument = "|".join(map(re.escape, sorted(variables, key=len, reverse=True))) or "(?!)"
    pattern = rf"(?<![\w.'])(?:{shown})(?: (?:{argument})(?![\w.'])){{1,}}"
    yield from re.findall(pattern, text)


def _as_written(name: str, declaration: str) -> str:
    """The name as one writes it in the namespaces that the declaration stands in."""
    parts = declaration.split(".")[:-1]
    while parts:
        namespace = ".".join(parts) + "."
        if name.startswith(namespace):
            return name.removeprefix(namespace)
        parts.pop()
    return name
