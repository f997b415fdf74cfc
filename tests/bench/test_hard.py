"""The hard goals that ship, and the checks on such goals with real Lean."""

import json
from argparse import Namespace
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bench.hard import MICRO, developments, hard_goals, measure
from lean.errors import WorkspaceError
from search.arms import default_arms

TWICE = "def twice (n : Nat) : Nat := n + n"
ROWS: list[dict[str, Any]] = [
    {
        "id": "good",
        "statement": "theorem good (n : Nat) : twice n = 2 * n",
        "preamble": TWICE,
        "family": "doubles",
        "why": "a definition",
        "reference": "unfold twice\nomega",
    },
    {
        "id": "wrong",
        "statement": "theorem wrong (n : Nat) : n + 0 = 0 + n",
        "family": "alone",
        "why": "its proof is none",
        "reference": "rfl",
    },
]


def written(folder: Path, rows: list[dict[str, Any]]) -> Path:
    file = folder / "goals.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file


def test_what_ships() -> None:
    goals = hard_goals()
    assert len(goals) >= 60
    assert len({goal.identifier for goal in goals}) == len(goals)
    families = Counter(goal.family for goal in goals)
    assert sum(count for count in families.values() if count >= 3) >= len(goals) / 3
    for goal in goals:
        assert "sorry" not in goal.reference and "sorry" not in goal.lemma.preamble
        assert "import" not in goal.lemma.preamble


def test_a_family_is_one_development() -> None:
    goals = hard_goals()
    whole = developments(goals)
    for goal in goals:
        text = goal.within(whole[goal.family])
        assert text.startswith(goal.lemma.text.rstrip("\n"))
        assert text.count("sorry") == 1
        assert len(text) < len(whole[goal.family])
    with pytest.raises(ValueError, match="does not follow"):
        developments(goals[::-1])


def test_micro_are_strategies_that_there_are() -> None:
    assert set(MICRO) <= {arm.name for arm in default_arms()}


async def test_what_is_wrong_with_goals_is_named(tmp_path: Path) -> None:
    measured = await measure(
        Namespace(goals=written(tmp_path, ROWS), only=None, micro=True, jobs=1)
    )
    assert list(measured.figures["wrong"]) == ["wrong"]
    assert list(measured.figures["micro"]) == ["good", "wrong"]
    missed = [target.name for target in measured.targets if not target.met]
    assert missed[:2] == ["references that are no proofs", "goals that micro tactics prove"]


def test_fields_that_are_missing_are_told(tmp_path: Path) -> None:
    file = written(tmp_path, [{name: ROWS[0][name] for name in ("id", "statement", "why")}])
    with pytest.raises(WorkspaceError, match="good lacks"):
        hard_goals(file)
