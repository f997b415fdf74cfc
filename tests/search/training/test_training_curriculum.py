"""Variations of statements: many different ones, the same for the same seed, none the original."""

import itertools
from collections.abc import Sequence
from random import Random

from search.training.curriculum import variations
from search.training.statement import Statement, statement_of

TEXT = (
    "theorem t (a b : Nat) (xs : List Nat) (h : a ≤ b + 2) : total xs + a ≤ b + total xs + 2 := q"
)
OTHER = "theorem u (ys : List Nat) : count ys = 0 := q"


def stated(text: str) -> Statement:
    found = statement_of(text)
    assert found is not None
    return found


def some(
    number: int, seed: int = 1, text: str = TEXT, functions: Sequence[str] = ("total", "count")
) -> list[str]:
    made = variations(stated(text), [stated(OTHER)], functions, Random(seed))
    return [str(one) for one in itertools.islice(made, number)]


def test_each_variation_is_another_one() -> None:
    made = some(60)
    assert len(set(made)) == 60 and str(stated(TEXT)) not in made


def test_the_same_seed_gives_the_same() -> None:
    assert some(20) == some(20) != some(20, seed=2)


def test_every_kind_of_change_comes_up() -> None:
    made = some(200)
    for sign in (
        "b + total xs + 2 ≥ total xs + a",  # sides
        "total xs + a ≤ b + total xs + 3",  # a numeral
        "count xs + a",  # another function
        "∀ (",  # introduced
        "(h0 : ",  # itself as a hypothesis
        "(b : Nat)",  # two variables as one
        "(2 * a)",  # a term for a variable
        "Int",  # another type
        "count ys = 0)",  # combined with another statement
        "total [] ",  # a constructor for a variable
    ):
        assert any(sign in one for one in made), sign


def test_what_is_made_can_be_read_again() -> None:
    for one in some(100):
        again = statement_of(f"{one} := q")
        assert again is not None and str(again) == one


def test_a_statement_without_anything_to_change_runs_out() -> None:
    made = list(itertools.islice(variations(stated("theorem t : p := q"), [], [], Random(0)), 50))
    assert len(made) < 10


def test_words_that_only_look_like_definitions_do_no_harm() -> None:
    """As a doc comment has them: `def above) be generalised`."""
    assert len(some(60, functions=("total", "above)", "[", "\\d"))) == 60


def test_a_function_is_its_whole_name() -> None:
    """`get` is not the beginning of `get?`."""
    text = "theorem t (xs : List Nat) : get? xs 0 = none := q"
    made = some(100, text=text, functions=("get?", "get", "other"))
    assert any("other xs 0" in one for one in made)
    assert not any("get??" in one or "other?" in one for one in made)
