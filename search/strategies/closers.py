"""Closers: short scripts that finish a goal or fail, chosen and ordered by how the goal looks.

The order is that of measured success per second on the bank (`python -m bench.closers`); of two
that succeed the shorter and sturdier comes first. What a closer means to Lean is Lean's business.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from lean.protocol import GoalFeatures

Family = Literal["evaluate", "logic", "arithmetic", "simplify", "grind", "library"]
"""Closers of one family succeed and fail on much the same goals."""

PROBED: dict[str, Family] = {
    "positivity": "arithmetic",
    "norm_num": "arithmetic",
    "ring": "arithmetic",
    "linarith": "arithmetic",
    "nlinarith": "arithmetic",
    "tauto": "logic",
    "aesop": "logic",
    "gcongr": "arithmetic",
    "field_simp": "arithmetic",
}
"""Tactics of Mathlib and friends, with their family: used where the environment parses them."""

NUMERALS = range(13)
"""Witnesses for a closed existential over numbers."""

LARGEST_MODULUS = 12
"""Of which every remainder is a case."""

_ARITHMETIC = re.compile(r"\b(?:Nat|Int|Fin)\b|[<≤>≥∣+*%/-]|\d")
_BITS = re.compile(r"BitVec|#\d|\bU?Int(?:8|16|32|64)\b")
_SUGGEST = re.compile(r"\b(?:exact|apply|rw|simp|simp_all)\?")


@dataclass(frozen=True, slots=True)
class Closer:
    """A script that closes a goal or fails. `cheap`: worth trying before a goal is taken apart."""

    family: Family
    script: str
    cheap: bool = False


def closers(
    features: GoalFeatures, probed: Collection[str] = (), search: bool = True, cheap: bool = False
) -> list[str]:
    """Scripts of all families worth trying on this goal, best first.

    `search`: those of the library too. `cheap`: only what costs little, for a goal that is to be
    taken apart.
    """
    found = (
        closer.script
        for closer in _fitting(features, probed)
        if (search or closer.family != "library") and (closer.cheap or not cheap)
    )
    return list(dict.fromkeys(found))


def closers_of(family: Family, features: GoalFeatures, probed: Collection[str] = ()) -> list[str]:
    """Scripts of one family worth trying on this goal, best first."""
    found = (closer.script for closer in _fitting(features, probed) if closer.family == family)
    return list(dict.fromkeys(found))


def _fitting(features: GoalFeatures, probed: Collection[str]) -> Iterator[Closer]:
    """Every closer that fits the goal, in the order of `closers`."""
    for script in finite_checks(features):
        yield Closer("evaluate", script, cheap=True)
    yield from _quick(features, probed)
    for script in specialized(features):
        yield Closer("logic", script)
    for script in by_remainder(features):
        yield Closer("arithmetic", script)
    for script in witnessed(features):
        yield Closer("logic", script)
    yield from _unfolded(features)
    for script in searches(features):
        # Last, because in a session that has not used it yet it takes seconds to set up.
        yield Closer("library", script)


def _quick(features: GoalFeatures, probed: Collection[str]) -> Iterator[Closer]:
    """One tactic each, which costs milliseconds."""
    with_hypotheses = any(h.kind == "prop" for h in features.hypotheses)
    definitions = unfoldable(features)
    if features.target.kind in ("eq", "iff", "le", "other"):
        yield Closer("evaluate", "rfl", cheap=True)
    if with_hypotheses:
        yield Closer("logic", "assumption", cheap=True)
        yield Closer("logic", "contradiction", cheap=True)
    elif features.target.kind == "true":
        yield Closer("evaluate", "trivial", cheap=True)
    if not any(h.in_target and h.kind == "data" for h in features.hypotheses):
        yield Closer("evaluate", "decide", cheap=True)
    if _ARITHMETIC.search(features.display):
        yield Closer("arithmetic", "omega", cheap=True)
    yield Closer("simplify", f"simp{_named(definitions)}", cheap=True)
    if with_hypotheses:
        yield Closer("simplify", f"simp_all{_named(definitions)}", cheap=True)
    if _BITS.search(features.display):
        yield Closer("arithmetic", "bv_omega", cheap=True)
        yield Closer("arithmetic", "ac_rfl", cheap=True)
    for tactic, family in PROBED.items():
        if tactic in probed:
            yield Closer(family, tactic, cheap=True)
    facts = dict.fromkeys([*definitions, *_predicates(features)])
    yield Closer("grind", f"grind{_named(facts)}", cheap=True)


def _unfolded(features: GoalFeatures) -> Iterator[Closer]:
    """Simplified, and split or calculated then; at last with all definitions below the goal's."""
    definitions = unfoldable(features)
    named = _named(definitions)
    if _ARITHMETIC.search(features.display):
        yield Closer("arithmetic", f"simp{named}; omega")
        yield Closer("arithmetic", f"simp_all{named}; omega")
    if "if " in features.display or "match " in features.display:
        yield Closer("simplify", f"simp{named}; split <;> simp_all{named}")
        yield Closer("simplify", "split <;> simp_all")
        yield Closer("arithmetic", "split <;> omega")
    deep = unfoldable(features, direct=False)
    if len(deep) > len(definitions):
        yield Closer("simplify", f"simp_all{_named(deep)}")
        yield Closer("grind", f"grind{_named(deep)}")
        yield Closer("arithmetic", f"simp_all{_named(deep)}; omega")


def _named(names: Iterable[str]) -> str:
    listed = ", ".join(names)
    return f" [{listed}]" if listed else ""


