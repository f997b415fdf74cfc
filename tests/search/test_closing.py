"""What the closers find on a goal as it stands, family by family, and in what form.

Proofs of several steps: test_structure.py; time and what is left behind: test_search_budget.py.
"""

import pytest

from lean.session import Session
from lean.workspace import Workspace
from search.arms import default_arms
from search.budget import Budget
from search.strategies.closers import PROBED, Family, closers, closers_of, is_search
from search.strategies.closing import Closing
from search.strategies.strategy import Available
from tests.search.proving import features_of, goal_of, provers, proves, run

FAMILIES: tuple[Family, ...] = (
    "evaluate",
    "logic",
    "arithmetic",
    "simplify",
    "grind",
    "library",
)
CLOSED = {
    "(a : Nat) : a = a": "rfl",
    ": True": "trivial",
    "(p q : Prop) (h : p) (g : q) : q": "assumption",
    "(p : Prop) (h : False) : p": "contradiction",
    "(p : Prop) (h : p) (g : ¬p) : 1 = 2": "contradiction",
    ": ¬ 7 ∣ 15": "decide",
    ": ∀ b : Bool, (b || !b) = true": "decide",
    "(a b : Bool) : (a && b) = (b && a)": "revert a b; decide",
    "(x : Fin 5) : x + x = 2 * x": "revert x; decide",
    "(a b c : Nat) (h : a < b) : a + c < b + c": "omega",
    "(a b : Int) (h : 2 * a = 2 * b) : b = a": "omega",
    "(α : Type) (xs : List α) : xs ++ [] = xs": "simp",
    "(f : Nat → Nat) (a b : Nat) (h : f a = b) (g : a = 0) : f 0 = b": "simp_all",
    "(x y : BitVec 8) : x &&& y = y &&& x": "ac_rfl",
    "(x y : BitVec 32) (h : x < y) : x ≠ y": "bv_omega",
    "(p q : Nat → Prop) (h : ∀ n, p n → q n) (a : Nat) (g : p a) : ∃ n, q n": "grind",
    "(a b c : Nat) (h : a ∣ b) (k : a ∣ c) : a ∣ b + c": "exact Nat.dvd_add h k",
    ": ∃ n : Nat, n * n = 49": "exact ⟨7, by decide⟩",
    "(a b : Nat) : ∃ c, a < c ∧ b < c": "exact ⟨a + b + 1, by omega⟩",
}


@pytest.mark.parametrize("statement", CLOSED)
async def test_a_closer_that_fits_the_goal(session: Session, statement: str) -> None:
    assert await proves(session, f"theorem t {statement} := by sorry") == CLOSED[statement]


async def test_a_warm_search_is_replaced_by_what_it_found(session: Session) -> None:
    script = await proves(session, "theorem t (a b : Nat) (h : a ∣ b) : a ∣ b * 2 := by sorry")
    assert not is_search(script)


async def test_what_the_search_needs_is_stated_before_it(session: Session) -> None:
    text = "theorem t (a pos : Nat) (h : ¬pos = 0) : a % pos < pos := by sorry"
    script = await proves(session, text, Closing("library", "library"))
    assert script == "have pos' : 0 < pos := by omega\nexact Nat.mod_lt a pos'"


async def test_the_documents_definitions_are_unfolded(session: Session) -> None:
    text = (
        "def twice (n : Nat) : Nat := n + n\n"
        "theorem t (xs : List Nat) : (xs.map twice).length = xs.length + twice 0 := by sorry"
    )
    assert await proves(session, text) == "simp [twice]"


async def test_definitions_that_definitions_are_made_of_too(session: Session) -> None:
    text = (
        "def inner (n : Nat) : Nat := n + 1\n"
        "def outer (n : Nat) : Nat := inner (inner n)\n"
        "theorem t (n : Nat) (h : n < 5) : outer n < 8 := by sorry"
    )
    assert "[outer, inner]" in await proves(session, text)


async def test_remainders(session: Session) -> None:
    script = await proves(session, "theorem t (n : Nat) : n * n % 3 ≠ 2 := by sorry")
    assert script.split("\n") == [
        "have key : n % 3 = 0 ∨ n % 3 = 1 ∨ n % 3 = 2 := by omega",
        "rcases key with key | key | key <;> simp [Nat.mul_mod, key]",
    ]


async def test_remainders_of_two_digits(session: Session) -> None:
    script = await proves(session, "theorem t (n : Nat) : n * n % 10 ≠ 2 := by sorry")
    assert "n % 10 = 9" in script


async def test_remainders_where_the_name_is_taken(session: Session) -> None:
    text = "theorem t (key : Nat) : (key * key + key) % 2 = 0 := by sorry"
    assert "have key' : key % 2 = 0 ∨ key % 2 = 1" in await proves(session, text)


