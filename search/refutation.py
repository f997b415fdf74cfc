"""The last word on a counterexample, as `lean.verify` is on a proof.

A strategy says that a goal is false and gives a script for its negation; here Lean runs that script
and the kernel checks the closed theorem. Finding counterexamples is the business of strategies.
"""

from lean.errors import RequestRefused
from lean.forbidden import text_objection
from lean.hole import Hole
from lean.protocol import Sealed
from lean.session import Limits, Session
from lean.verify import STANDARD_AXIOMS, Policy
from search.strategies.strategy import Counterexample


async def objection(
    session: Session,
    hole: Hole,
    counterexample: Counterexample,
    policy: Policy,
    unproved: frozenset[str] = frozenset(),
) -> str:
    """Why `counterexample` does not refute `hole`, or the empty string.

    Of several goals at one hole one must be false. Nothing may rest on the imported declarations
    that are `unproved`. Raises SessionDied, ProtocolError.
    """
    if objected := text_objection(counterexample.proof):
        return f"the refutation {objected}"
    reason = "the hole has no goal"
    for proof in hole.proofs:
        reason = await _objection_at(session, proof, counterexample.proof, policy, unproved)
        if not reason:
            return ""
    return reason


async def _objection_at(
    session: Session, proof: int, script: str, policy: Policy, unproved: frozenset[str]
) -> str:
    kept: list[int] = []
    try:
        negation = await session.negate(proof)
        kept += [negation.proof, negation.opened]
        outcome = await session.step(negation.proof, script, Limits(0, policy.seconds))
        if outcome.proof is not None:
            kept.append(outcome.proof)
        if outcome.result != "proved" or outcome.proof is None:
            return f"its script does not prove the negation: {outcome.message or outcome.result}"
        return _objection_to(await session.seal(outcome.proof), policy, unproved)
    except RequestRefused as refusal:
        return f"Lean does not take the refutation: {refusal}"
    finally:
        session.discard(proofs=kept)


def _objection_to(sealed: Sealed, policy: Policy, unproved: frozenset[str]) -> str:
    if not sealed.ok:
        return f"the kernel does not take the refutation: {sealed.message}"
    for axiom in sealed.axioms:
        allowed = (
            axiom.kind == "library"
            or (axiom.kind == "standard" and axiom.name in STANDARD_AXIOMS)
            or (axiom.kind == "compiler" and policy.allow_compiler)
            or axiom.name in policy.allowed_axioms
        )
        if not allowed or axiom.name in unproved:
            return f"the refutation rests on {axiom.name}"
    return ""