def unfoldable(features: GoalFeatures, direct: bool = True) -> tuple[str, ...]:
    """The document's own definitions in the goal; not `direct`: and those they are made of."""
    return tuple(d.name for d in features.definitions if d.direct or not direct)


def witnesses(features: GoalFeatures) -> list[str]:
    """Small terms for an existential, those of the goal first."""
    bound = re.match(r"∃ \(?[\w']+(?: : ([^,)]+))?", features.target.text)
    wanted = (bound[1] or "").strip() if bound else ""
    data = [h for h in features.hypotheses if h.kind == "data" and h.accessible]
    named = [h.name for h in data if wanted in ("", h.type)][-4:]
    numbers = [h.name for h in data if h.type in ("Nat", "Int")][-4:]
    pairs = list(combinations(numbers[::-1], 2))
    built = [f"{a} {operator} {b}" for operator in "*+-" for a, b in pairs]
    # Larger than both, which is what most statements about two numbers want.
    built += [f"{b} + {a} + 1" for a, b in pairs]
    for name in numbers[-2:]:
        built += [f"{name} + 1", f"{name} / 2", f"2 * {name}", f"{name} - 1"]
    return [*named, "0", "1", *built, "2", "[]", "none", "true", "false", "fun x => x"]


def witnessed(features: GoalFeatures) -> list[str]:
    """A witness and a closer in one, the cheap closers first."""
    if features.target.kind != "exists":
        return []
    terms = witnesses(features)
    numerals = (
        [] if any(h.in_target and h.kind == "data" for h in features.hypotheses) else NUMERALS
    )
    return [f"exact ⟨{numeral}, by decide⟩" for numeral in numerals] + [
        f"exact ⟨{term}, by {closer}⟩"
        for closer in ("omega", "simp_all", "grind")
        for term in (terms if closer != "grind" else terms[:12])
    ]


def by_remainder(features: GoalFeatures) -> list[str]:
    """Cases on the remainder of a variable, where the goal is about remainders."""
    modulus = re.search(r"% (\d+)\b", features.target.text)
    if modulus is None or not 2 <= int(modulus[1]) <= LARGEST_MODULUS:
        return []
    divisor = int(modulus[1])
    taken = fresh("key", {h.name for h in features.hypotheses})
    return [
        _on_remainder(h.name, divisor, taken)
        for h in features.hypotheses
        if h.type == "Nat" and h.in_target and h.accessible
    ]


def specialized(features: GoalFeatures) -> list[str]:
    """A universal hypothesis at a variable, then grind, which by itself needs a pattern there."""
    universal = [h for h in features.hypotheses if h.type.startswith("∀") and h.accessible]
    data = [h for h in features.hypotheses if h.kind == "data" and h.accessible]
    return [f"have := {h.name} {v.name}; grind" for h in universal[-2:] for v in data[-3:]]


def finite_checks(features: GoalFeatures) -> list[str]:
    """`revert …; decide` where every variable has a small finite type."""
    variables = [h for h in features.hypotheses if h.kind in ("data", "prop")]
    data = [h for h in variables if h.kind == "data"]
    if not data or not all(_is_finite(h.type) for h in data):
        return []
    if not all(h.accessible for h in variables):
        return []
    return [f"revert {' '.join(h.name for h in variables)}; decide"]


def searches(features: GoalFeatures) -> list[str]:
    """Scripts that look through everything imported for a theorem that fits."""
    types = {h.type for h in features.hypotheses if h.kind == "prop"}
    taken = fresh("pos", {h.name for h in features.hypotheses})
    # Lean's theorems about division and remainders want `0 < n`.
    positive = [
        f"have {taken} : 0 < {h.name} := by omega\nexact?"
        for h in features.hypotheses
        if h.type == "Nat" and types & {f"{h.name} ≠ 0", f"¬{h.name} = 0"}
    ]
    return ["exact?", *positive, f"simp{_named(unfoldable(features))}; exact?"]


def is_search(script: str) -> bool:
    """Does the script suggest another one, which should be written instead?"""
    return bool(_SUGGEST.search(script))


def as_suggested(script: str, suggestions: Iterable[str]) -> list[str]:
    """The script with each suggestion in the place of the search that made it."""
    search = _SUGGEST.search(script)
    if search is None:
        return []
    before, after = script[: search.start()], script[search.end() :]
    return [before + suggestion + after for suggestion in suggestions]


def fresh(name: str, taken: set[str]) -> str:
    """The name, with as many primes as keep it apart from those taken; it is taken then."""
    while name in taken:
        name += "'"
    taken.add(name)
    return name


def _on_remainder(name: str, divisor: int, key: str) -> str:
    cases = " ∨ ".join(f"{name} % {divisor} = {rest}" for rest in range(divisor))
    patterns = " | ".join([key] * divisor)
    return (
        f"have {key} : {cases} := by omega\n"
        f"rcases {key} with {patterns} <;> simp [Nat.mul_mod, Nat.add_mod, Nat.pow_mod, {key}]"
    )


def _predicates(features: GoalFeatures) -> list[str]:
    """The document's own inductive predicates among the hypotheses; grind takes their rules."""
    return [
        h.inductive.name
        for h in features.hypotheses
        if h.kind == "prop" and h.inductive and h.inductive.user
    ]


def _is_finite(type_text: str) -> bool:
    if type_text in ("Bool", "Unit", "Ordering"):
        return True
    sized = re.fullmatch(r"(Fin|BitVec) (\d+)", type_text)
    if sized is None:
        return False
    size = int(sized[2])
    return size <= 16 if sized[1] == "Fin" else size <= 4
