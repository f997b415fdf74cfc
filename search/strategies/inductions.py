"""Inductions and case distinctions: which ones fit a goal, and how they are written."""

import re
from collections.abc import Iterator, Sequence

from lean.protocol import Constructor, Definition, GoalFeatures, Hypothesis
from search.strategies.closers import fresh
from search.strategies.move import GOAL, Move


def inductions(features: GoalFeatures) -> Iterator[Move]:
    """Every induction that fits this goal, the most general ones first."""
    yield from (induction_on(derivation) for derivation in derivations(features))
    shown = [features.target.text, *(h.type for h in features.hypotheses if h.kind == "prop")]
    for definition in features.definitions:
        if definition.direct and definition.recursive:
            yield from functional_inductions(definition, shown)
    recursive = [h for h in variables(features) if h.inductive and h.inductive.recursive]
    order = sorted(recursive, key=lambda h: (not h.in_target, unlikely(h)))
    for hypothesis in order:
        others = generalizable(hypothesis, features)
        if others:
            yield induction_on(hypothesis, others)
        yield induction_on(hypothesis)
    for hypothesis in order:
        if hypothesis.type == "Nat":
            yield _strong_induction(hypothesis, generalizable(hypothesis, features))


def general_inductions(features: GoalFeatures) -> Iterator[Move]:
    """The same, where derivations also generalise what else the target and the facts speak of."""
    found = [generalized(derivation, features) for derivation in derivations(features)]
    yield from found
    yield from (move for move in inductions(features) if move not in found)


def derivations(features: GoalFeatures) -> list[Hypothesis]:
    """The hypotheses that say that an inductive predicate of the document holds."""
    return [
        h
        for h in features.hypotheses
        if h.kind == "prop" and h.accessible and h.inductive and h.inductive.user
    ]


def generalized(derivation: Hypothesis, features: GoalFeatures) -> Move:
    """The induction on a derivation, for all values that it does not fix."""
    return induction_on(derivation, _beside_derivation(derivation, features))


def at_values(features: GoalFeatures) -> Iterator[Move]:
    """Induction on an inductive predicate at a value that is no variable: that is named first."""
    for derivation in derivations(features):
        taken = {h.name for h in features.hypotheses}
        indices = derivation.inductive is not None and derivation.inductive.indices
        terms = [term for term in _arguments(derivation.type) if not is_name(term)]
        named = [(fresh("x", taken), fresh("hx", taken), term) for term in terms if indices]
        if named:
            steps = [f"generalize {key} : {term} = {name} at *" for name, key, term in named]
            moved = " ".join([key for _, key, _ in named])
            induction = f"induction {derivation.name}"
            for script in ([*steps, induction], [*steps, f"revert {moved}", induction]):
                yield Move("\n".join(script), brief="\n".join(script))


def _arguments(type_text: str) -> list[str]:
    """The arguments of an application, as texts: names, and what stands in brackets."""
    found, depth, start = [], 0, 0
    for index, character in enumerate(f"{type_text} "):
        depth += (character in "([{⟨") - (character in ")]}⟩")
        if character == " " and depth == 0:
            found.append(type_text[start:index])
            start = index + 1
    return [argument for argument in found[1:] if argument]


def is_name(term: str) -> bool:
    """Is this term a variable, and nothing more?"""
    return re.fullmatch(r"[^\W\d][\w'✝]*", term) is not None


def _beside_derivation(derivation: Hypothesis, features: GoalFeatures) -> tuple[str, ...]:
    """Values that the derivation does not fix, in the target or in a fact that is one, too."""
    others = [other.type for other in derivations(features) if other != derivation]
    shown = " ".join([features.target.text, *others])
    return tuple(
        h.name
        for h in variables(features)
        if _mentioned(h.name, shown)
        and not _mentioned(h.name, derivation.type)
        and "→" not in h.type
    )


def _mentioned(name: str, text: str) -> bool:
    return re.search(rf"(?<![\w'.]){re.escape(name)}(?![\w'])", text) is not None


def _strong_induction(hypothesis: Hypothesis, generalizing: Sequence[str]) -> Move:
    """The hypothesis of induction for all smaller numbers."""
    name = hypothesis.name
    behind = f" generalizing {' '.join(generalizing)}" if generalizing else ""
    start = f"induction {name} using Nat.strongRecOn{behind}"
    return Move(f"{start} with\n| _ {name} ih => {GOAL}")


