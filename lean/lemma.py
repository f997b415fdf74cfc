"""A goal as a stand-alone theorem that can stand right above the command with the hole.

The statement holds the goal's core only: what its unused hypotheses say is left out. It is written
by Lean's pretty printer and read back by Lean, and counts only when it means the same; proving it
is someone else's business.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from lean.errors import RequestRefused
from lean.goal_key import KeyedGoal, key_of, script_names
from lean.protocol import Binder, CanonicalGoal, CommandReport, LemmaText
from lean.session import Session

LEVELS = (0, 1, 2)
"""How much is written out, in the order in which it is tried: see `Session.lemma`."""
LINE = 100
"""Characters to which a statement stays on one line."""
SECONDS = 20.0
"""For the elaboration of a statement; they take milliseconds."""


@dataclass(frozen=True, slots=True)
class Lemma:
    """A statement `theorem NAME … : …`, without `:=`, that elaborates where it was asked for.

    `key` is the key of its goal, which is the core of the goal it was made from. `application` is
    the term that proves the latter by it, for `exact`.
    """

    name: str
    statement: str
    key: str
    application: str


async def lemma_statement(
    session: Session, state: int, proof: int, index: int, name: str
) -> Lemma | None:
    """Goal number `index` of `proof` as a theorem `name`, or None when it can't be said as one.

    `state` is that before the command with the hole. Leaves nothing behind on the session. Raises
    SessionDied, ProtocolError, or RequestRefused for a state or proof that is gone.
    """
    goals = (await session.canonical(proof)).goals
    if index >= len(goals) or goals[index].too_large:
        return None
    goal, keyed = goals[index], key_of(goals[index])
    for level in LEVELS:
        try:
            text = await session.lemma(proof, index, level, keyed.core_hypotheses)
        except RequestRefused as refusal:
            if refusal.kind != "failed":
                raise
            # Metavariables or local definitions: no level changes that.
            return None
        statement = _statement(name, text)
        if await _means(session, state, statement, keyed):
            application = _application(name, goal, keyed.core_hypotheses, text.binders)
            return Lemma(name, statement, keyed.core, application)
    return None


def _statement(name: str, text: LemmaText) -> str:
    universes = f".{{{', '.join(text.universes)}}}" if text.universes else ""
    binders = [
        f"[{names[0]} : {shown}]" if instance else f"({' '.join(names)} : {shown})"
        for instance, shown, names in _groups(text.binders)
    ]
    start = " ".join([f"theorem {name}{universes}", *binders, ":"])
    whole = f"{start} {text.target}"
    if len(whole) <= LINE and "\n" not in whole:
        return whole
    return f"{start}\n{textwrap.indent(text.target, '    ')}"


def _groups(binders: Sequence[Binder]) -> list[tuple[bool, str, list[str]]]:
    """Is it an instance, its type, the names of neighbours that have the same."""
    groups: list[tuple[bool, str, list[str]]] = []
    for binder in binders:
        instance = binder.kind == "instance"
        if groups and not instance and groups[-1][:2] == (False, binder.type):
            groups[-1][2].append(binder.name)
        else:
            groups.append((instance, binder.type, [binder.name]))
    return groups


async def _means(session: Session, state: int, statement: str, wanted: KeyedGoal) -> bool:
    """Does `statement` elaborate in `state`, to the core of the goal `wanted`?"""
    exchange = session.elaborate(state, f"{statement} := by\n  sorry\n", seconds=SECONDS)
    reports: list[CommandReport] = []
    states: list[int] = []
    try:
        async for report in exchange:
            reports.append(report)
        states.append(exchange.result.state)
        return await _is_it(session, reports, wanted)
    finally:
        proofs = [hole.proof for report in reports for hole in report.holes]
        session.discard(states + [report.state for report in reports], proofs)


async def _is_it(session: Session, reports: Sequence[CommandReport], wanted: KeyedGoal) -> bool:
    if len(reports) != 1 or reports[0].failed or len(reports[0].holes) != 1:
        return False
    if any(message.severity == "error" for message in reports[0].messages):
        return False
    goals = (await session.canonical(reports[0].holes[0].proof)).goals
    # More hypotheses than written come from the section; the application does not know of them.
    return len(goals[0].hypotheses) == len(wanted.core_hypotheses) and (
        key_of(goals[0]).core == wanted.core
    )


def _application(
    name: str, goal: CanonicalGoal, indices: Sequence[int], binders: Sequence[Binder]
) -> str:
    names = script_names(goal)
    arguments = [
        names[index] or ("(by assumption)" if binder.kind == "prop" else "_")
        for index, binder in zip(indices, binders, strict=True)
        if binder.kind != "instance"
    ]
    return " ".join([name, *arguments])
