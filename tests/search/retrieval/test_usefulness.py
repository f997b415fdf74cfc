"""Premises that come up and never help fall back; those that helped come forward."""

import pytest

from search.retrieval.usefulness import HIGHEST, LOWEST, Usefulness


def test_nothing_is_known_at_first() -> None:
    assert Usefulness().factor("Nat.add_comm") == 1.0


def test_one_vain_retrieval_says_little() -> None:
    known = Usefulness()
    known.note(["a"])
    assert 0.9 < known.factor("a") < 1.0


def test_many_do() -> None:
    known, factors = Usefulness(), []
    for _ in range(100):
        known.note(["a", "b"])
        factors.append(known.factor("a"))
    assert factors == sorted(factors, reverse=True) and factors[-1] == LOWEST


def test_help_outweighs_them() -> None:
    known = Usefulness()
    for _ in range(100):
        known.note(["a", "b"])
    for _ in range(10):
        known.note(["a", "b"], ["a"])
    assert known.factor("a") > 1.0 > known.factor("b")
    assert known.factor("a") <= HIGHEST


def test_counts_go_on_from_an_earlier_run() -> None:
    before, after = Usefulness(), Usefulness()
    for _ in range(30):
        before.note(["a", "b"], ["b"])
    before.note([], ["c"])
    for name, retrieved, helped in before.counts():
        after.count(name, retrieved, helped)
    assert after.counts() == before.counts() == [("a", 30, 0), ("b", 30, 30), ("c", 1, 1)]
    assert after.factor("b") == pytest.approx(HIGHEST)
