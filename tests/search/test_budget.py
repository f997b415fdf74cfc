"""Budgets: a strategy's clock, and accounts with limits, one above the other."""

import math

import pytest

from search.accounts import Account, Allowances, BudgetExceeded, Resource
from search.budget import Budget
from search.incidents import Incident


@pytest.fixture
def told() -> list[Incident]:
    return []


def account(told: list[Incident], **limits: float) -> Account:
    return Account("the run", Allowances(**limits), tell=told.append)


def test_a_script_gets_no_more_than_is_left() -> None:
    budget = Budget(seconds=5.0, heartbeats=1000)
    assert budget.limits(heartbeats=5000).heartbeats == 1000
    assert budget.limits(heartbeats=10, seconds=1.0).heartbeats == 10
    assert budget.limits(seconds=60.0).seconds == pytest.approx(5.0, abs=0.5)
    assert Budget(seconds=0.0).exhausted


@pytest.mark.parametrize(
    ("limits", "cost", "kind"),
    [
        ({"seconds": 10.0}, {"seconds": 1.0}, "time_budget_exceeded"),
        ({"tokens": 1000.0}, {"tokens": 100.0}, "token_budget_exceeded"),
        ({"calls": 20.0}, {"calls": 2.0}, "call_budget_exceeded"),
        ({"money": 5.0}, {"money": 0.5}, "money_budget_exceeded"),
    ],
)
def test_each_threshold_is_told_once_and_the_limit_stops_the_work(
    told: list[Incident], limits: dict[str, float], cost: dict[str, float], kind: str
) -> None:
    run = account(told, **limits)
    for _ in range(9):
        run.spend(**cost)
    assert [(incident.kind, incident.severity) for incident in told] == [("budget_warning", "low")]
    with pytest.raises(BudgetExceeded, match="it stops") as stop:
        run.spend(**cost)
    assert [incident.kind for incident in told] == ["budget_warning", kind]
    assert stop.value.incident.context["spent"] == next(iter(limits.values()))
    with pytest.raises(BudgetExceeded):
        run.spend(**cost)
    assert len(told) == 2


def test_a_step_over_two_thresholds_tells_the_higher_one(told: list[Incident]) -> None:
    account(told, seconds=100.0).spend(seconds=96.0)
    assert [incident.severity for incident in told] == ["medium"]
    assert told[0].message == "the run: 96.0 s of 100.0 s are used"


def test_memory_is_the_largest_amount_and_not_a_sum(told: list[Incident]) -> None:
    run = account(told, memory=1000.0)
    for _ in range(5):
        run.observe(memory=500.0)
    assert not told and run.left("memory") == 500.0
    with pytest.raises(BudgetExceeded):
        run.observe(memory=1001.0)
    assert told[0].kind == "memory_budget_exceeded"


def test_what_a_strategy_spends_its_goal_and_its_run_spend(told: list[Incident]) -> None:
    run = account(told, tokens=1000.0)
    goal = run.child("the goal", Allowances(seconds=20.0), key="k1")
    strategy = goal.child("deep", Allowances(seconds=5.0), strategy="deep")
    other = goal.child("grind")
    strategy.spend(seconds=2.0, tokens=300.0)
    other.spend(seconds=17.0)
    assert (strategy.left(), goal.left(), run.left()) == (1.0, 1.0, math.inf)
    assert strategy.left("tokens") == 700.0
    assert told[-1].context == {
        "account": "the goal",
        "resource": "seconds",
        "spent": 19.0,
        "limit": 20.0,
        "key": "k1",
    }
    with pytest.raises(BudgetExceeded) as stop:
        strategy.spend(seconds=1.0)
    # The highest account that is overrun is the one to stop.
    assert stop.value.incident.context["account"] == "the goal"
    assert goal.exhausted() and strategy.exhausted() and not run.exhausted()


def test_one_strategy_overrun_leaves_its_goal_going(told: list[Incident]) -> None:
    goal = account(told, seconds=100.0)
    with pytest.raises(BudgetExceeded) as stop:
        goal.child("deep", Allowances(seconds=5.0)).spend(seconds=6.0)
    assert stop.value.incident.context["account"] == "deep"
    goal.child("grind").spend(seconds=1.0)
    assert goal.left() == 93.0


def test_a_restart_goes_on_with_what_was_spent_and_tells_nothing_twice(
    told: list[Incident],
) -> None:
    run = account(told, seconds=100.0)
    before: dict[Resource, float] = {"seconds": 8.5}
    goal = run.child("the goal", Allowances(seconds=10.0), before)
    assert not told and goal.left() == 1.5
    assert run.left() == 100.0, "an earlier run paid for that"
    goal.spend(seconds=0.5)
    assert not told
    with pytest.raises(BudgetExceeded):
        goal.spend(seconds=1.0)


def test_a_limit_of_nothing_allows_nothing(told: list[Incident]) -> None:
    run = account(told, calls=0.0)
    assert run.exhausted()
    with pytest.raises(BudgetExceeded):
        run.spend(calls=1.0)


def test_a_strategys_calls_go_to_its_account(told: list[Incident]) -> None:
    run = account(told, tokens=100.0)
    Budget(account=run.child("copilot")).spend(tokens=40.0, calls=1.0)
    assert run.left("tokens") == 60.0 and run.spent["calls"] == 1.0


def test_what_is_held_back_is_not_free_and_not_spent(told: list[Incident]) -> None:
    run = account(told, tokens=100.0)
    one, other = run.child("one"), run.child("another", Allowances(tokens=50.0))
    one.hold("tokens", 70.0)
    assert (one.free("tokens"), other.free("tokens"), run.free("tokens")) == (30.0, 30.0, 30.0)
    assert run.left("tokens") == 100.0 and not run.exhausted() and not told
    one.spend(tokens=20.0)
    one.hold("tokens", -70.0)
    assert (run.free("tokens"), other.free("tokens")) == (80.0, 50.0)
    assert one.free("money") == math.inf
