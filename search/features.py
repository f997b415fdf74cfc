"""A goal as a few named numbers: what difficulty and policies know about it.

Reads what Lean told about the goals of a hole (`lean.protocol.GoalFeatures`); asks nothing itself
and learns nothing. Vectors are small, JSON-able, and compare across files and sessions.

Counts and sizes (absent when they are 0):

| name | what it counts |
|---|---|
| `size` | log2(1 + nodes of the target) |
| `facts`, `variables` | hypotheses that are propositions, and that are data |
| `binders`, `alternations` | leading binders of the target; changes between ∀ and ∃ in it |
| `definitions` | functions of the document that occur in the goal |
| `recursive_definitions` | recursive ones among those and what they call |
| `user_inductives` | hypotheses whose type the document declares |
| `recursive_variables` | variables of a recursive type that the target mentions |
| `indexed` | hypotheses of an inductive family or predicate |
| `goals` | goals beyond the first that one script has to close |
| `term` | 1: the hole is a term, not a tactic |

Marks, each 1: `kind:eq` (the target's shape), `head:Eq`, `symbol:List.append` (its constants),
`variable:Nat` and `fact:LE.le` (heads of the hypotheses' types).
"""

import math
from collections.abc import Mapping, Sequence

from lean.protocol import GoalFeatures

MARK = ":"
"""What stands between the two parts of a mark's name, and in no other name."""
COUNTS = (
    "size",
    "facts",
    "variables",
    "binders",
    "alternations",
    "definitions",
    "recursive_definitions",
    "user_inductives",
    "recursive_variables",
    "indexed",
    "goals",
    "term",
)
"""The names that are no marks, in the order in which difficulty is fitted."""
MOST_SYMBOLS = 32
"""Constants kept of one target: the first ones tell enough, and rows of the ledger stay small."""


def vector(features: Sequence[GoalFeatures], term: bool = False) -> dict[str, float]:
    """The vector of a hole from the features of its goals, of which the first speaks for all.

    Empty when there are none. `term`: the hole stands for a term.
    """
    if not features:
        return {}
    first = features[0]
    counts = _counts(first) | {"goals": len(features) - 1.0, "term": float(term)}
    named = {name: round(counts[name], 3) for name in COUNTS if counts[name]}
    return named | dict.fromkeys(_marks(first), 1.0)


def tokens(of: Mapping[str, float]) -> frozenset[str]:
    """A vector as a set, for neighbours: marks as they are, counts in coarse steps."""
    return frozenset(
        name if MARK in name else f"{name}={min(4 if name != 'size' else 9, round(value))}"
        for name, value in of.items()
    )


def _counts(features: GoalFeatures) -> dict[str, float]:
    target, hypotheses = features.target, features.hypotheses
    inductives = [h for h in hypotheses if h.inductive is not None]
    return {
        "size": math.log2(1 + target.size),
        "facts": sum(h.kind == "prop" for h in hypotheses),
        "variables": sum(h.kind == "data" for h in hypotheses),
        "binders": target.binders,
        "alternations": target.alternations,
        "definitions": sum(d.direct for d in features.definitions),
        "recursive_definitions": sum(d.recursive for d in features.definitions),
        "user_inductives": sum(h.inductive.user for h in inductives if h.inductive),
        "recursive_variables": sum(
            h.inductive.recursive and h.in_target for h in inductives if h.inductive
        ),
        "indexed": sum(h.inductive.indices for h in inductives if h.inductive),
    }


def _marks(features: GoalFeatures) -> list[str]:
    target = features.target
    marks = [f"kind{MARK}{target.kind}", f"head{MARK}{target.head}"]
    marks += [f"symbol{MARK}{name}" for name in target.constants[:MOST_SYMBOLS]]
    for hypothesis in features.hypotheses:
        if hypothesis.kind == "data":
            marks.append(f"variable{MARK}{hypothesis.head}")
        elif hypothesis.kind == "prop":
            marks.append(f"fact{MARK}{hypothesis.head}")
    return marks
