"""Pairs under other names: goal and tactic change together, and library names stay."""

import re
from random import Random

from search.training.pairs import Pair
from search.training.renamings import renamed

TREE = Pair(
    "α : Type\nt : Tree α\nih : t.size = 1\n⊢ Tree.size t + List.length xs = 2",
    "simp [Tree.size, List.length, ih]",
    "d",
    "workspace",
    ("Tree", "size", "length"),
)


def test_a_pair_is_often_another_one_and_says_the_same_of_its_names() -> None:
    random = Random(3)
    made = [renamed(TREE, random) for _ in range(200)]
    assert 20 < sum(one == TREE for one in made) < 150
    for one in made:
        hypothesis = re.search(r"\n(\S+) : \S+\.\w+ = 1\n", one.display)
        function = re.search(r"⊢ (\S+) ", one.display)
        assert hypothesis and function
        assert one.tactic == f"simp [{function[1]}, List.length, {hypothesis[1]}]"
    assert len({one.display for one in made}) > 50


def test_hypotheses_stay_different() -> None:
    goal = Pair(
        "a b c : Nat\nh : a < b\nk : b < c\n⊢ a < c", "exact Nat.lt_trans h k", "d", "ledger"
    )
    random = Random(5)
    for _ in range(100):
        one = renamed(goal, random)
        assert len(set(one.names)) == 5
        assert one.goal == goal.goal and one.template == goal.template


def test_names_that_cannot_be_said_stay() -> None:
    goal = Pair("n✝ : Nat\n⊢ n✝ = n✝", "rfl", "d", "ledger")
    assert all(renamed(goal, Random(seed)) == goal for seed in range(20))
