"""What the last word on proofs says to every attack of the corpus, and to every honest proof.

Each script is judged by `lean.verify` at its hole, as one that a strategy found would be. The
corpus is `bench.corpus`; nothing is searched here.
"""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bench.corpus import Case, HonestProof, allowed, attacked_hole, attacks, honest_proofs
from bench.measurement import Measurement, Target, run
from bench.places import bare_workspace
from bench.report import table
from lean.document import Document, elaborate
from lean.errors import SessionDied
from lean.hole import Hole
from lean.pool import Pool
from lean.verify import Verdict, verify

DIED = "session_died"
"""Not a reason of `verify`: the session ended over this script."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What was said to one script, and whether that is right."""

    name: str
    group: str
    accepted: bool
    reason: str
    detail: str
    right: bool
    lean_accepts: bool = True

    @property
    def said(self) -> str:
        """In a word or two."""
        return "accepted" if self.accepted else f"refused ({self.reason})"


async def measure(chosen: argparse.Namespace) -> Measurement:
    """Judge everything, on as many sessions as there are."""
    waiting: list[tuple[str, Case | HonestProof]] = [
        *(("attack", case) for case in attacks()),
        *(("allowed", case) for case in allowed()),
        *(("honest", proof) for proof in honest_proofs()),
    ]
    order = {_name(item): index for index, (_, item) in enumerate(waiting)}
    waiting.reverse()
    judged: list[Judged] = []
    async with Pool.open(bare_workspace(), sessions=chosen.jobs) as pool:
        await asyncio.gather(*(_judge_some(pool, waiting, judged) for _ in range(pool.size)))
    judged.sort(key=lambda one: order[one.name])
    return _measured(judged)


async def _judge_some(
    pool: Pool, waiting: list[tuple[str, Case | HonestProof]], judged: list[Judged]
) -> None:
    while waiting:
        group, item = waiting.pop()
        judged.append(await _judge(pool, group, item))


async def _judge(pool: Pool, group: str, item: Case | HonestProof) -> Judged:
    try:
        async with pool.lease(["Init"]) as session:
            document = await elaborate(session, item.document)
            verdict = await verify(session, document, _hole(document, item), item.script)
    except SessionDied as death:
        return Judged(_name(item), group, False, DIED, str(death), False)
    reason = verdict.reason.value if verdict.reason else ""
    right = _is_right(item, verdict)
    lean_accepts = not isinstance(item, Case) or item.lean_accepts
    return Judged(_name(item), group, verdict.accepted, reason, verdict.detail, right, lean_accepts)


def _hole(document: Document, item: Case | HonestProof) -> Hole:
    return attacked_hole(document) if isinstance(item, Case) else document.holes[item.hole]


def _is_right(item: Case | HonestProof, verdict: Verdict) -> bool:
    if isinstance(item, HonestProof) or item.accepted:
        return verdict.accepted
    return not verdict.accepted and verdict.reason in item.reasons


def _name(item: Case | HonestProof) -> str:
    return item.name if isinstance(item, Case) else item.id


def _measured(judged: Sequence[Judged]) -> Measurement:
    groups = {
        group: [one for one in judged if one.group == group]
        for group in ("attack", "allowed", "honest")
    }
    accepted = [one.name for one in groups["attack"] if one.accepted]
    odd = [one.name for one in groups["attack"] if not one.accepted and not one.right]
    refused = [one.name for one in judged if one.group != "attack" and not one.accepted]
    return Measurement(
        lines=_lines(groups),
        figures={
            "attacks": len(groups["attack"]),
            "attacks_lean_accepts": sum(one.lean_accepts for one in groups["attack"]),
            "attacks_accepted": accepted,
            "attacks_refused_for_another_reason": odd,
            "honest": len(groups["honest"]) + len(groups["allowed"]),
            "honest_refused": refused,
            "rows": [
                {"name": one.name, "group": one.group, "verdict": one.said, "detail": one.detail}
                for one in judged
            ],
        },
        targets=[
            Target("attacks accepted", len(accepted), "<=", 0),
            Target("attacks refused for another reason", len(odd), "<=", 0),
            Target("honest proofs refused", len(refused), "<=", 0),
        ],
    )


def _lines(groups: dict[str, list[Judged]]) -> list[str]:
    header = ["attack", "Lean alone", "verdict", "detail"]
    rows = [
        [one.name, "accepts" if one.lean_accepts else "refuses", one.said, _short(one.detail)]
        for one in groups["attack"]
    ]
    reasons = Counter(one.reason for one in groups["attack"] if not one.accepted)
    wrong = [
        f"  {one.name}: {one.said}: {_short(one.detail)}"
        for group in ("allowed", "honest")
        for one in groups[group]
        if not one.accepted
    ]
    return [
        *table(header, rows),
        "",
        f"{sum(reasons.values())} of {len(groups['attack'])} attacks refused: "
        + ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
        + ".",
        f"{_passed(groups['allowed'])} scripts that only look like one accepted.",
        f"{_passed(groups['honest'])} honest proofs accepted.",
        *wrong,
    ]


def _passed(judged: Sequence[Judged]) -> str:
    return f"{sum(one.accepted for one in judged)} of {len(judged)}"


def _short(text: str) -> str:
    shown = "".join(c if c.isprintable() else "·" for c in " ".join(text.split()))
    return shown if len(shown) <= 60 else shown[:59] + "…"


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--jobs", type=int, metavar="N", help="Lean sessions at a time")


def main() -> int:
    """The command line."""
    return run("soundness", "Judge every attack and every honest proof.", measure, _options)


if __name__ == "__main__":
    sys.exit(main())
