"""What the features of a goal teach about a strategy, attempt by attempt."""

from search.policies.outlook import Outlook

LIST = {"kind:eq", "symbol:List.append"}
NUMBER = {"kind:eq", "symbol:HAdd.hAdd"}


def test_it_hopes_before_it_has_seen_anything() -> None:
    assert 0.7 < Outlook().chance(LIST) < 0.8


def test_it_learns_which_feature_matters() -> None:
    outlook = Outlook()
    for _ in range(200):
        outlook.learn(LIST, solved=True)
        outlook.learn(NUMBER, solved=False)
    assert outlook.chance(LIST) > 0.8 and outlook.chance(NUMBER) < 0.3
    assert outlook.chance({"kind:eq", "symbol:List.append", "symbol:new"}) > 0.8


def test_an_attempt_without_weight_teaches_nothing() -> None:
    outlook = Outlook()
    outlook.learn(LIST, solved=False, weight=0.0)
    assert outlook.chance(LIST) == Outlook().chance(LIST)
