"""When to pay: the decision, its reasons, and how flat scores are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.sketching.payment import decide, uncertainty_of

share = st.floats(0, 1)


@pytest.mark.parametrize(
    ("difficulty", "uncertainty", "left", "asked", "level"),
    [
        (0.2, 0.5, 1.0, False, "local"),
        (0.55, 0.5, 1.0, False, "local model"),
        (0.7, 0.5, 1.0, False, "paid"),
        (0.7, 0.5, 0.4, False, "local model"),
        (0.9, 0.5, 0.4, False, "paid"),
        (0.9, 0.5, 0.0, False, "local model"),
        # Where premises stand out the local strategies know where to begin.
        (0.65, 0.0, 1.0, False, "local model"),
        (0.55, 1.0, 1.0, False, "paid"),
        (0.1, 0.0, 1.0, True, "paid"),
        (0.1, 0.0, 0.0, True, "local model"),
    ],
)
def test_the_decision(
    difficulty: float, uncertainty: float, left: float, asked: bool, level: str
) -> None:
    decision = decide(difficulty, uncertainty, left, asked)
    assert decision.level == level, decision.reason
    assert decision.allows("local")
    assert decision.allows("paid") == (level == "paid")
    assert "model" in decision.reason


@given(share, share, share, share)
def test_less_budget_never_buys_more(
    difficulty: float, uncertainty: float, one: float, other: float
) -> None:
    less, more = sorted((one, other))
    if decide(difficulty, uncertainty, less).allows("paid"):
        assert decide(difficulty, uncertainty, more).allows("paid")


@given(share, share, share, share)
def test_a_harder_goal_never_gets_less(
    one: float, other: float, uncertainty: float, left: float
) -> None:
    easier, harder = sorted((one, other))
    assert decide(harder, uncertainty, left).allows(decide(easier, uncertainty, left).level)


def test_flat_scores_are_uncertain() -> None:
    assert uncertainty_of([]) == 1.0 == uncertainty_of([0.0, 0.0]) == uncertainty_of([2, 2, 2])
    assert uncertainty_of([3.0]) == 0.0
    assert uncertainty_of([1.0, 10.0, 1.0]) == pytest.approx(0.1)
