"""Which lemmas are newly proved: their holes are still in the files, the ledger has the proofs.

Lean accepts every proof again, in the file as it stands; nothing is searched and nothing written.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lean.verify import STANDARD_AXIOMS
from search.events import GoalHandle, GoalVerdict
from search.settings import FROM_MEMORY
from server.joint_proofs import longest_prefix, with_proofs
from server.prove_files import read_source

if TYPE_CHECKING:
    from search.engine import Engine


ASKS_A_MODEL = frozenset({"sketch"})
"""Strategies that spend tokens."""
_EXAMPLE = "example"
"""What is said instead of a name where there is none."""
_PRIVATE = re.compile(r"\A_private\..*?\.0\.")


@dataclass(frozen=True, slots=True)
class Figures:
    """What proving a lemma has cost, as the ledger has it.

    `time`: seconds of the attempts that found its proofs; `cpu`: of all attempts, each on one core.
    `tokens` of language models; None when one was asked, because the ledger does not keep them.
    """

    time: float
    tactics: int
    strategies: tuple[str, ...]
    cpu: float
    tokens: int | None


@dataclass(frozen=True, slots=True)
class Lemma:
    """A declaration all of whose holes are proved.

    `file` is its label, `before` the text as it is, `after` the one with the proofs. `axioms` are
    those of Lean and of the workspace; `trusted` counts the theorems of the library that this Lean
    has without their proofs.
    """

    name: str
    file: str
    line: int
    goals: tuple[str, ...]
    before: str
    after: str
    scripts: tuple[str, ...]
    axioms: tuple[str, ...]
    trusted: int
    lean: str
    caveat: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class NotYet:
    """Why a declaration with a proof in the ledger is no new lemma."""

    place: str
    reason: str


async def lemmas_of(
    engine: "Engine", path: Path, file: str, keys: Collection[str]
) -> tuple[list[Lemma], list[NotYet]]:
    """The declarations of a file with a hole whose goal is among `keys`. Raises LeanError."""
    text = read_source(path)
    view = await engine.update(file, text, edited=False)
    if view is None or view.document.import_error:
        reason = view.document.import_error if view else "it could not be read"
        return [], [NotYet(file, reason)]
    lemmas: list[Lemma] = []
    waiting: list[NotYet] = []
    wanted = [goal for goal in view.goals if {goal.key.key, goal.key.core} & set(keys)]
    for name in dict.fromkeys(goal.hole.declaration for goal in wanted):
        goals = [goal for goal in view.goals if goal.hole.declaration == name]
        place = f"{file}:{goals[0].hole.line}"
        if name == _EXAMPLE:
            waiting.append(NotYet(place, "an example has no name"))
            continue
        verdicts = [await engine.prove(goal, FROM_MEMORY) for goal in goals]
        proved = [verdict for verdict in verdicts if verdict.kind == "proved"]
        if len(proved) < len(goals):
            missing = f"{len(proved)} of its {len(goals)} holes proved"
            waiting.append(NotYet(f"{place} {name}", missing if len(goals) > 1 else _why(verdicts)))
        elif await longest_prefix(engine, view.document, proved) < len(proved):
            waiting.append(NotYet(f"{place} {name}", "its proofs don't elaborate together"))
        else:
            after = with_proofs(view.document, proved)
            lemmas.append(await _lemma(engine, name, file, text, after, proved))
    return lemmas, waiting


def _why(verdicts: Sequence[GoalVerdict]) -> str:
    return verdicts[0].reason or "its proof does not hold here any more"


async def _lemma(
    engine: "Engine",
    name: str,
    file: str,
    before: str,
    after: str,
    proved: Sequence[GoalVerdict],
) -> Lemma:
    toolchain = engine.toolchain
    wanted = toolchain.stands_in_for
    rests_on = {axiom for verdict in proved for axiom in verdict.axioms}
    # The gate lets no others through than these, and the library's.
    axioms = rests_on & (STANDARD_AXIOMS | engine.settings.allowed_axioms)
    return Lemma(
        name=_PRIVATE.sub("", name),
        file=file,
        line=proved[0].goal.hole.line,
        goals=tuple(verdict.goal.text for verdict in proved),
        before=before,
        after=after,
        scripts=tuple(verdict.script for verdict in proved),
        axioms=tuple(sorted(axioms)),
        trusted=len(rests_on - axioms),
        lean=f"Lean {toolchain.lean_version} ({toolchain.name})",
        caveat=f"not confirmed by {wanted}" if wanted else "",
        figures=await _figures(engine, proved),
    )


async def _figures(engine: "Engine", proved: Sequence[GoalVerdict]) -> Figures:
    time = cpu = 0.0
    tactics = 0
    asked = False
    for verdict in proved:
        history = await engine.history(verdict.goal)
        attempts = history.attempts
        time += _finding(verdict.goal, [a.seconds for a in attempts if a.outcome == "proved"])
        cpu += sum(attempt.seconds + attempt.verify_seconds for attempt in attempts)
        asked |= any(attempt.strategy in ASKS_A_MODEL for attempt in attempts)
        lengths = (record.length for script, record in history.proofs if script == verdict.script)
        tactics += next(lengths, verdict.script.count("\n") + 1)
    strategies = tuple(sorted({verdict.strategy for verdict in proved}))
    return Figures(time, tactics, strategies, cpu, None if asked else 0)


def _finding(goal: GoalHandle, seconds: Sequence[float]) -> float:
    """Seconds of the last attempt that proved it; 0 when the proof came from elsewhere."""
    return seconds[-1] if seconds else 0.0
