"""What the ledger knows of a goal, judged where the goal stands now.

A remembered proof gets no credit: it passes the same gate as a new one, and so do refutations.
"""

import time
from collections.abc import Callable
from dataclasses import replace

from lean.verify import Reason
from search import refutation
from search.attempt import Judge, Place
from search.events import GoalHandle, GoalVerdict
from search.helper_proof import HelperProof, recalled
from search.incidents import Incident
from search.knowledge import Knowledge, Known
from search.records import Fingerprint
from search.strategies.strategy import Counterexample
from search.tickets import TicketError

LEMMA = "lemma"
"""The strategy's name of a proof that rests on a helper lemma."""
OF_THE_PROOF = (
    Reason.FORBIDDEN_SYNTAX,
    Reason.ERROR,
    Reason.SORRY,
    Reason.AXIOM,
    Reason.COMPILER,
    Reason.KERNEL,
)
"""Why a proof is refused that will be refused everywhere; the other reasons are of its place."""


async def remembered(
    place: Place,
    known: Known,
    fingerprint: Fingerprint,
    judge: Judge,
    knowledge: Knowledge,
    tell: Callable[[Incident], None],
) -> GoalVerdict | None:
    """The first proof, or else refutation, that Lean accepts at `place`.

    One that was found under this `fingerprint` and no longer holds is withdrawn. Raises
    SessionDied, ProtocolError.
    """
    for script, record in known.scripts:
        started = time.monotonic()
        if record.helper:
            verdict = await recalled_with(place, record.helper, script, judge)
        else:
            verdict = await judge.verdict_on(place, script)
        accepted = verdict.kind == "proved"
        await knowledge.used(record, accepted, time.monotonic() - started)
        if accepted:
            return replace(verdict, strategy=record.strategy, cached=True)
        tell(Incident.of("cached_proof_rejected", verdict.reason, record.strategy, "low"))
        same = record.fingerprint == fingerprint and record.goal == place.handle.key.key
        # With other names, or for what stands around it, it may have failed here alone.
        about_it = any(f"({reason})" in verdict.reason for reason in OF_THE_PROOF)
        if same and script == record.script and about_it:
            await knowledge.withdraw(record, verdict.reason)
    for refuted in known.refutations:
        found = Counterexample(refuted.values, refuted.proof)
        objection = await refutation.objection(
            place.session, place.hole, found, judge.policy, judge.unproved
        )
        if not objection:
            return GoalVerdict(place.handle, "refuted", counterexample=found, cached=True)
        if refuted.fingerprint == fingerprint:
            await knowledge.withdraw(refuted, objection)
    return None


async def recalled_with(place: Place, helper: str, script: str, judge: Judge) -> GoalVerdict:
    """`proved` by this script with these helper lemmas above, or `open` with the reason why not.

    Raises SessionDied, ProtocolError.
    """
    session, document, hole = place.session, place.document, place.hole
    try:
        proof = await recalled(
            session, document, hole, helper, script, judge.policy, judge.unproved
        )
    except TicketError as error:
        return GoalVerdict(place.handle, "open", reason=str(error))
    return with_helper(place.handle, proof)


def with_helper(goal: GoalHandle, proof: HelperProof) -> GoalVerdict:
    """The verdict on a goal that was proved with helper lemmas."""
    return GoalVerdict(
        goal,
        "proved",
        proof.script,
        LEMMA,
        proof.edit,
        axioms=proof.axioms,
        helper=proof.helper,
        helper_edit=proof.helper_edit,
    )
