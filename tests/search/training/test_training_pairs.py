"""Pairs: what is learned of a script, what counts as the same, and which side a pair is on."""

from collections import Counter

import pytest

from search.proof_steps import ProofStep
from search.training.pairs import (
    LONGEST_TACTIC,
    Pair,
    distinct,
    fits,
    pair_of,
    pairs_of_steps,
    side_of,
    split,
    target_of,
)


def pair(display: str, tactic: str, declaration: str = "t", key: str = "") -> Pair:
    return Pair(display, tactic, declaration, "workspace", (), key)


def step(tactic: str, kind: str = "Lean.Parser.Tactic.simp", left: int = 1) -> ProofStep:
    goal = "n : Nat\n⊢ twice n = n + n"
    return ProofStep("A.t", tactic, kind, goal, ("n",), (), (), (), 1, left)


def named(side: str) -> str:
    """A declaration that falls on this side."""
    return next(name for name in (f"d{n}" for n in range(1000)) if side_of(name) == side)


@pytest.mark.parametrize(
    ("script", "target"),
    [
        ("omega", "omega"),
        ("intro h\nsimp [h]", "intro h\nsimp [h]"),
        ("  simp\n", "simp"),
        (f"intro h\nexact foo {'x' * LONGEST_TACTIC}", "intro h"),
        (f"induction n with\n| zero => rfl\n| succ n ih => simp [{'x' * LONGEST_TACTIC}]", ""),
        (f"constructor\n· exact foo {'x' * LONGEST_TACTIC}\n· rfl", ""),
        ("x" * (LONGEST_TACTIC + 1), ""),
        ("", ""),
    ],
)
def test_what_is_learned_of_a_script(script: str, target: str) -> None:
    assert target_of(script) == target


@pytest.mark.parametrize("open_ended", ["have h : p := by", "induction n with", "cases h <;>", " "])
def test_no_beginning_of_something_is_learned(open_ended: str) -> None:
    assert not fits(open_ended)


def test_bytes_count_not_characters() -> None:
    assert fits("a" * LONGEST_TACTIC) and not fits("∀" * (LONGEST_TACTIC // 2))


def test_pairs_that_differ_in_names_only_say_the_same() -> None:
    one = pair("a b : Nat\nh : a < b\n⊢ a ≤ b", "exact Nat.le_of_lt h")
    other = pair("x y : Nat\nk : x < y\n⊢ x ≤ y", "exact Nat.le_of_lt k")
    crossed = pair("x y : Nat\nk : x < y\n⊢ x ≤ y", "exact Nat.le_of_lt x")
    assert one.goal == other.goal == crossed.goal
    assert one.template == other.template != crossed.template
    assert distinct([one, other, crossed]) == [one, crossed]


def test_the_name_of_a_case_says_nothing() -> None:
    assert pair("case zero\n⊢ 0 = 0", "rfl").goal == pair("⊢ 0 = 0", "rfl").goal


def test_names_that_a_script_cannot_say_are_none() -> None:
    assert pair("n✝ : Nat\nm : Nat\nh✝ : n✝ = m\n⊢ m = m", "rfl").names == ("m",)


def test_a_pair_knows_what_its_document_has_named() -> None:
    found = pair_of("t : Tree\n⊢ t.size = 0", "simp [size]", "d", "workspace", ["A.Tree", "A.size"])
    assert found.local_names == ("Tree", "size")


def test_steps_that_are_names_or_too_long_are_left_out() -> None:
    steps = [
        step("simp [twice]"),
        step("n", "Lean.Parser.Tactic.intro"),
        step("intro n", "Lean.Parser.Tactic.intro"),
        step("simp [" + "x" * LONGEST_TACTIC + "]"),
    ]
    found = pairs_of_steps(steps, ["A.twice"], "curriculum")
    assert [one.tactic for one in found] == ["simp [twice]", "intro n"]
    assert {one.declaration for one in found} == {"A.t"}


@pytest.mark.parametrize("closer", ["rfl", "omega", "simp", "simp_all [twice, h]", "decide"])
def test_what_the_search_tries_anyway_is_learned_only_as_a_move(closer: str) -> None:
    closes, moves = step(closer, left=0), step(closer, left=1)
    assert pairs_of_steps([closes], [], "curriculum") == []
    assert [one.tactic for one in pairs_of_steps([moves], [], "curriculum")] == [closer]


@pytest.mark.parametrize("tactic", ["grind", "simp [twice]; omega", "simp at h", "exact rfl"])
def test_other_closers_are_learned(tactic: str) -> None:
    assert len(pairs_of_steps([step(tactic, left=0)], [], "curriculum")) == 1


def test_a_pair_survives_json() -> None:
    one = Pair("⊢ p", "simp", "d", "ledger", ("f",), "key")
    assert Pair.from_json(one.as_json()) == one


def test_a_fifth_of_the_declarations_is_held_out_whatever_else_there_is() -> None:
    sides = Counter(side_of(f"Some.declaration_{n}") for n in range(2000))
    assert 0.17 < sides["held_out"] / 2000 < 0.23
    assert 0.06 < sides["validation"] / 2000 < 0.10
    assert side_of("Trees.Tree.mirror_mirror") == side_of("Trees.Tree.mirror_mirror")


def test_no_declaration_and_no_goal_is_on_two_sides() -> None:
    held, checked, learned = named("held_out"), named("validation"), named("train")
    same = "a : Nat\n⊢ a + 0 = a"
    pairs = [
        pair(same, "simp", learned),
        pair("b : Nat\n⊢ b + 0 = b", "omega", held),
        pair("⊢ 1 = 1", "rfl", learned),
        pair("⊢ 1 = 1", "rfl", checked),
        pair("⊢ 2 = 2", "rfl", learned, "key of a held-out goal"),
        pair("⊢ 3 = 3", "rfl", held, "key of a held-out goal"),
        pair("⊢ 4 = 4", "rfl", learned),
        pair("⊢ 5 = 5", "rfl", learned),
    ]
    sides = split(pairs, kept_out={pair("⊢ 5 = 5", "", learned).goal})
    assert [one.display for one in sides.train] == ["⊢ 4 = 4"]
    assert [one.display for one in sides.validation] == ["⊢ 1 = 1"]
    assert len(sides.held_out) == 2
