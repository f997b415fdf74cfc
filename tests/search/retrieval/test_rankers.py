"""Each ranker on a few theorems, and their fusion."""

import pytest

from search.retrieval.fusion import fused
from search.retrieval.mepo import Mepo
from search.retrieval.past_use import ROWS_A_PART, PastUse, PastUses
from search.retrieval.ranker import Query, Ranker
from search.retrieval.symbols import Symbols
from tests.search.retrieval.small_corpora import LIBRARY, names, sight_of

ABOUT_LENGTH = Query.of_symbols(["Eq", "Nat", "List.length", "HAppend.hAppend", "List"])


@pytest.mark.parametrize("ranker", [Symbols(), Mepo()], ids=lambda ranker: ranker.name)
class TestBySymbols:
    def test_most_in_common_comes_first(self, ranker: Ranker) -> None:
        sight = sight_of()
        assert names(sight, ranker.rank(ABOUT_LENGTH, sight, 3))[0] == "List.length_append"

    def test_a_rare_symbol_says_more_than_common_ones(self, ranker: Ranker) -> None:
        sight = sight_of(LIBRARY, local={"mine": ("Eq", "Nat", "my_own")})
        query = Query.of_symbols(["Eq", "Nat", "HAdd.hAdd", "my_own"])
        assert names(sight, ranker.rank(query, sight, 1)) == ["mine"]

    def test_hypotheses_count_less_than_the_target(self, ranker: Ranker) -> None:
        sight = sight_of()
        query = Query.of_symbols(["HMul.hMul", "Nat"], ["List.map", "List"])
        found = names(sight, ranker.rank(query, sight, 8))
        assert found[0] == "Nat.mul_comm" and "List.length_map" in found

    def test_of_equals_the_shorter_name(self, ranker: Ranker) -> None:
        rows = {"Nat.add_right_cancel_of_lt": ("Nat", "f"), "Nat.add_one": ("Nat", "f")}
        sight = sight_of(rows)
        query = Query.of_symbols(["f"])
        assert names(sight, ranker.rank(query, sight, 2)) == ["Nat.add_one", next(iter(rows))]

    def test_no_more_than_wanted_and_nothing_without_relation(self, ranker: Ranker) -> None:
        sight = sight_of()
        assert len(ranker.rank(ABOUT_LENGTH, sight, 2)) == 2
        assert ranker.rank(Query.of_symbols(["Rat"]), sight, 9) == []
        assert ranker.rank(Query.of_symbols([]), sight, 9) == []


def test_mepo_goes_on_from_what_it_found() -> None:
    """`h` is not in the goal, but in what is relevant to it."""
    sight = sight_of({"a": ("f", "g"), "b": ("g", "h"), "c": ("h", "i"), "d": ("k",)})
    query = Query.of_symbols(["f"])
    assert names(sight, Mepo(rounds=1).rank(query, sight, 9)) == ["a"]
    assert names(sight, Mepo(rounds=2).rank(query, sight, 9)) == ["a", "b"]
    assert names(sight, Mepo(rounds=3).rank(query, sight, 9)) == ["a", "b", "c"]


