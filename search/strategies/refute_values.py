"""Small values of a type, read off its text: what a counterexample is made of.

Types are known by their text alone, with a document's own inductive types described by their
constructors. Values are Lean terms; whether they have the type is for Lean to say.
"""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence

from lean.protocol import Inductive

NUMBERS = ("0", "1", "2", "3", "5", "7", "10")
INTEGERS = ("0", "1", "(-1)", "2", "(-2)", "3", "(-3)", "5", "7")
STRINGS = ('""', '"a"', '"ab"')
DEPTH = 2
"""How deep lists, pairs and the user's own types are built."""


def values(type_text: str, inductives: Mapping[str, Inductive], depth: int = DEPTH) -> list[str]:
    """Small values of a type, simplest first; empty when it is not known."""
    text = _bare(type_text)
    simple = _simple(text)
    if simple:
        return simple
    arrow = _top_level_split(text, "→")
    if len(arrow) > 1:
        return _functions(arrow, inductives, depth)
    product = _top_level_split(text, "×")
    if len(product) > 1:
        parts = [values(part, inductives, depth)[:4] for part in product]
        return [f"({', '.join(chosen)})" for chosen in by_size(parts, 12)]
    return _applied(text, inductives, depth)


def bare(text: str) -> str:
    """A term or type without the brackets around the whole of it; a tuple keeps its own."""
    text = " ".join(text.split())
    while text.startswith("(") and text.endswith(")") and _closes_at_end(text):
        inner = text[1:-1].strip()
        if len(_top_level_split(inner, ",")) > 1:
            break
        text = inner
    return text


def by_size(choices: Sequence[Sequence[str]], limit: int) -> list[tuple[str, ...]]:
    """Combinations of one value each, those of early values first, at most `limit`."""
    if any(not choice for choice in choices):
        return []
    return list(itertools.islice(_diagonals([len(choice) for choice in choices], choices), limit))


def _diagonals(sizes: Sequence[int], choices: Sequence[Sequence[str]]) -> Iterator[tuple[str, ...]]:
    for total in range(sum(sizes) - len(sizes) + 1):
        for indices in _summing_to(total, sizes):
            yield tuple(choice[index] for choice, index in zip(choices, indices, strict=True))


def _summing_to(total: int, sizes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    if not sizes:
        if total == 0:
            yield ()
        return
    for first in range(min(total, sizes[0] - 1) + 1):
        for rest in _summing_to(total - first, sizes[1:]):
            yield (first, *rest)


def _simple(text: str) -> list[str]:
    known = {
        "Nat": NUMBERS,
        "Int": INTEGERS,
        "Bool": ("false", "true"),
        "Prop": ("True", "False"),
        "Type": ("Nat", "Bool", "Unit"),
        "Sort": ("Nat",),
        "Unit": ("()",),
        "PUnit": ("⟨⟩",),
        "Char": ("'a'", "'b'"),
        "String": STRINGS,
    }
    sized = re.fullmatch(r"(Fin|BitVec) (\d+)", text)
    if sized:
        size = int(sized[2])
        top = size if sized[1] == "Fin" else 2**size
        picks = sorted({n for n in (0, 1, 2, 3, top // 2, top - 2, top - 1) if 0 <= n < top})
        return [str(n) if sized[1] == "Fin" else f"{n}#{size}" for n in picks]
    if re.match(r"(Fin|BitVec) ", text):
        # The size is another variable: numerals fit every size but zero.
        return ["0", "1", "2"]
    return list(known.get(text, ()))


def _functions(arrow: Sequence[str], inductives: Mapping[str, Inductive], depth: int) -> list[str]:
    """Constant functions, projections, and a few that are not."""
    *domains, result = arrow
    blanks = " ".join("_" for _ in domains)
    if depth <= 0:
        return []
    found = [f"fun {blanks} => {value}" for value in values(result, inductives, depth - 1)[:3]]
    for position, domain in enumerate(domains):
        if _bare(domain) == _bare(result):
            names = ["x" if i == position else "_" for i in range(len(domains))]
            found.append(f"fun {' '.join(names)} => x")
    if len(domains) == 1:
        found += {
            ("Nat", "Nat"): [
                "fun x => x + 1",
                "fun x => x * x",
                "fun x => x / 2",
                "fun x => 2 * x",
                "fun x => x % 2",
                "fun x => 3 - x",
            ],
            ("Bool", "Bool"): ["fun x => !x"],
            ("Int", "Int"): ["fun x => -x", "fun x => x * x", "fun x => x + 1"],
            ("Nat", "Bool"): ["fun x => x == 0", "fun x => x == 1"],
            ("Nat", "Prop"): ["fun x => x = 0", "fun x => x = 1", "fun x => x ≠ 0"],
            ("Bool", "Prop"): ["fun x => x = true", "fun x => x = false"],
        }.get((_bare(domains[0]), _bare(result)), [])
    if len(domains) == 2 and _bare(result) == "Nat":
        found += ["fun x y => x + y", "fun x y => x - y"]
    if len(domains) == 2 and _bare(result) == "Prop" and domains[0] == domains[1]:
        found += ["fun x y => x = y", "fun x y => x ≠ y"]
    return [f"({function})" for function in dict.fromkeys(found)]


def _applied(text: str, inductives: Mapping[str, Inductive], depth: int) -> list[str]:
    """Values of `List α`, `Option α`, … and of the document's own types."""
    if depth < 0 or not text:
        return []
    head, *arguments = _top_level_split(text, " ")
    inner = values(arguments[0], inductives, depth - 1) if arguments else []
    if head in ("List", "Array") and arguments:
        mark = "#" if head == "Array" else ""
        a, b, c = (inner * 3)[:3] if inner else ("", "", "")
        if not inner:
            return [f"{mark}[]"]
        contents = [[], [a], [b], [a, b], [b, a], [a, a], [c], [a, b, c], [c, b, a]]
        return list(dict.fromkeys(f"{mark}[{', '.join(content)}]" for content in contents))
    if head == "Option" and arguments:
        return ["none", *(f"(some {value})" for value in inner[:4])]
    if head in ("Subtype", "Sum"):
        return []
    return _constructed(text, head, inductives, depth)


def _constructed(
    text: str, head: str, inductives: Mapping[str, Inductive], depth: int
) -> list[str]:
    inductive = inductives.get(text) or inductives.get(head)
    if inductive is None:
        return []
    found: list[str] = []
    for constructor in inductive.constructors:
        if not constructor.fields:
            found.append(constructor.name)
            continue
        fields = [
            (_constructed(text, head, inductives, depth - 1)[:3] if depth > 0 else [])
            if field.recursive
            else values(field.type, inductives, depth - 1)[:3]
            for field in constructor.fields
        ]
        found += [f"({constructor.name} {' '.join(chosen)})" for chosen in by_size(fields, 8)]
    return found


def _bare(text: str) -> str:
    return re.sub(r"^(Type|Sort)\b.*", r"\1", bare(text))


def _closes_at_end(text: str) -> bool:
    depth = 0
    for index, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return index == len(text) - 1
    return False


def _top_level_split(text: str, separator: str) -> list[str]:
    """The parts of a text between separators that stand in no bracket."""
    parts, depth, current = [], 0, ""
    for character in text:
        depth += (character in "([{⟨") - (character in ")]}⟩")
        if character == separator and depth == 0:
            parts.append(current.strip())
            current = ""
        else:
            current += character
    return [part for part in [*parts, current.strip()] if part]
