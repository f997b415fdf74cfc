"""Variations of known statements: practice for a model that has seen too few proofs.

Texts only, and many of them are false, useless or no Lean at all: whoever uses them has Lean read
them and the engine prove them, and keeps what was proved (`search.training.practice`).
"""

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from random import Random

from search.training.statement import Binder, Statement

TWICE = 0.35
"""How often a variation is varied again."""
_SIDES = ((" ↔ ", " ↔ "), (" = ", " = "), (" ≠ ", " ≠ "), (" ≤ ", " ≥ "), (" < ", " > "),
          (" ≥ ", " ≤ "), (" > ", " < "), (" ∧ ", " ∧ "), (" ∨ ", " ∨ "))  # fmt: skip
"""Operators by how loosely they bind, and what they become when the sides are swapped."""
_OTHER = ((" + ", " * "), (" * ", " + "), (" ∧ ", " ∨ "), (" ∨ ", " ∧ "), (" < ", " ≤ "),
          (" ≤ ", " < "), (" && ", " || "), (" || ", " && "), (" ↔ ", " → "))  # fmt: skip
_FACTS = (" = ", " ≤ ", " < ", " ≥ ", " > ", " ≠ ", " ∧ ", " ∨ ", " ↔ ", "¬", " ∣ ", " ∈ ")
_SPECIAL = {
    "Nat": ("0", "1", "({x} + 1)", "(2 * {x})", "({x} + {x})", "({x} + 3)", "({x} * {x})"),
    "Int": ("0", "(-{x})", "({x} + 1)", "(2 * {x})", "({x} - 1)"),
    "Bool": ("true", "false", "(!{x})"),
    "Prop": ("True", "False", "(¬{x})", "({x} ∧ {x})"),
    "List": ("[]", "({x} ++ {x})", "{x}.reverse"),
    "Option": ("none",),
}
"""By type: what may stand instead of a variable."""
_NAME = re.compile(r"[^\W\d][\w'!?]*")
_NUMERAL = re.compile(r"(?<![\w.'])\d+(?![\w.'])")

Change = Callable[[Statement, Random], Statement | None]


def variations(
    statement: Statement, others: Sequence[Statement], functions: Sequence[str], random: Random
) -> Iterator[Statement]:
    """Variations of a statement without end, each another one; they may run out.

    `others` are statements that stand above it, `functions` names of definitions that do.
    """
    seen = {_said(statement)}
    changes: list[Change] = [
        *([_numerals, _sides, _operator, _specialised, _identified] * 2),
        _introduced,
        _with_itself,
        _without_hypothesis,
        _over_integers,
        lambda one, chance: _other_function(one, functions, chance),
        lambda one, chance: _combined(one, others, chance),
    ]
    failures = 0
    while failures < 60:
        varied = random.choice(changes)(statement, random)
        if varied is not None and random.random() < TWICE:
            varied = random.choice(changes)(varied, random) or varied
        if varied is None or _said(varied) in seen:
            failures += 1
            continue
        failures = 0
        seen.add(_said(varied))
        yield varied


def _said(statement: Statement) -> str:
    return " ".join([*map(str, statement.binders), ":", statement.claim])


def _numerals(statement: Statement, random: Random) -> Statement | None:
    """Another number, wherever one stood."""
    whole = _said(statement)
    numbers = sorted(set(_NUMERAL.findall(whole)))
    if not numbers:
        return None
    old = random.choice(numbers)
    new = str(
        random.choice([int(old) + 1, max(0, int(old) - 1), 2 * int(old), random.randint(2, 9)])
    )
    return statement.with_words({old: new}) if new != old else None


def _sides(statement: Statement, random: Random) -> Statement | None:
    """The two sides of the claim, or of a hypothesis, exchanged."""
    places = [None, *(i for i, one in enumerate(statement.binders) if _is_fact(one))]
    place = random.choice(places)
    if place is None:
        claim = _exchanged(statement.claim)
        return replace(statement, claim=claim) if claim else None
    binders = list(statement.binders)
    type = _exchanged(binders[place].type)
    binders[place] = replace(binders[place], type=type or "")
    return replace(statement, binders=tuple(binders)) if type else None


def _exchanged(claim: str) -> str | None:
    if claim.startswith(("∀", "∃", "fun", "if ", "let ")) or " → " in claim:
        return None
    for operator, back in _SIDES:
        parts = _parted(claim, operator)
        if len(parts) == 2:
            return f"{parts[1]}{back}{parts[0]}"
        if len(parts) > 2:
            return None
    return None


def _parted(claim: str, operator: str) -> list[str]:
    """The parts of a text between an operator outside of brackets."""
    parts, depth, start = [], 0, 0
    for place, character in enumerate(claim):
        depth += (character in "([{⟨") - (character in ")]}⟩")
        if depth == 0 and claim.startswith(operator, place):
            parts.append(claim[start:place])
            start = place + len(operator)
    return [*parts, claim[start:]]


