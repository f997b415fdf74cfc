"""How often each closer and each move succeeds on the bank, and what it costs.

Every script that fits a goal of the bank is run on it, whether another one has closed it or not.
The order in `search/strategies/closers.py` follows these figures; they say nothing about what the
strategies can prove (that is `unsorry bench`).
"""

import argparse
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from bench.lemmas import Lemma, default_bank, load_bank
from bench.measurement import Measurement, run
from bench.places import bare_workspace
from bench.report import table
from lean.document import elaborate
from lean.goal import Goal
from lean.protocol import GoalFeatures, Outcome
from lean.session import Limits, Session
from lean.toolchain import find_toolchain
from search.strategies.closers import PROBED, closers
from search.strategies.move import Move
from search.strategies.moves import inductive_moves
from search.strategies.tries import parsed

LIMITS = Limits(2_000, 5.0)
"""What a script gets from a strategy with the usual budget."""
_LISTED = re.compile(r" \[[^\]\[]*\]")
_FAMILIES = (
    (re.compile(r"exact ⟨.*, by (\w+)⟩", re.DOTALL), r"exact ⟨…, by \1⟩"),
    (re.compile(r"refine ⟨.*", re.DOTALL), "refine ⟨…, ?_⟩"),
    (re.compile(r"revert .*; decide"), "revert …; decide"),
    (re.compile(r"have := .*; grind"), "have := h x; grind"),
    (re.compile(r"have \S+ : .*rcases.*", re.DOTALL), "cases on a remainder"),
    (re.compile(r"have \S+ : 0 < .*exact\?", re.DOTALL), "have : 0 < x; exact?"),
    (re.compile(r"(induction) \S+ (generalizing).*", re.DOTALL), r"\1 … \2"),
    (re.compile(r"cases ht : .*", re.DOTALL), "cases on a Boolean function"),
    (re.compile(r"(split at|by_cases) .*", re.DOTALL), r"\1 …"),
    (
        re.compile(
            r"(induction|cases|rcases|obtain|intro|unfold|fun_induction|funext|ext) .*", re.S
        ),
        r"\1 …",
    ),
)


@dataclass(slots=True)
class Family:
    """What came of all scripts of one form. `goals`: the goals on which one of them succeeded."""

    name: str
    kind: str
    tried: int = 0
    succeeded: int = 0
    seconds: float = 0.0
    seconds_of_success: float = 0.0
    goals: set[str] = field(default_factory=set)

    def count(self, goal: str, outcome: Outcome, success: bool) -> None:
        """One more script."""
        # Lean tells whole milliseconds, rounded down.
        seconds = (outcome.ms + 0.5) / 1000
        self.tried += 1
        self.seconds += seconds
        if success:
            self.succeeded += 1
            self.seconds_of_success += seconds
            self.goals.add(goal)

    @property
    def success_ms(self) -> float:
        """Mean of those that succeeded; 0 when none did."""
        return 1000 * self.seconds_of_success / self.succeeded if self.succeeded else 0.0

    @property
    def failure_ms(self) -> float:
        """Mean of those that failed; 0 when none did."""
        failed = self.tried - self.succeeded
        return 1000 * (self.seconds - self.seconds_of_success) / failed if failed else 0.0

    @property
    def per_second(self) -> float:
        """Successes for a second spent: what the order of closers is about."""
        return self.succeeded / self.seconds if self.seconds else 0.0


def family(script: str) -> str:
    """The form of a script, without the names that this goal put into it."""
    for pattern, name in _FAMILIES:
        if pattern.fullmatch(script):
            return pattern.sub(name, script)
    return _LISTED.sub(" […]", script)


async def measure(chosen: argparse.Namespace) -> Measurement:
    """Run every script on every goal, on one session."""
    workspace = bare_workspace()
    launch = (await find_toolchain(workspace)).driver_command(workspace)
    session = await Session.start(launch)
    families: dict[tuple[str, str], Family] = {}
    lemmas = load_bank(chosen.bank or default_bank(), chosen.limit)
    try:
        await _warm_up(session)
        for lemma in lemmas:
            await _try_everything(session, lemma, families)
    finally:
        await session.close()
    order = sorted(families.values(), key=lambda one: -one.per_second)
    return Measurement(
        lines=[
            *_lines([one for one in order if one.kind == "closer"], "closer", "closed"),
            "",
            *_lines([one for one in order if one.kind == "move"], "move", "applied"),
            "",
            f"{len(lemmas)} goals; each script had {LIMITS.heartbeats} heartbeats.",
        ],
        figures={"goals": len(lemmas), "families": [_as_json(one) for one in order]},
    )


async def _warm_up(session: Session) -> None:
    """The first `exact?` of a session builds an index, which is nobody's cost."""
    document = await elaborate(session, "theorem t (a b : Nat) : a + b = b + a := by sorry")
    await session.check(document.holes[0].proofs, ["exact?"], Limits(0, 60.0)).finish()


async def _try_everything(
    session: Session, lemma: Lemma, families: dict[tuple[str, str], Family]
) -> None:
    document = await elaborate(session, lemma.text)
    goal = Goal.of(document, document.holes[0])
    features = (await goal.features(session))[0]
    scripts = await _closers(session, goal, features)
    async for outcome in session.check(goal.proofs, scripts, LIMITS):
        one = _of(families, scripts[outcome.index], "closer")
        one.count(lemma.identifier, outcome, outcome.result == "proved")
    made: list[Move] = list(inductive_moves(features))
    async for outcome in session.check(goal.proofs, [move.text for move in made], LIMITS):
        one = _of(families, made[outcome.index].text, "move")
        one.count(lemma.identifier, outcome, outcome.result in ("proved", "goals"))


async def _closers(session: Session, goal: Goal, features: GoalFeatures) -> list[str]:
    return closers(features, await parsed(session, goal.proofs[0], PROBED))


def _of(families: dict[tuple[str, str], Family], script: str, kind: str) -> Family:
    name = family(script)
    return families.setdefault((kind, name), Family(name, kind))


def _lines(families: Iterable[Family], title: str, success: str) -> list[str]:
    header = [title, "tried", success, "goals", "ms success", "ms failure", "success/s"]
    return table(
        header,
        [
            [
                one.name,
                one.tried,
                one.succeeded,
                len(one.goals),
                f"{one.success_ms:.1f}",
                f"{one.failure_ms:.1f}",
                f"{one.per_second:.2f}",
            ]
            for one in families
        ],
    )


def _as_json(one: Family) -> dict[str, object]:
    return {
        "name": one.name,
        "kind": one.kind,
        "tried": one.tried,
        "succeeded": one.succeeded,
        "goals": len(one.goals),
        "success_ms": round(one.success_ms, 2),
        "failure_ms": round(one.failure_ms, 2),
        "per_second": round(one.per_second, 3),
    }


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--bank", type=Path, metavar="FILE", help="lemmas, one JSON object a line")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N lemmas")


def main() -> int:
    """The command line."""
    return run("closers", "Measure every closer and every move.", measure, _options)


if __name__ == "__main__":
    sys.exit(main())
