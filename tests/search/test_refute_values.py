"""Small values by type: every one is a term of its type, and combinations come smallest first."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lean.document import elaborate
from lean.protocol import Inductive
from lean.session import Session
from search.strategies.refute_values import bare, by_size, values
from tests.search.proving import features_of

CHOICES = some.lists(some.integers(1, 4), max_size=4)
"""How many values each variable has."""


def choices(sizes: Sequence[int]) -> list[list[str]]:
    return [
        [f"{letter}{n}" for n in range(size)] for letter, size in zip("abcd", sizes, strict=False)
    ]


def rank(combination: Sequence[str]) -> int:
    return sum(int(value[1:]) for value in combination)


@given(CHOICES, some.integers(0, 40))
def test_combinations_are_distinct_and_no_more_than_wanted(sizes: list[int], limit: int) -> None:
    found = by_size(choices(sizes), limit)
    assert len(found) == len(set(found)) <= limit
    assert all(len(combination) == len(sizes) for combination in found)


@given(CHOICES)
def test_without_a_limit_all_are_there(sizes: list[int]) -> None:
    product = 1
    for size in sizes:
        product *= size
    assert len(by_size(choices(sizes), 10_000)) == product


@given(CHOICES, some.integers(0, 40))
def test_early_values_come_first(sizes: list[int], limit: int) -> None:
    ranks = [rank(combination) for combination in by_size(choices(sizes), limit)]
    assert ranks == sorted(ranks)


@given(CHOICES)
def test_a_variable_without_values_has_no_combinations(sizes: list[int]) -> None:
    assert by_size([*choices(sizes), []], 10) == []


TERMS = some.text("ab (),[]", max_size=12)


@given(TERMS)
def test_bare_is_idempotent_and_adds_nothing(text: str) -> None:
    once = bare(text)
    assert bare(once) == once and once in " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("(-1)", "-1"),
        ("((f x))", "f x"),
        ("(a) (b)", "(a) (b)"),
        ("(1, 2)", "(1, 2)"),
        ("(some (1, 2))", "some (1, 2)"),
        ("x", "x"),
    ],
)
def test_bare(text: str, inside: str) -> None:
    assert bare(text) == inside


TYPES = [
    "Nat",
    "Int",
    "Bool",
    "Prop",
    "Type",
    "Unit",
    "Char",
    "String",
    "Fin 1",
    "Fin 5",
    "BitVec 1",
    "BitVec 8",
    "List Nat",
    "List (List Bool)",
    "Array Int",
    "Option Nat",
    "Option (List Nat)",
    "Nat × Bool",
    "Nat × Int × Bool",
    "List (Nat × Nat)",
    "Nat → Nat",
    "Nat → Nat → Nat",
    "Bool → Bool",
    "Int → Int",
    "Nat → Bool",
    "Nat → Prop",
    "Nat → Nat → Prop",
    "Nat → Nat → Bool",
    "Nat → Option Nat",
    "(Nat → Nat) → Nat",
    "List (Nat → Nat)",
    "Colour",
    "Tree",
    "List Tree",
    "Tree → Colour",
    "Point × Nat",
]
PREAMBLE = """\
inductive Colour where
  | red | green | blue
inductive Tree where
  | leaf
  | node (l : Tree) (x : Nat) (r : Tree)
structure Point where
  x : Nat
  place : List Int
"""
SEEN = (
    PREAMBLE + "theorem t (c : Colour) (t : Tree) (p : Point) : c = c ∧ t = t ∧ p = p := by sorry"
)


async def own_types(session: Session) -> dict[str, Inductive]:
    features = await features_of(session, SEEN)
    found = [hypothesis.inductive for hypothesis in features.hypotheses]
    return {inductive.name: inductive for inductive in found if inductive}


async def test_every_value_has_its_type(session: Session) -> None:
    inductives = await own_types(session)
    lines = [
        f"noncomputable example : {type_text} := {value}"
        for type_text in TYPES
        for value in values(type_text, inductives)
    ]
    document = await elaborate(session, PREAMBLE + "\n".join(lines))
    assert not document.errors, [message.text for message in document.errors]
    assert len(lines) > 200


@pytest.mark.parametrize("type_text", TYPES)
async def test_there_are_values_and_no_two_are_alike(session: Session, type_text: str) -> None:
    found = values(type_text, await own_types(session))
    assert found and len(found) == len(set(found))


async def test_own_types_are_built_from_small_to_large(session: Session) -> None:
    inductives = await own_types(session)
    assert values("Colour", inductives) == ["Colour.red", "Colour.green", "Colour.blue"]
    trees = values("Tree", inductives)
    assert trees[0] == "Tree.leaf" and "(Tree.node Tree.leaf 0 Tree.leaf)" in trees


@pytest.mark.parametrize("type_text", ["Real", "{ n : Nat // n < 3 }", "Empty", "IO Unit", ""])
def test_types_that_are_not_known_have_none(type_text: str) -> None:
    assert values(type_text, {}) == []


def test_brackets_and_line_breaks_do_not_matter() -> None:
    assert values("(List\n  Nat)", {}) == values("List Nat", {})
    assert values("(Nat → Nat)", {}) == values("Nat → Nat", {})


def test_a_size_that_is_a_variable() -> None:
    assert values("Fin n", {}) == values("BitVec w", {}) == ["0", "1", "2"]
