"""The last word on a proof: does this script, at this hole, prove what stands there?

Lean elaborates the command afresh with the script in its place and reports facts; here they are
judged, strictly and in one order. Nothing is taken from whoever proposed the script: cached,
imported and generated ones pass the same gate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from lean.document import Command, Document
from lean.errors import RequestRefused
from lean.forbidden import forbidden_kinds, text_objection
from lean.hole import Hole
from lean.insertion import Edit, apply, insertion
from lean.positions import SourceText
from lean.protocol import Axiom, Message, VerifyFacts
from lean.session import Limits, Session

STANDARD_AXIOMS = frozenset({"propext", "Classical.choice", "Quot.sound"})


TRANSPARENT = frozenset({"by", "null", "Lean.cdot", "Lean.calcSteps", "Lean.calcTactic"}) | {
    f"Lean.Parser.Tactic.{kind}"
    for kind in (
        "tacticSeq",
        "tacticSeq1Indented",
        "tacticSeqBracketed",
        "paren",
        "focus",
        "case",
        "inductionAlt",
        "inductionAlts",
        "induction",
        "cases",
        "withAnnotateState",
        "tacticHave__",
        "tacticShow_",
        "exact",
        "refine",
        "refineLift",
    )
}
"""Syntax through which a failure goes; anything else (`first`, `try`, a user's own) might go on
without the script."""


class Reason(StrEnum):
    """Why a script is no proof; the first that applies."""

    NOT_EDITABLE = "not_editable"
    DATA_HOLE = "data_hole"
    UNPARSED = "unparsed"
    ESCAPES = "escapes"
    FORBIDDEN_SYNTAX = "forbidden_syntax"
    INTERRUPTED = "interrupted"
    ERROR = "error"
    STATEMENT_CHANGED = "statement_changed"
    DECLARATIONS_CHANGED = "declarations_changed"
    SORRY = "sorry"
    AXIOM = "axiom"
    COMPILER = "compiler"
    KERNEL = "kernel"
    EFFECTS = "effects"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a workspace accepts beyond the standard axioms; `seconds` bounds each elaboration."""

    allowed_axioms: frozenset[str] = frozenset()
    allow_compiler: bool = False
    seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement; `reason` and `detail` say why not, `axioms` what a proof rests on."""

    accepted: bool
    reason: Reason | None = None
    detail: str = ""
    axioms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Trial:
    """A script in its place: the new text, the hole's bytes before and the script's now."""

    new: SourceText
    before: tuple[int, int]
    now: tuple[int, int]

    @classmethod
    def of(cls, document: Document, hole: Hole, script: str) -> "_Trial":
        edit: Edit = insertion(document, hole, script)
        old, new = document.source, SourceText(apply(document.source.text, [edit]))
        before = (old.byte(edit.start), old.byte(edit.end))
        return cls(new, before, (before[0], before[1] + len(new.data) - len(old.data)))

    def moved(self, offset: int) -> int:
        """Where a byte behind the hole is now; bytes before it stay."""
        return offset if offset < self.before[1] else offset + self.now[1] - self.before[1]


async def verify(
    session: Session, document: Document, hole: Hole, script: str, policy: Policy | None = None
) -> Verdict:
    """Judges `script` at `hole` of `document`, which must live on `session`.

    Raises SessionDied, ProtocolError, or RequestRefused when the document's states are gone.
    """
    policy = policy or Policy()
    if refused := _before_lean(hole, script):
        return refused
    if not all(await session.parses(hole.proofs[0], [script])):
        return _refuse(Reason.UNPARSED, "the script is not a tactic block")
    trial = _Trial.of(document, hole, script)
    facts = await _ask(session, document, hole, script, trial, policy)
    if refused := _judge(facts, policy):
        return refused
    judged = await _judge_sorries(session, document, hole, script, trial, facts, policy)
    if not judged.accepted:
        return judged
    if not facts.opaque and (
        refused := await _judge_effects(session, document, hole, trial, policy)
    ):
        return refused
    return judged


def _refuse(reason: Reason, detail: str) -> Verdict:
    return Verdict(False, reason, detail)


def _before_lean(hole: Hole, script: str) -> Verdict | None:
    """What can be said without asking Lean."""
    if not hole.editable:
        return _refuse(Reason.NOT_EDITABLE, "a macro wrote this hole")
    if hole.mode == "data":
        return _refuse(Reason.DATA_HOLE, "the hole wants a value, not a proof")
    if objection := text_objection(script):
        return _refuse(Reason.FORBIDDEN_SYNTAX, objection)
    return None


async def _ask(
    session: Session, document: Document, hole: Hole, script: str, trial: _Trial, policy: Policy
) -> VerifyFacts:
    command = document.commands[hole.command]
    # From the start of a line, because columns mean something to Lean; to the end of the file,
    # because what follows decides where the command ends.
    base = document.source.line_start(command.begin)
    return await session.verify(
        {
            "before": command.before,
            "after": command.after,
            "original": document.source.slice(base, len(document.source.data)),
            "text": trial.new.slice(base, len(trial.new.data)),
            "start": command.begin - base,
            "hole": [offset - base for offset in trial.before],
            "script": [offset - base for offset in trial.now],
            "forbidden": forbidden_kinds(script, policy.allow_compiler),
        },
        policy.seconds,
    )


def _judge(facts: VerifyFacts, policy: Policy) -> Verdict | None:
    """Everything but `sorry` and the rest of the file."""
    if facts.forbidden:
        kinds = sorted({entry.kind for entry in facts.forbidden})
        return _refuse(Reason.FORBIDDEN_SYNTAX, ", ".join(kinds))
    if not facts.parsed and facts.errors:
        return _refuse(Reason.UNPARSED, facts.errors[0])
    if not facts.parsed:
        return _refuse(Reason.ESCAPES, "the script reaches beyond its place")
    if facts.interrupted:
        return _refuse(Reason.INTERRUPTED, f"no result within {policy.seconds:.0f} s")
    if facts.errors:
        return _refuse(Reason.ERROR, facts.errors[0])
    if facts.new_axioms:
        return _refuse(Reason.AXIOM, "declares " + ", ".join(facts.new_axioms))
    if facts.changed or not facts.types_same:
        return _refuse(Reason.STATEMENT_CHANGED, ", ".join(facts.changed))
    if facts.added:
        return _refuse(Reason.DECLARATIONS_CHANGED, "adds " + ", ".join(facts.added))
    if facts.kernel:
        return _refuse(Reason.KERNEL, facts.kernel)
    return _judge_axioms(facts.axioms, policy)


def _judge_axioms(axioms: Sequence[Axiom], policy: Policy) -> Verdict | None:
    for axiom in axioms:
        if axiom.kind in ("sorry", "library") or axiom.name in policy.allowed_axioms:
            continue
        if axiom.kind == "compiler":
            if not policy.allow_compiler:
                return _refuse(Reason.COMPILER, f"trusts the compiler ({axiom.name})")
        # The name is checked too: the class is Lean's word, the list is ours.
        elif axiom.kind != "standard" or axiom.name not in STANDARD_AXIOMS:
            return _refuse(Reason.AXIOM, f"rests on the axiom {axiom.name}")
    return None


async def _judge_sorries(
    session: Session,
    document: Document,
    hole: Hole,
    script: str,
    trial: _Trial,
    facts: VerifyFacts,
    policy: Policy,
) -> Verdict:
    """No `sorryAx` may come from this hole; what other holes bring is their own affair."""
    others = [other for other in document.holes if other.command == hole.command and other != hole]
    expected = {(trial.moved(other.start), trial.moved(other.end)) for other in others}
    base = document.source.line_start(document.commands[hole.command].begin)
    if {(start + base, end + base) for start, end in facts.holes} != expected:
        return _refuse(Reason.SORRY, "the command has other holes than before")
    if not facts.made:
        # An `example` or a `#check`: Lean forgets what it has proved, and so what that rests on.
        return await _judge_alone(session, hole, script, policy)
    accepted = Verdict(True, axioms=tuple(axiom.name for axiom in facts.axioms))
    sorry = [axiom.name for axiom in facts.axioms if axiom.kind == "sorry"]
    if not others and facts.sorries[1]:
        return _refuse(Reason.SORRY, "a sorry remains")
    if not sorry:
        # Where something else could have closed the goal, the script must do it by itself.
        if all(map(_lets_failures_through, hole.parents)):
            return accepted
        alone = await _judge_alone(session, hole, script, policy)
        return accepted if alone.accepted else alone
    if facts.sorries[1] > facts.sorries[0] or not set(sorry) <= set(facts.axioms_before):
        return _refuse(Reason.SORRY, "more rests on sorry than before")
    # Another hole, or a lemma that is not proved yet, has it; so the script is judged by itself, at
    # its own goals.
    alone = await _judge_alone(session, hole, script, policy)
    return accepted if alone.accepted else alone


def _lets_failures_through(kind: str) -> bool:
    return kind in TRANSPARENT or kind.startswith("Lean.Parser.Term.")


async def _judge_alone(session: Session, hole: Hole, script: str, policy: Policy) -> Verdict:
    """The script at the hole's own goals, each closed as a theorem; accepted with its axioms."""
    axioms: dict[str, None] = {}
    for proof in hole.proofs:
        outcome = await session.step(proof, script, Limits(heartbeats=0, seconds=policy.seconds))
        if outcome.result == "interrupted":
            return _refuse(Reason.INTERRUPTED, outcome.message)
        if outcome.result != "proved" or outcome.proof is None:
            return _refuse(Reason.SORRY, f"by itself the script proves nothing: {outcome.message}")
        try:
            sealed = await session.seal(outcome.proof)
        except RequestRefused as refusal:
            return _refuse(Reason.SORRY, f"by itself the script can't be closed: {refusal}")
        finally:
            session.discard(proofs=[outcome.proof])
        if not sealed.ok:
            return _refuse(Reason.KERNEL, sealed.message)
        if sealed.unproved:
            return _refuse(Reason.SORRY, f"rests on {sealed.unproved[0]}, which is not proved")
        if refused := _judge_axioms(sealed.axioms, policy):
            return refused
        axioms |= dict.fromkeys(axiom.name for axiom in sealed.axioms)
    return Verdict(True, axioms=tuple(axioms))


async def _judge_effects(
    session: Session, document: Document, hole: Hole, trial: _Trial, policy: Policy
) -> Verdict | None:
    """The command made more than theorems: what follows must be as it was."""
    command = document.commands[hole.command]
    later = document.commands[hole.command + 1 :]
    if not later:
        return None
    base = trial.new.line_start(command.begin)
    exchange = session.elaborate(
        command.before,
        trial.new.slice(base, len(trial.new.data)),
        command.begin - base,
        policy.seconds,
        holes=False,
    )
    now = [report async for report in exchange]
    session.discard([report.state for report in now] + [exchange.result.state])
    if exchange.result.interrupted:
        return _refuse(Reason.INTERRUPTED, f"no result within {policy.seconds:.0f} s")
    if len(now) != len(later) + 1:
        return _refuse(Reason.EFFECTS, "the rest of the file has other commands")
    for before, after in zip(later, now[1:], strict=True):
        if before.kind != after.kind or before.declarations != after.declarations:
            return _refuse(Reason.EFFECTS, _about(document, before, "declares something else"))
        if new := _new_errors(before.messages, after.messages):
            return _refuse(Reason.EFFECTS, _about(document, before, f"fails: {new[0]}"))
    return None


def _about(document: Document, command: Command, what: str) -> str:
    line, _ = document.source.line_column(command.start)
    return f"the command at line {line} {what}"


def _new_errors(before: Sequence[Message], after: Sequence[Message]) -> list[str]:
    known = {message.text for message in before if message.severity == "error"}
    return [
        message.text
        for message in after
        if message.severity == "error" and message.text not in known
    ]
