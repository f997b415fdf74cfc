"""The forms under which scripts are counted, and a run on a few lemmas."""

import argparse

import pytest

from bench.closers import family, measure

FORMS = {
    "omega": "omega",
    "simp [f, Tree.g]": "simp […]",
    "simp [f]; omega": "simp […]; omega",
    "exact ⟨a + 1, by omega⟩": "exact ⟨…, by omega⟩",
    "refine ⟨[], ?_⟩": "refine ⟨…, ?_⟩",
    "revert a b; decide": "revert …; decide",
    "have := h a; grind": "have := h x; grind",
    "have key : n % 2 = 0 := by omega\nrcases key with key <;> simp": "cases on a remainder",
    "induction n with\n| zero => ?_\n| succ n ih => ?_": "induction …",
    "induction n generalizing m with\n| zero => ?_": "induction … generalizing",
    "by_cases key : ∀ y, p y": "by_cases …",
    "fun_induction f x": "fun_induction …",
}


@pytest.mark.parametrize("script", FORMS)
def test_names_of_a_goal_do_not_count(script: str) -> None:
    assert family(script) == FORMS[script]


async def test_every_closer_is_tried_on_every_goal() -> None:
    measured = await measure(argparse.Namespace(bank=None, limit=3))
    found = {(row["kind"], row["name"]): row for row in measured.figures["families"]}
    assert measured.figures["goals"] == 3
    assert found["closer", "omega"]["tried"] == 3
    for row in found.values():
        assert row["goals"] <= row["succeeded"] <= row["tried"]
    assert any("omega" in line for line in measured.lines)
