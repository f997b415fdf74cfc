"""Toy goals with tactics that follow a rule, and what is known of a model that was trained on them.

The tactic names the hypothesis (copied); the relation decides which tactic it is.
"""

import itertools
from dataclasses import dataclass
from pathlib import Path

from search.training.byte_t5 import Example
from search.training.pairs import Pair
from search.training.plan import Progress, Shape

SMALL = Shape(width=64, inner=128, heads=4, encoder_layers=2, decoder_layers=1, dropout=0.0)
ENOUGH = 0.01
"""Validation loss, in nats a token, at which the toy model knows its rule: it is sure of what it
says then. At 0.1 it says the right thing greedily, and beams may still find something else."""

_NAMES = ("h", "k", "e", "hx", "hy")
_RULES = {"<": "omega", "=": "rw [{h}]", "∧": "exact {h}.1", "→": "exact {h} _", "∨": "cases {h}"}


def toy_pairs() -> list[Pair]:
    """125 pairs, of 25 declarations each."""
    return [
        Pair(
            f"{name} : p {sign} {number}\n⊢ q",
            tactic.replace("{h}", name),
            f"toy_{name}_{number}",
            "curriculum",
        )
        for (sign, tactic), name, number in itertools.product(
            _RULES.items(), _NAMES, ("0", "1", "2", "a", "b")
        )
    ]


@dataclass(frozen=True, slots=True)
class Learned:
    """A model that knows the rule of the toys: its checkpoint, the same converted, its reports."""

    checkpoint: Path
    converted: Path
    reports: list[Progress]
    unseen: list[Example]