class TestSeveralProofStates:
    """One `sorry` behind `<;>` stands for several goals: one script must do for all."""

    async def test_the_same_closer(self, session: Session) -> None:
        text = "theorem t (p q : Prop) (hp : p) (hq : q) : p ∧ q := by\n  constructor <;> sorry"
        assert await proves(session, text) == "assumption"

    async def test_not_the_first_that_does_for_one(self, session: Session) -> None:
        text = (
            "theorem t (a b : Nat) (h : a = b) : b = a ∧ a + 0 = b := by\n  constructor <;> sorry"
        )
        assert await proves(session, text) == "omega"

    async def test_introductions_before_it(self, session: Session) -> None:
        text = (
            "theorem t (p q : Prop) (hp : p) (hq : q) : (Nat → p) ∧ (Nat → q) := by\n"
            "  constructor <;> sorry"
        )
        script = await proves(session, text, Closing("hypotheses", "logic"))
        assert script == "intros; assumption"

    async def test_nothing_where_one_of_them_is_false(self, session: Session) -> None:
        text = "theorem t (a : Nat) : a = a ∧ a = 0 := by\n  constructor <;> sorry"
        assert not (await run(session, provers(), text)).result.success


CLOSERS = [one for one in provers() if isinstance(one, Closing)]

FALSE = [
    "(n : Nat) : n < 5",
    "(n : Nat) (h : 3 < n) : n * n < n",
    ": ∃ n : Nat, n < 0",
    "(p q : Prop) (h : p → q) : q → p",
    "(xs : List Nat) : xs.reverse = xs",
    "(α : Type) (a b : α) : a = b",
    "(f : Bool → Bool) : f (f true) = true",
]


@pytest.mark.parametrize("statement", FALSE)
async def test_nothing_is_found_for_what_is_false(session: Session, statement: str) -> None:
    found = await run(session, CLOSERS, f"theorem t {statement} := by sorry")
    assert not found.result.success and found.result.tactics == ()
    assert found.result.error


class TestProbing:
    """Tactics of Mathlib are used where they exist, and only there."""

    async def test_absent_ones_are_not_tried(self, session: Session) -> None:
        features = await features_of(session, "theorem t (a b : Int) : a * b = b * a := by sorry")
        assert not set(PROBED) & set(closers(features))
        assert {"ring", "nlinarith"} <= set(closers(features, PROBED))

    async def test_one_that_the_document_knows_is_used(self, session: Session) -> None:
        text = (
            "opaque Fact : Prop\naxiom fact : Fact\n"
            'macro "positivity" : tactic => `(tactic| exact fact)\n'
            "theorem t : Fact := by sorry"
        )
        assert (await run(session, provers(), text)).result.script == "positivity"


async def test_every_closer_has_a_family(session: Session) -> None:
    text = "theorem t (a b : Nat) (h : a < b) : ∃ c, a + c = b ∧ c % 2 < 2 := by sorry"
    features = await features_of(session, text)
    by_family = [script for one in FAMILIES for script in closers_of(one, features, PROBED)]
    assert sorted(by_family) == sorted(closers(features, PROBED))
    assert closers_of("library", features)[0] == "exact?"


async def test_a_family_tries_no_others(session: Session) -> None:
    text = "theorem t (p q : Prop) (h : p) : q ∨ p := by sorry"
    assert not (await run(session, Closing("evaluate", "evaluate"), text)).result.success
    assert await proves(session, text, Closing("simplify", "simplify")) == "simp_all"


async def test_what_failed_is_not_tried_again(session: Session) -> None:
    _, goal = await goal_of(session, "theorem t (n : Nat) : n < 5 := by sorry")
    strategy = Closing("arithmetic", "arithmetic")
    first = await strategy.run(goal, session, Budget())
    again = await strategy.run(goal, session, Budget())
    assert first.scripts_tried > 0 and again.scripts_tried == 0
    assert goal.has_failed(goal.text, "omega", 0)


async def test_a_result_tells_what_it_cost(session: Session) -> None:
    text = "theorem t (a b : Nat) : a + b = b + a := by sorry"
    result = (await run(session, Closing("arithmetic", "arithmetic"), text)).result
    assert (result.strategy, result.error, result.refutation) == ("arithmetic", "", None)
    assert result.scripts_tried >= 1 and result.heartbeats > 0 and result.time_seconds > 0
    assert result.tactics == ("omega",) and result.script == "omega"


def test_all_run_everywhere_but_those_that_need_a_model(workspace: Workspace) -> None:
    for arm in default_arms():
        available = isinstance(arm.strategy.available(workspace), Available)
        assert available == (arm.strategy.family != "generation")
