"""Bytes in and out of models: tokens, the cut of a goal, premises above it, answers as tactics."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lean.protocol import GoalFeatures, Hypothesis, Target
from search.generation.goal_text import (
    cut,
    model_input,
    model_input_of_display,
    tactic_of,
    usable_names,
)
from search.generation.premise_text import augmented_input
from search.generation.tokens import decode, encode, is_finished

GOAL = "case succ\nα : Type\nxs ys :\n    List α\nh : 0 < n\n⊢ n + 1 ≠ 0"


def size(text: str) -> int:
    return len(text.encode())


def features(display: str, *names: str) -> GoalFeatures:
    hypotheses = tuple(
        Hypothesis(name, "✝" not in name, "Nat", "data", "Nat", 1, None, True, ("Nat",))
        for name in names
    )
    return GoalFeatures(display, "", Target("t", 1, "Eq", (), 0, 0, "eq"), hypotheses, ())


@given(st.text())
def test_tokens_are_bytes_and_an_end(text: str) -> None:
    tokens = encode(text)
    assert is_finished(tokens) and decode(tokens) == text
    assert len(tokens) == size(text) + 1
    assert all(len(token) == 1 for token in tokens[:-1])


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        (["<pad>", "r", "f", "l", "</s>"], "rfl"),
        (["<extra_id_3>", "a", "<unk>"], "a"),
        ([*"rf", "\xe2", "\x9f"], "rf"),
        (["\xe2", "\x9f", "\xa8", "\xff", "x"], "⟨x"),
        ([], ""),
    ],
)
def test_what_is_no_byte_or_no_text_is_left_out(tokens: list[str], text: str) -> None:
    assert decode(tokens) == text


def test_an_answer_is_finished_when_it_ends() -> None:
    assert is_finished(["r", "</s>"])
    assert not is_finished(["r"]) and not is_finished([])


@pytest.mark.parametrize(
    ("most", "left"),
    [
        (size(GOAL), GOAL),
        (size(GOAL) - 1, GOAL.removeprefix("case succ\n")),
        (50, "xs ys :\n    List α\nh : 0 < n\n⊢ n + 1 ≠ 0"),
        (40, "h : 0 < n\n⊢ n + 1 ≠ 0"),
        (20, "⊢ n + 1 ≠ 0"),
        (9, "⊢ n + 1"),
        (2, ""),
        (0, ""),
    ],
)
def test_hypotheses_go_from_the_front_and_the_goal_stays(most: int, left: str) -> None:
    assert cut(GOAL, most) == left
    assert model_input_of_display(GOAL, most) == model_input(features(GOAL), most) == left


@given(st.lists(st.text(), max_size=8), st.text(), st.integers(0, 200))
def test_a_cut_is_an_end_of_the_goal_of_the_right_size(
    lines: list[str], target: str, most: int
) -> None:
    goal = "⊢ " + target.replace("⊢", "")
    display = "".join(f"h{i} : {line}\n" for i, line in enumerate(lines)) + goal
    left = cut(display, most)
    assert size(left) <= most
    assert display.endswith(left) if size(goal) <= most else goal.startswith(left)
    if size(goal) <= most:
        assert left.endswith(goal)


@pytest.mark.parametrize(
    ("answer", "tactic"),
    [
        ("omega", "omega"),
        (" rw [<a>Nat.add_comm</a>]\n", "rw [Nat.add_comm]"),
        ("exact ⧼1⧽ ⧼0⧽", "exact h n"),
        ("exact ⧼2⧽", ""),
        ("exact ⧼0", ""),
        ("exact ⧼p0⧽", ""),
        ("", ""),
    ],
)
def test_answers_become_tactics_for_a_goal(answer: str, tactic: str) -> None:
    names = usable_names(features(GOAL, "x✝", "n", "h"))
    assert names == ("n", "h")
    assert tactic_of(answer, names) == tactic


PREMISES = [("Nat.best", "∀ n,\n  n = n"), ("Nat.long", "x" * 500), ("Nat.last", "p")]


def test_premises_stand_above_the_goal_the_best_nearest_to_it() -> None:
    assert augmented_input("n : Nat\n⊢ n = n", PREMISES, 130) == (
        "theorem <a>Nat.last</a> : p\n\ntheorem <a>Nat.best</a> : ∀ n, n = n\n\nn : Nat\n⊢ n = n"
    )


@given(st.integers(0, 700))
def test_premises_make_room_for_the_goal(most: int) -> None:
    text = augmented_input(GOAL, PREMISES, most)
    assert size(text) <= most
    assert text.endswith(cut(GOAL, most))
