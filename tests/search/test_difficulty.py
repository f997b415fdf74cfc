"""Difficulty: sensible before it is fitted, learned when there is enough, and kept in a file."""

import random
from pathlib import Path

import pytest

from lean.errors import WorkspaceError
from search.difficulty import LEAST_ROWS, Difficulty, TooFewRows, fit

EASY = {"size": 4.0, "variables": 1.0}
HARD = {"size": 6.0, "variables": 2.0, "recursive_definitions": 2.0, "recursive_variables": 1.0}


def test_the_default_finds_recursion_harder_than_arithmetic() -> None:
    default = Difficulty()
    assert 0 < default.of({}) < default.of(EASY) < 0.3 < 0.5 < default.of(HARD) < 1


def test_it_stays_between_0_and_1_whatever_the_goal() -> None:
    assert 0.99 < Difficulty().of({"size": 1e6}) <= 1
    assert Difficulty({"size": -1.0}, 0.0).of({"size": 1e6}) == 0


def test_marks_do_not_count() -> None:
    assert Difficulty().of(EASY | {"symbol:Nat": 1.0}) == Difficulty().of(EASY)


def drawn(count: int, weight: float, constant: float) -> list[tuple[dict[str, float], bool]]:
    """Goals that are unproved with the probability that a known model gives."""
    generator = random.Random(1)
    model = Difficulty({"size": weight}, constant)
    rows = []
    for _ in range(count):
        vector = {"size": generator.uniform(0, 8), "facts": float(generator.randrange(4))}
        rows.append((vector, generator.random() >= model.of(vector)))
    return rows


def test_a_fit_recovers_the_model_that_made_the_rows() -> None:
    fitted = fit(drawn(4000, weight=0.8, constant=-3.0))
    assert fitted.weights["size"] == pytest.approx(0.8, abs=0.1)
    assert fitted.weights["facts"] == pytest.approx(0.0, abs=0.1)
    assert fitted.constant == pytest.approx(-3.0, abs=0.4)
    assert fitted.rows == 4000


def test_rows_that_a_line_separates_still_have_a_finite_fit() -> None:
    rows = [({"size": float(index)}, index < 30) for index in range(60)]
    fitted = fit(rows)
    assert fitted.of({"size": 5.0}) < 0.1 < 0.9 < fitted.of({"size": 55.0})


@pytest.mark.parametrize(
    ("proved", "unproved"), [(0, 0), (LEAST_ROWS, 0), (LEAST_ROWS, 3), (3, LEAST_ROWS), (15, 15)]
)
def test_too_few_rows_are_refused_with_the_numbers(proved: int, unproved: int) -> None:
    rows = [(EASY, True)] * proved + [(HARD, False)] * unproved
    with pytest.raises(TooFewRows, match=f"{proved + unproved} finished goals, {proved} of them"):
        fit(rows)


def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    fitted = fit(drawn(100, weight=0.5, constant=-2.0))
    fitted.save(tmp_path / "difficulty.json")
    assert Difficulty.load(tmp_path / "difficulty.json") == fitted


def test_without_a_file_there_is_the_default(tmp_path: Path) -> None:
    assert Difficulty.load(tmp_path / "none.json") == Difficulty()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 99}', '{"format": 1}'])
def test_a_damaged_file_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "difficulty.json"
    path.write_text(content, "utf-8")
    with pytest.raises(WorkspaceError, match=r"difficulty\.json is no fitted difficulty"):
        Difficulty.load(path)
