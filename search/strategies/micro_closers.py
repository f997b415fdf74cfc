"""Closers: short scripts that finish a goal or fail, chosen and ordered by how the goal looks.

The order is that of measured success per second on the bank (`python -m bench.closers`); of two
that succeed the shorter and sturdier comes first. What a closer means to Lean is Lean's business.
"""

import re
from collections.abc import Collection, Iterable
from itertools import combinations

from lean.protocol import GoalFeatures

QUICK_HEARTBEATS = 2_000
"""Enough for nearly all (omega takes 100, grind 150, a warm exact? 700); a second at most."""

PROBED = (
    "positivity",
    "norm_num",
    "ring",
    "linarith",
    "nlinarith",
    "tauto",
    "aesop",
    "gcongr",
    "field_simp",
)
"""Tactics of Mathlib and friends: used where the environment parses them."""

NUMERALS = range(13)
"""Witnesses for a closed existential over numbers."""

_ARITHMETIC = re.compile(r"\b(?:Nat|Int|Fin)\b|[<≤>≥∣+*%/-]|\d")
_BITS = re.compile(r"BitVec|#\d|\bU?Int(?:8|16|32|64)\b")
_SUGGEST = re.compile(r"\b(?:exact|apply|rw|simp|simp_all)\?")


def closers(
    features: GoalFeatures, probed: Collection[str] = (), search: bool = True, cheap: bool = False
) -> list[str]:
    """Scripts worth trying on this goal, best first.

    `search`: `exact?` too. `cheap`: only what costs little, for a goal that is to be taken apart.
    """
    definitions = unfoldable(features)
    named = f" [{', '.join(definitions)}]" if definitions else ""
    facts = dict.fromkeys([*definitions, *_predicates(features)])
    with_facts = f" [{', '.join(facts)}]" if facts else ""
    with_hypotheses = any(h.kind == "prop" for h in features.hypotheses)
    found = ["rfl"] if features.target.kind in ("eq", "iff", "le", "other") else []
    if with_hypotheses:
        found += ["assumption", "contradiction"]
    elif features.target.kind == "true":
        found.append("trivial")
    if not any(h.in_target and h.kind == "data" for h in features.hypotheses):
        found.append("decide")
    if _ARITHMETIC.search(features.display):
        found.append("omega")
    found += [f"simp{named}"]
    if with_hypotheses:
        found.append(f"simp_all{named}")
    if _BITS.search(features.display):
        found += ["bv_omega", "ac_rfl"]
    found += [tactic for tactic in PROBED if tactic in probed]
    found.append(f"grind{with_facts}")
    if cheap:
        return found
    found += specialized(features)
    found += by_remainder(features)
    found += witnessed(features)
    if _ARITHMETIC.search(features.display):
        found += [f"simp{named}; omega", f"simp_all{named}; omega"]
    if "if " in features.display or "match " in features.display:
        found += [
            f"simp{named}; split <;> simp_all{named}",
            "split <;> simp_all",
            "split <;> omega",
        ]
    deep = unfoldable(features, direct=False)
    if len(deep) > len(definitions):
        all_named = f" [{', '.join(deep)}]"
        found += [f"simp_all{all_named}", f"grind{all_named}", f"simp_all{all_named}; omega"]
    if search:
        # Last, because in a session that has not used it yet it takes seconds to set up.
        found.append("exact?")
    return found


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
    modulus = re.search(r"% (\d)\b", features.target.text)
    if modulus is None or not 2 <= int(modulus[1]) <= 8:
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


def is_search(script: str) -> bool:
    """Does the script only suggest another one, which should be written instead?"""
    return bool(_SUGGEST.search(script))


def without_failures(scripts: Iterable[str], failed: Collection[str]) -> list[str]:
    """The scripts that have not failed yet, each once."""
    return [script for script in dict.fromkeys(scripts) if script not in failed]


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
