"""The index of steps: what it holds after a change, and whose advice counts."""

import pytest

from search.learning.step_index import StepIndex
from tests.search.learning.hand_made import goal, step

SUM = "n : Nat\n⊢ sumTo n = n * n"


def tactics(index: StepIndex, display: str = SUM, path: str = "", name: str = "") -> list[str]:
    return [one.tactic for one in index.query(goal(display), path, name)]


def test_a_changed_file_replaces_its_steps() -> None:
    index = StepIndex()
    old, kept, new = step("old", SUM), step("kept", SUM), step("new", SUM)
    index.replace("a", [old, kept])
    index.replace("b", [step("other", SUM)])
    index.replace("a", [kept, new])
    assert len(index) == 3 and set(tactics(index)) == {"kept", "new", "other"}
    index.remove("a")
    assert len(index) == 1 and tactics(index) == ["other"]
    index.replace("b", [])
    assert len(index) == 0 and tactics(index) == []


def test_what_is_the_same_is_not_learned_anew() -> None:
    index = StepIndex()
    index.add([step("x", SUM), step("x", SUM)])
    index.add([step("x", SUM)])
    assert len(index) == 1


def test_likeness_decides_first() -> None:
    index = StepIndex()
    index.replace("a", [step("good", "m : Nat\n⊢ sumTo m = m * m")])
    index.replace("b", [step("bad", "xs : List Nat\n⊢ xs.length ≤ total xs", symbols=["LE.le"])])
    assert tactics(index, path="b")[0] == "good"


def test_of_steps_as_alike_the_near_one_comes_first() -> None:
    index = StepIndex()
    index.replace("a", [step("in_a", SUM, "A.t")])
    index.replace("b", [step("in_b", SUM, "B.t")])
    index.replace("c", [step("in_c", SUM, "C.t")])
    assert tactics(index)[0] == "in_c", "the newest"
    assert tactics(index, path="a")[0] == "in_a", "the same file"
    assert tactics(index, path="d", name="B.u")[0] == "in_b", "the same namespace"


def test_what_more_steps_did_comes_first() -> None:
    index = StepIndex()
    index.replace("a", [step("often", f"{name} : Nat\n⊢ g {name} = 1") for name in "xyz"])
    index.replace("b", [step("once", "w : Nat\n⊢ g w = 1")])
    assert tactics(index, "n : Nat\n⊢ g n = 1") == ["often", "once"]


def test_excluded_declarations_give_no_advice() -> None:
    index = StepIndex()
    index.replace("a", [step("own", SUM, "A.t"), step("other", SUM, "A.u")])
    (only,) = index.query(goal(SUM), "a", "A.t", exclude={"A.t"})
    assert only.tactic == "other" and only.score == 0


def test_pieces_of_a_macro_are_no_steps() -> None:
    index = StepIndex()
    index.replace("a", [step("b", SUM, kind="ident")])
    assert len(index) == 0


def test_scores_are_shares() -> None:
    index = StepIndex()
    index.replace("a", [step(f"t{number}", f"n : Nat\n⊢ f n = {number}") for number in range(40)])
    found = index.query(goal("n : Nat\n⊢ f n = 7"), "", "", count=5)
    assert len(found) == 5 and found[0].tactic == "t7"
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True) and all(score <= 0 for score in scores)


def test_the_revision_changes_when_the_index_has_doubled() -> None:
    index, seen = StepIndex(), []
    for number in range(9):
        seen.append(index.revision)
        index.add([step(f"t{number}", SUM)])
    assert seen == [0, 1, 2, 2, 4, 4, 4, 4, 8]


def test_scripts_that_were_found_are_steps() -> None:
    index = StepIndex()
    script = "induction n with\n| zero => rfl\n| succ n ih => simp_all [sumTo]"
    index.add_script(SUM, ["n"], ["Eq", "A.sumTo"], [], script)
    other = goal("k : Nat\n⊢ total k = k + k", symbols=["A.total"], definitions=["A.total"])
    found = [one.tactic for one in index.query(other, "", "")]
    assert "induction k" in found
    assert any("simp_all [A.total]" in tactic for tactic in found)


def test_steps_are_forgotten_without_a_trace() -> None:
    index = StepIndex()
    for version in range(100):
        index.replace("a", [step(f"t{version}", f"n : Nat\n⊢ f n = {version} + 1")])
    assert len(index) == 1 and tactics(index, "n : Nat\n⊢ f n = 5 + 1") == ["t99"]


def test_nothing_is_left_of_steps_that_had_to_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.learning.step_index.MOST_STEPS", 4)
    index = StepIndex()
    for number in range(20):
        index.add([step(f"t{number}", SUM)])
    index.replace("a", [step(f"s{number}", SUM) for number in range(6)])
    assert len(index) == 4 and set(tactics(index, path="a")) == {"s2", "s3", "s4", "s5"}
    assert [len(rows) for rows in index._files.values()] == [0, 4]
    assert len(index._templates) == 4
    index.add([step("t0", SUM)])
    assert "t0" in tactics(index), "it is learned again"
    index.remove("a")
    assert len(index) == len(index._templates) == 1


def test_what_another_step_says_too_stays_when_one_is_forgotten() -> None:
    index = StepIndex()
    index.replace("a", [step("same", SUM)])
    index.replace("b", [step("same", SUM)])
    index.remove("a")
    assert tactics(index) == ["same"] and len(index._templates) == 1
    index.remove("b")
    assert not index._templates