class TestPastUse:
    def test_what_the_nearest_goals_used(self) -> None:
        uses = PastUses()
        uses.add(
            "file",
            [
                PastUse(("List.length", "HAppend.hAppend", "List"), ("List.length_append",), "one"),
                PastUse(("List.map", "List"), ("List.map_map", "List.length_map"), "two"),
                PastUse(("HMul.hMul",), ("Nat.mul_comm",), "three"),
            ],
        )
        sight = sight_of()
        found = uses.rank(ABOUT_LENGTH, sight, 9)
        assert names(sight, found) == ["List.length_append", "List.length_map", "List.map_map"]
        assert found[0][1] > 10 * found[1][1]

    def test_only_what_is_in_sight(self) -> None:
        uses = PastUses()
        uses.add("file", [PastUse(("List",), ("of.another.file", "List.map_map"))])
        sight = sight_of()
        assert names(sight, uses.rank(Query.of_symbols(["List"]), sight, 9)) == ["List.map_map"]

    def test_not_from_its_own_proof(self) -> None:
        uses = PastUses()
        uses.add("file", [PastUse(("List",), ("List.map_map",), "me")])
        query = Query({"List": 1.0}, besides=frozenset({"me"}))
        assert uses.nearest(query, 5) == []

    def test_a_changed_file_replaces_its_uses(self) -> None:
        uses, sight, query = PastUses(), sight_of(), Query.of_symbols(["List"])
        uses.replace("file", [PastUse(("List",), ("List.map_map",))])
        uses.add("other", [PastUse(("List",), ("List.append_nil",))])
        uses.replace("file", [PastUse(("List",), ("List.length_map",))])
        assert len(uses) == 2
        assert set(names(sight, uses.rank(query, sight, 9))) == {
            "List.append_nil",
            "List.length_map",
        }
        uses.replace("other", [])
        assert names(sight, uses.rank(query, sight, 9)) == ["List.length_map"]

    def test_what_tactics_bring_along_does_not_count(self) -> None:
        uses = PastUses()
        brought = ("congrArg", "Lean.Omega.tidy_sat", "Int.natCast_add", "Eq.trans")
        uses.add("file", [PastUse(("List",), brought), PastUse(("Nat",), ("Int.natCast_add",))])
        assert [use.premises for use, _ in uses.nearest(Query.of_symbols(["Nat", "List"]), 5)] == [
            ("Int.natCast_add",)
        ]

    def test_more_than_one_part(self) -> None:
        uses, sight = PastUses(), sight_of()
        uses.add("many", [PastUse(("Nat", f"s{i}"), ("Nat.le_refl",)) for i in range(ROWS_A_PART)])
        uses.add("file", [PastUse(("Nat", "t"), ("Nat.add_comm",))])
        for symbol, name in (("t", "Nat.add_comm"), ("s7", "Nat.le_refl")):
            found = uses.rank(Query.of_symbols([symbol, "Nat"]), sight, 9)
            assert names(sight, found)[0] == name
        assert uses.nearest(Query.of_symbols(["t", "Nat"]), 1)[0][1] == pytest.approx(1, abs=1e-4)

    def test_nothing_is_left_of_what_was_replaced(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("search.retrieval.past_use.ROWS_A_PART", 4)
        uses, sight = PastUses(), sight_of()
        for version in range(100):
            uses.replace("file", [PastUse(("List", f"s{version}"), ("List.map_map",))] * 3)
        assert len(uses) == 3 and len(uses._parts) <= 2
        uses.add("other", [PastUse(("Nat",), ("Nat.add_comm",))] * 9)
        uses.replace("file", [])
        assert len(uses) == 9 and uses._places.keys() == {"other"}
        assert uses.rank(Query.of_symbols(["List"]), sight, 9) == []
        assert names(sight, uses.rank(Query.of_symbols(["Nat"]), sight, 9)) == ["Nat.add_comm"]

    def test_what_has_not_changed_is_not_learned_again(self) -> None:
        uses = PastUses()
        told = [PastUse(("List",), ("List.map_map", "Eq.trans")), PastUse(("Nat",), ())]
        uses.replace("file", told)
        before = uses._parts[0].index
        uses.replace("file", told)
        assert len(uses) == 1 and uses._parts[0].index is before


class TestFusion:
    def test_the_arithmetic(self) -> None:
        rankings = {"a": [7, 8], "b": [8, 9], "c": [7]}
        found = dict(fused(rankings, {"b": 0.5, "c": 2.0}, smoothing=5))
        assert found == {
            7: pytest.approx(1 / 6 + 2 / 6),
            8: pytest.approx(1 / 7 + 0.5 / 6),
            9: pytest.approx(0.5 / 7),
        }

    def test_best_first_and_equals_by_number(self) -> None:
        assert [number for number, _ in fused({"a": [3, 1], "b": [2, 1]})] == [1, 2, 3]

    def test_nothing_to_fuse(self) -> None:
        assert fused({}) == fused({"a": []}) == []