def _operator(statement: Statement, random: Random) -> Statement | None:
    """Another operator in the claim, everywhere or in one place."""
    usable = [pair for pair in _OTHER if pair[0] in statement.claim]
    if not usable:
        return None
    old, new = random.choice(usable)
    count = random.choice([1, -1])
    return replace(statement, claim=statement.claim.replace(old, new, count))


def _specialised(statement: Statement, random: Random) -> Statement | None:
    """A term for one of the variables, which stays bound when the term has it."""
    variables = [
        (name, kind)
        for binder in statement.binders
        if (kind := _kind(binder.type))
        for name in binder.names
    ]
    if not variables:
        return None
    name, kind = random.choice(variables)
    term = random.choice(_SPECIAL[kind]).replace("{x}", name)
    return statement.with_words({name: term})


def _kind(type: str) -> str:
    """The type among those of `_SPECIAL`, or ""."""
    head, _, argument = type.partition(" ")
    plain = not argument or (head in ("List", "Option") and "→" not in argument)
    return head if plain and head in _SPECIAL else ""


def _identified(statement: Statement, random: Random) -> Statement | None:
    """One variable instead of two of the same type."""
    pairs = [
        pair
        for binder in statement.binders
        for pair in itertools.permutations(binder.names, 2)
        if not _is_fact(binder)
    ]
    if not pairs:
        return None
    kept, gone = random.choice(pairs)
    return _without_name(statement.with_words({gone: kept}), gone)


def _introduced(statement: Statement, random: Random) -> Statement | None:
    """The last binders as part of the claim: something to introduce."""
    if not statement.binders:
        return None
    count = random.randint(1, min(2, len(statement.binders)))
    claim = statement.claim
    for binder in reversed(statement.binders[-count:]):
        if binder.bracket != "(" or not binder.names:
            return None
        if _is_fact(binder) and len(binder.names) == 1 and binder.names[0] not in claim.split():
            claim = f"{_bracketed(binder.type)} → {claim}"
        else:
            claim = f"∀ {binder}, {claim}"
    return replace(statement, binders=statement.binders[:-count], claim=claim)


def _with_itself(statement: Statement, random: Random) -> Statement | None:
    """The claim, or its mirror image, among the hypotheses: something to use."""
    if "h0" in statement.names:
        return None
    claim = statement.claim
    given = random.choice([claim, _exchanged(claim) or claim, f"{_bracketed(claim)} ∧ 0 < 1"])
    return replace(statement, binders=(*statement.binders, Binder("(", ("h0",), given)))


def _without_hypothesis(statement: Statement, random: Random) -> Statement | None:
    """One hypothesis less."""
    facts = [binder for binder in statement.binders if _is_fact(binder)]
    if not facts:
        return None
    gone = random.choice(facts)
    kept = tuple(binder for binder in statement.binders if binder is not gone)
    return replace(statement, binders=kept)


def _over_integers(statement: Statement, random: Random) -> Statement | None:
    """Integers for natural numbers."""
    del random
    return (
        statement.with_words({"Nat": "Int"}) if "Nat" in _NAME.findall(_said(statement)) else None
    )


def _other_function(
    statement: Statement, functions: Sequence[str], random: Random
) -> Statement | None:
    """Another definition of the file in the place of one."""
    # Names come from a text as it is, doc comments with it: they may be anything.
    places = {name: re.compile(rf"(?<![\w']){re.escape(name)}(?![\w'!?])") for name in functions}
    used = [name for name in functions if places[name].search(statement.claim)]
    others = [name for name in functions if name not in used]
    if not used or not others:
        return None
    old, new = random.choice(used), random.choice(others)
    return replace(statement, claim=places[old].sub(lambda _: new, statement.claim))


def _combined(
    statement: Statement, others: Sequence[Statement], random: Random
) -> Statement | None:
    """Two statements as one: both claims, or the one under the hypothesis of the other."""
    if not others:
        return None
    other = random.choice(others)
    shared = set(map(str, statement.binders))
    added = [binder for binder in other.binders if str(binder) not in shared]
    if {name for binder in added for name in binder.names} & set(statement.names):
        return None
    binders = (*statement.binders, *added)
    one, two = _bracketed(statement.claim), _bracketed(other.claim)
    claim = random.choice([f"{one} ∧ {two}", f"{two} → {one}", f"{one} ∨ {two}"])
    return replace(statement, binders=binders, claim=claim)


def _is_fact(binder: Binder) -> bool:
    """Is it a hypothesis, by the looks of it?"""
    return binder.bracket == "(" and any(
        sign in f" {binder.type} "
        for sign in (
            " = ",
            " ≤ ",
            " < ",
            " ≥ ",
            " > ",
            " ≠ ",
            " ∧ ",
            " ∨ ",
            " ↔ ",
            "¬",
            " ∣ ",
            " ∈ ",
        )
    )


def _bracketed(claim: str) -> str:
    return f"({claim})" if " " in claim else claim


def _without_name(statement: Statement, name: str) -> Statement:
    binders = []
    for binder in statement.binders:
        names = tuple(one for one in binder.names if one != name)
        if names or not binder.names:
            binders.append(replace(binder, names=names))
    return replace(statement, binders=tuple(binders))
