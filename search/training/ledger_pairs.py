"""What the ledger knows of proofs, for training: pairs, and scripts to be looked at again.

It reads; nothing that it says counts as proved until Lean has accepted it again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lean.renaming import rename
from search.ledger import Ledger
from search.records import GoalRecord, ProofRecord
from search.training.pairs import Pair, is_tried_anyway, pair_of, target_of

TURNSTILE = "⊢"


@dataclass(frozen=True, slots=True)
class KnownProofs:
    """Proofs by the keys of their goals, with the goals that are known."""

    proofs: Mapping[str, tuple[ProofRecord, ...]] = field(default_factory=dict)
    goals: Mapping[str, GoalRecord] = field(default_factory=dict)

    @classmethod
    def of(cls, ledger: Ledger) -> "KnownProofs":
        """All that stand, without those that need a lemma of their own. Raises LedgerError."""
        proofs: dict[str, list[ProofRecord]] = {}
        for proof, _ in ledger.every_proof():
            if not proof.helper:
                proofs.setdefault(proof.goal, []).append(proof)
        goals = {goal.key: goal for goal in ledger.goals() if goal.key in proofs}
        return cls({key: tuple(found) for key, found in proofs.items()}, goals)

    def scripts(self, key: str, hypotheses: Iterable[str]) -> list[str]:
        """Scripts for the goal with this key, written with these names; the shortest first."""
        names = tuple(hypotheses)
        found = self.proofs.get(key, ())
        return list(dict.fromkeys(rename(one.script, one.hypotheses, names) for one in found))

    def pairs(self) -> list[Pair]:
        """A pair for each proof that Lean has accepted here, of a goal that can be told."""
        return [
            pair
            for key, goal in self.goals.items()
            for proof in self.proofs[key]
            if proof.verified_at and (pair := _pair(goal, proof))
        ]


def _pair(goal: GoalRecord, proof: ProofRecord) -> Pair | None:
    tactic = target_of(rename(proof.script, proof.hypotheses, goal.hypotheses))
    if not tactic or is_tried_anyway(tactic) or goal.display.count(TURNSTILE) != 1:
        return None
    declaration = known_as(goal.declaration, goal.file)
    return pair_of(goal.display, tactic, declaration, "ledger", (), goal.key)


def known_as(declaration: str, path: str) -> str:
    """What a declaration is called here: its name, or its file where it has none."""
    nameless = not declaration or declaration.split(".")[-1] in ("example", "_example")
    return f"examples of {path}" if nameless else declaration