def generalizable(hypothesis: Hypothesis, features: GoalFeatures) -> tuple[str, ...]:
    """Other values of the target that an induction on this one can generalise."""
    return tuple(
        h.name
        for h in variables(features)
        if h.name != hypothesis.name
        and h.in_target
        and not _mentioned(hypothesis.name, h.type)
        and not _mentioned(h.name, hypothesis.type)
    )


def induction_on(hypothesis: Hypothesis, generalizing: Sequence[str] = ()) -> Move:
    """The induction on this hypothesis, its cases named as people name them."""
    behind = f" generalizing {' '.join(generalizing)}" if generalizing else ""
    return _alternatives(f"induction {hypothesis.name}{behind}", hypothesis, hypotheses=True)


def cases_on(hypothesis: Hypothesis) -> Move:
    """The case distinction on this hypothesis."""
    return _alternatives(f"cases {hypothesis.name}", hypothesis, hypotheses=False)


def _alternatives(start: str, hypothesis: Hypothesis, hypotheses: bool) -> Move:
    """`start with | c x ih => ?_ …`, with names for the fields and the induction hypotheses."""
    inductive = hypothesis.inductive
    if inductive is None or not inductive.constructors:
        return Move(start, brief=start)
    lines = [f"{start} with"]
    for constructor in inductive.constructors:
        names = _field_names(hypothesis, constructor, hypotheses)
        short = constructor.name.rsplit(".", 1)[-1]
        lines.append(f"| {' '.join([short, *names])} => {GOAL}")
    return Move("\n".join(lines), brief=start)


def _field_names(hypothesis: Hypothesis, constructor: Constructor, hypotheses: bool) -> list[str]:
    """Names as people give them: `n ih`, `x xs ih`, `l x r ihl ihr`."""
    own = [field.recursive for field in constructor.fields]
    taken: set[str] = set()
    names: list[str] = []
    recursive = sum(own)
    sides = iter(
        "lr" if recursive == 2 else [f"{hypothesis.name}{i + 1}" for i in range(recursive)]
    )
    plain = iter("xyzwuv")
    for field in constructor.fields:
        if field.recursive:
            name = hypothesis.name if recursive == 1 else next(sides)
        else:
            name = "n" if field.type == "Nat" else next(plain, f"a{len(names)}")
        names.append(fresh(name, taken))
    if not hypotheses:
        return names
    mine = [name for name, recurses in zip(names, own, strict=True) if recurses]
    return names + (["ih"] if recursive == 1 else [fresh(f"ih{name}", taken) for name in mine])


def variables(features: GoalFeatures) -> list[Hypothesis]:
    """The values of a goal that have names."""
    return [h for h in features.hypotheses if h.kind == "data" and h.accessible]


def functional_inductions(definition: Definition, texts: Sequence[str]) -> Iterator[Move]:
    """Inductions along the calls of a function in some texts, or, if none is seen there, along
    the one that Lean finds.
    """
    calls = [call for text in texts for call in _calls(definition, text)]
    for call in dict.fromkeys(calls) or [definition.name]:
        yield Move(f"fun_induction {call}", brief=f"fun_induction {call}")


def _calls(definition: Definition, text: str) -> Iterator[str]:
    """Full applications of a function to plain variables, also in dot notation, `x.f y`."""
    short = re.escape(definition.name.rsplit(".", 1)[-1])
    arguments = r"((?: (?!fun\b)[^\W\d][\w']*)+)"
    plain = re.findall(rf"(?<![\w.)])(?:[\w.]+\.)?{short}{arguments}", text)
    dotted = re.findall(rf"(?<![\w.)])([^\W\d][\w']*)\.{short}((?: [^\W\d][\w']*)*)", text)
    for rest in [*plain, *(f" {own}{rest}" for own, rest in dotted)]:
        if len(rest.split()) >= definition.arguments:
            yield f"{definition.name}{rest}"


def unlikely(hypothesis: Hypothesis) -> int:
    """How far behind others an induction on this value comes: the user's own types are first."""
    inductive = hypothesis.inductive
    if inductive is None or inductive.user:
        return 0
    return 1 if inductive.name == "List" else 2
