"""Pairs to train on: a goal as people read it, and a tactic that helped there.

Where they come from is `search.training.gathering`; here they are made out of steps and scripts,
told apart, and divided into sides so that nothing which is held out was learned from.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from lean.renaming import rename
from search.learning.shown_goal import INACCESSIBLE, read_goal
from search.proof_steps import ProofStep

Source = Literal["workspace", "ledger", "dojo", "curriculum"]
Side = Literal["train", "validation", "held_out"]

LONGEST_TACTIC = 96
"""Bytes of a tactic to be learned. Of 164 scripts that the engine found for the bank and the
projects nine in ten are shorter than 54; the longest of a batch decides what it costs."""
HELD_OUT, VALIDATION = 0.2, 0.08
"""The parts of all declarations on those sides."""

_INTRO = "Lean.Parser.Tactic.intro"
_CLOSES = re.compile(
    r"rfl|assumption|contradiction|trivial|decide|omega|(?:simp|simp_all)(?: \[[^\]]*\])?"
)
_CASE = re.compile(r"\Acase [^\n]*\n")
_OPEN = re.compile(r"(?:\bby|\bwith|=>|:=|<;>|,)\s*\Z")
_WORD = re.compile(r"[^\W\d][\w'!?]*")


@dataclass(frozen=True, slots=True)
class Pair:
    """`tactic`, written with the names of the goal, is to be proposed for `display`.

    `declaration` is what it was used to prove; for a variation, that of the statement it was made
    from. `local_names`: the names in the pair that the document has given. `key`: Lean's own key of
    the goal, where it is known.
    """

    display: str
    tactic: str
    declaration: str
    source: Source
    local_names: tuple[str, ...] = ()
    key: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The goal's hypotheses that a script can name, in order."""
        shown = (name for name, _ in read_goal(self.display).hypotheses)
        return tuple(name for name in dict.fromkeys(shown) if INACCESSIBLE not in name)

    @property
    def goal(self) -> str:
        """The goal with its names numbered: the same for goals that differ only in those."""
        return self._numbered(_CASE.sub("", self.display))

    @property
    def template(self) -> str:
        """The tactic with those numbers: pairs of one goal and template say the same."""
        return self._numbered(self.tactic)

    def _numbered(self, text: str) -> str:
        names = self.names
        shown = [f"⧼{number}⧽" for number in range(len(names))]
        return " ".join(rename(text, names, shown).split())

    def as_json(self) -> dict[str, Any]:
        """The pair as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Self:
        """The pair that `as_json` made the row of."""
        return cls(**{**row, "local_names": tuple(row["local_names"])})


def pairs_of_steps(
    steps: Iterable[ProofStep], declared: Collection[str], source: Source
) -> list[Pair]:
    """A pair for each step that is worth proposing; `declared` are the document's names.

    `t <;> s` is one, and so are `t` and `s`, each with the goal that it met first.
    """
    return [
        pair_of(step.display, step.tactic, step.declaration, source, declared)
        for step in steps
        if fits(step.tactic)
        and not _is_name(step)
        and not (step.left < step.before and is_tried_anyway(step.tactic))
    ]


def is_tried_anyway(tactic: str) -> bool:
    """Would the search try this to close a goal, whatever a model says?

    (See `search.strategies.closers`, the cheap ones.) A model that learned such tactics would say
    little else: most goals fall to them. Without them it proved 28 of 42 held-out goals instead of
    22, in the same time.
    """
    return _CLOSES.fullmatch(tactic.strip()) is not None


def _is_name(step: ProofStep) -> bool:
    """Is it one of the names of an `intro`, which Lean makes steps of?"""
    return step.kind == _INTRO and not step.tactic.startswith("intro")


def pair_of(
    display: str,
    tactic: str,
    declaration: str,
    source: Source,
    declared: Collection[str],
    key: str = "",
) -> Pair:
    """A pair with those of the `declared` names that occur in it."""
    words = set(_WORD.findall(f"{display}\n{tactic}"))
    last = dict.fromkeys(name.split(".")[-1] for name in declared)
    given = tuple(name for name in last if name in words)
    return Pair(display, tactic.strip(), declaration, source, given, key)


def target_of(script: str) -> str:
    """What is to be learned of a whole script: all of it, or its first tactic when it is too long;
    "" when that does not stand alone, or is too long as well.
    """
    if fits(script):
        return script.strip()
    first, *rest = script.strip().split("\n")
    stands_alone = not rest or not rest[0].startswith((" ", "|", "·"))
    return first if stands_alone and fits(first) else ""


def fits(tactic: str) -> bool:
    """Is it short enough to be learned, and no beginning of something that would be left open?"""
    said = tactic.strip()
    return 0 < len(said.encode()) <= LONGEST_TACTIC and not _OPEN.search(said)


def distinct(pairs: Iterable[Pair]) -> list[Pair]:
    """The pairs in their order, of those that say the same the first."""
    found: dict[tuple[str, str], Pair] = {}
    for pair in pairs:
        found.setdefault((pair.goal, pair.template), pair)
    return list(found.values())


def side_of(declaration: str) -> Side:
    """On which side a declaration is: the same on every machine, whatever else there is."""
    digest = hashlib.blake2b(declaration.encode(), digest_size=8).digest()
    place = int.from_bytes(digest, "big") / 2**64
    if place < HELD_OUT:
        return "held_out"
    return "validation" if place < HELD_OUT + VALIDATION else "train"


@dataclass(frozen=True, slots=True)
class Split:
    """Pairs by side. No declaration and no goal, whatever its names, is on two of them."""

    train: tuple[Pair, ...]
    validation: tuple[Pair, ...]
    held_out: tuple[Pair, ...]


def split(pairs: Sequence[Pair], kept_out: Collection[str] = ()) -> Split:
    """Divide pairs by their declarations. A goal that comes up on several sides stays on the one
    that is never learned from; goals in `kept_out` (as `Pair.goal` or Lean's key) are only there.
    """
    sides: dict[Side, list[Pair]] = {"held_out": [], "validation": [], "train": []}
    for pair in pairs:
        sides[side_of(pair.declaration)].append(pair)
    held_out = distinct(sides["held_out"])
    taken = {*kept_out, *_marks(held_out)}
    validation = distinct(pair for pair in sides["validation"] if taken.isdisjoint(_marks([pair])))
    taken.update(_marks(validation))
    train = distinct(pair for pair in sides["train"] if taken.isdisjoint(_marks([pair])))
    return Split(tuple(train), tuple(validation), tuple(held_out))


def _marks(pairs: Iterable[Pair]) -> set[str]:
    """What tells the goals of pairs from others."""
    return {mark for pair in pairs for mark in (pair.goal, pair.key) if mark}
