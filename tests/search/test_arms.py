"""What the arms promise to whoever chooses among them."""

import json

from search.arms import default_arms
from search.strategies.closers import PROBED


def test_names_tell_arms_apart() -> None:
    names = [arm.name for arm in default_arms()]
    assert len(set(names)) == len(names)


def test_parameters_are_json() -> None:
    learned = {"neighbours", "premises", "copilot", "reprover"}
    for arm in default_arms():
        parameters = json.loads(arm.strategy.parameters)
        assert isinstance(parameters, dict) and bool(parameters) == (arm.name in learned)


def test_shares_are_parts_of_the_whole() -> None:
    assert all(0 < arm.seconds <= 1 and 0 < arm.heartbeats <= 1 for arm in default_arms())


def test_refuting_is_looked_at_early_and_heavy_ones_come_last() -> None:
    arms = default_arms()
    names = [arm.name for arm in arms]
    assert names.index("refute") < names.index("structure") < names.index("refute_long")
    weights = [arm.strategy.weight for arm in arms]
    assert weights == sorted(weights, key=["light", "heavy"].index)


def test_every_family_of_closers_has_an_arm() -> None:
    assert set(PROBED.values()) <= {arm.strategy.family for arm in default_arms()}
