"""What can be used at one place: numbers, visibility, how common symbols are."""

import numpy as np

from lean.premise_shard import Shard, keys_of
from search.retrieval.sight import Imported, Sight
from tests.search.retrieval.small_corpora import LIBRARY, shard_of, sight_of

OTHER = {"Set.union_comm": ("Eq", "Set", "Union.union"), "Nat.add_zero": ("Eq", "Nat")}


def test_numbers_go_over_all_shards_and_the_document() -> None:
    sight = sight_of(LIBRARY, OTHER, local={"mine": ("Eq", "mine_too")})
    assert sight.visible == len(LIBRARY) + len(OTHER) + 1 == len(list(sight))
    for number, name in zip(sight, [*LIBRARY, *OTHER, "mine"], strict=True):
        assert sight.name(number) == name and sight.numbers([name]) == [number]
    assert [sight.is_local(number) for number in sight][-2:] == [False, True]
    assert sight.module(0) == "Library0" and sight.module(sight.size - 1) == ""
    assert sight.numbers(["no.such"]) == [None]


def test_symbols_are_counted_over_all_shards() -> None:
    sight = sight_of(LIBRARY, OTHER, local={"mine": ("Eq", "mine_too")})
    keys = keys_of(["Eq", "Set", "mine_too", "nowhere"])
    assert sight.counts(keys).tolist() == [9, 1, 1, 0]
    weights = sight.weights(keys)
    assert weights[0] < weights[1] == weights[2]


def test_only_imported_modules_are_visible() -> None:
    both = Shard.of(
        {
            (module, ""): next(iter(shard_of(rows, module).premises()))[1]
            for module, rows in (("A", LIBRARY), ("B", OTHER))
        }
    )
    places = [(both, span) for span in both.spans if span.module == "B"]
    sight = Sight(Imported(places), shard_of({}, ""))
    assert sight.visible == 2 and sight.numbers(["Nat.add_comm"]) == [None]
    assert sight.counts(keys_of(["Eq", "List"])).tolist() == [2, 0]
    everything = np.ones(sight.size, np.float32)
    assert {sight.name(n) for n, _ in sight.best(everything, 100)} == set(OTHER)


def test_what_must_not_be_used_is_not_there() -> None:
    sight = sight_of(local={"mine": ("Eq",)}, unusable=["Nat.add_comm", "mine"])
    assert sight.numbers(["Nat.add_comm", "mine", "Nat.mul_comm"]) == [None, None, 1]
    assert sight.visible == len(LIBRARY) - 1


def test_best_are_those_with_a_score_and_the_first_of_equals() -> None:
    sight = sight_of()
    scores = np.array([0.5, 0.0, 0.7, 0.5, 0.0, 0.0, 0.0, 0.0], np.float32)
    assert [number for number, _ in sight.best(scores.copy(), 3)] == [2, 0, 3]
    assert len(sight.best(scores, 8)) == 3


def test_nothing_in_sight() -> None:
    sight = Sight(Imported([]), shard_of({}, ""))
    assert sight.visible == 0 and list(sight) == []
    assert sight.best(np.zeros(0, np.float32), 5) == []
    assert sight.counts(keys_of(["Eq"])).tolist() == [0]
