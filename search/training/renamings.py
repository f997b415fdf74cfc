"""Pairs under other names: what is true of a goal is true of the same goal with its names changed.

A small model would otherwise learn names by heart, and has to learn to copy them. Text only: a pair
that went wrong teaches a little nonsense, and no more.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from random import Random

from lean.renaming import TACTIC_WORDS, rename
from search.training.pairs import Pair

OFTEN = 0.7
"""How often names are changed; the rest of the time the pair stays as somebody wrote it."""
_KINDS = (
    ("h", "h h1 h2 h₁ h₂ hx hy hp hq ha hb hn hm k g hf this key e eq le lt h' hab hs"),
    ("ih", "ih ihl ihr ih1 ih2 ih' iha ihb hi ihn ihx"),
    ("xs", "xs ys zs l l₁ l₂ as bs cs rest tail rs ps acc s t"),
    ("n", "n m k a b c d i j x y z u v w p q n' m' x₁ y₁"),
    ("f", "f g φ ψ F G op u"),
    ("p", "p q r s P Q R A B"),
    ("α", "α β γ δ σ τ ι A B T"),
)
_LETTERS = {
    "h": "h", "this": "h", "key": "h", "eq": "h", "ih": "ih", "xs": "xs", "ys": "xs", "zs": "xs",
    "l": "xs", "as": "xs", "bs": "xs", "acc": "xs", "rest": "xs", "f": "f", "g": "f", "p": "p",
    "q": "p", "r": "p", "α": "α", "β": "α", "γ": "α", "δ": "α", "σ": "α",
    **dict.fromkeys("nmabcdijkxyzuvw", "n"),
}  # fmt: skip
"""By how a name begins: which names are like it."""
_LIKE = {kind: tuple(names.split()) for kind, names in _KINDS}
_WORD = re.compile(r"[^\W\d](?:[\w'!?]|[\u2070-\u209c])*")
_SYLLABLES = (
    "ba co di fe ga hu jo ka li ma ne po qua re si to um ve wo xi yo zu st tr al en is or "
    "map sum len ins del rev cat fold size get set"
)
_LIBRARY = r"(?<![\w.])(?:Nat|Int|List|Option|Bool|Fin|Array|String|Prod|Sum|Or|And|Iff|Eq)\."
_KEPT = frozenset(
    {"zero", "succ", "nil", "cons", "some", "none", "true", "false", "inl", "inr", "mk", "left"}
    | {"right", "intro", "refl"}
)
"""Names that the library has as well."""


def renamed(pair: Pair, random: Random) -> Pair:
    """The pair, often with other names for its hypotheses and for what its document declared."""
    if random.random() > OFTEN:
        return pair
    words = set(_WORD.findall(f"{pair.display}\n{pair.tactic}"))
    changed = _with_names(pair, _new_names(pair, words, random))
    return _with_local_names(changed, words, random)


def _new_names(pair: Pair, words: set[str], random: Random) -> Mapping[str, str]:
    chosen: dict[str, str] = {}
    taken = {*words, *TACTIC_WORDS}
    for name in pair.names:
        like = _LIKE.get(_kind(name), ())
        free = [other for other in like if other not in taken]
        if free and name not in TACTIC_WORDS and random.random() < OFTEN:
            chosen[name] = random.choice(free)
            taken.add(chosen[name])
    return chosen


def _kind(name: str) -> str:
    plain = re.sub(r"[\d'₀-₉]+\Z", "", name)
    return _LETTERS.get(plain) or _LETTERS.get(plain[:2]) or _LETTERS.get(plain[:1], "")


def _with_names(pair: Pair, names: Mapping[str, str]) -> Pair:
    old, new = list(names), list(names.values())
    return replace(
        pair,
        display=rename(pair.display, old, new),
        tactic=rename(pair.tactic, old, new),
    )


def _with_local_names(pair: Pair, words: set[str], random: Random) -> Pair:
    display, tactic = pair.display, pair.tactic
    for name in pair.local_names:
        whole = re.compile(rf"(?<![\w'!?]){re.escape(name)}(?![\w'!?])")
        is_known = name in _KEPT or name in pair.names or len(name) < 3
        if is_known or random.random() > OFTEN or _is_of_library(name, display):
            continue
        new = _invented(name, random)
        if new not in words:
            display, tactic = whole.sub(new, display), whole.sub(new, tactic)
    return replace(pair, display=display, tactic=tactic)


def _is_of_library(name: str, display: str) -> bool:
    """Does a name of the library end like this one? Then the two would be mixed up."""
    return re.search(rf"{_LIBRARY}{re.escape(name)}(?![\w'!?])", display) is not None


def _invented(name: str, random: Random) -> str:
    syllables = _SYLLABLES.split()
    made = "".join(random.choice(syllables) for _ in range(random.randint(2, 3)))
    if random.random() < 0.3:
        made += random.choice(syllables).capitalize()
    return made.capitalize() if name[:1].isupper() else made
