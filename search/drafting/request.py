"""What a drafter is told of a goal, gathered where the goal stands."""

from collections.abc import Awaitable, Callable, Mapping

from lean.goal import Goal
from lean.protocol import GoalFeatures
from lean.session import Limits, Session
from search.attempt import Place
from search.drafting.draft import DraftRequest, Lemma
from search.strategies.moves import introduction

MOST_FAILED = 12
"""Scripts that are told to have failed; the shortest, which say most."""
INTRODUCTIONS = 4
WITHIN = Limits(20_000, 2.0)


Premises = Callable[[Place, GoalFeatures], Awaitable[tuple[Lemma, ...]]]
"""The theorems that might help with a goal, the likeliest first."""


async def no_premises(place: Place, features: GoalFeatures) -> tuple[Lemma, ...]:
    """When nothing is known about them."""
    return ()


async def draft_request(
    place: Place, failures: Mapping[str, int], premises: Premises
) -> DraftRequest:
    """The request for a goal of one proof state. Raises SessionDied, ProtocolError, RequestRefused.

    `failures` are the scripts that are known to fail on it.
    """
    session, document, hole = place.session, place.document, place.hole
    (features, *_) = await Goal.of(document, hole).features(session)
    opened, opening = await _opened(session, hole.proofs[0], features)
    command = document.commands[hole.command]
    failed = sorted((script for script in failures if "\n" not in script), key=len)
    return DraftRequest(
        display=place.handle.text,
        features=features,
        opened=opened,
        opening=opening,
        name=hole.declaration,
        declaration=document.source.slice(command.start, hole.start),
        above=document.source.slice(0, command.start),
        premises=await premises(place, features),
        failed=tuple(failed[:MOST_FAILED]),
        difficulty=place.handle.difficulty,
    )


async def _opened(session: Session, proof: int, features: GoalFeatures) -> tuple[GoalFeatures, str]:
    """The goal after the introduction of what it assumes, and that introduction."""
    lines: list[str] = []
    made: list[int] = []
    for _ in range(INTRODUCTIONS):
        line = introduction(features)
        outcome = await session.step(proof, line, WITHIN) if line else None
        if outcome is None or outcome.proof is None or len(outcome.goals) != 1:
            break
        proof = outcome.proof
        made.append(proof)
        lines.append(line)
        (features,) = await session.features(proof)
    session.discard(proofs=made)
    return features, "\n".join(lines)
