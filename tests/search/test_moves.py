"""The moves that are read off a goal: their text, that Lean takes them, what they leave."""

import dataclasses

import pytest

from lean.protocol import Outcome
from lean.session import Session
from search.strategies.closers import by_remainder, specialized, witnesses
from search.strategies.inductions import general_inductions
from search.strategies.move import GOAL, Move
from search.strategies.moves import inductive_moves, moves, takes_apart
from tests.search.proving import features_of, goal_of

TREE = """\
inductive Tree where
  | leaf
  | node (left : Tree) (value : Nat) (right : Tree)
def Tree.mirror : Tree → Tree
  | leaf => leaf
  | node l x r => node r.mirror x l.mirror
def Tree.insert (t : Tree) (y : Nat) : Tree :=
  match t with
  | leaf => node leaf y leaf
  | node l x r => if y < x then node (l.insert y) x r else node l x (r.insert y)
def Tree.single (x : Nat) : Tree := .node .leaf x .leaf
"""


def theorem(statement: str) -> str:
    return f"theorem t {statement} := by sorry"


async def texts(session: Session, text: str) -> list[str]:
    return [move.text for move in moves(await features_of(session, text))]


async def made(session: Session, text: str, script: str) -> Outcome:
    """What the move with this text does to the goal that offers it."""
    document, goal = await goal_of(session, text)
    offered = [move.text for move in moves((await goal.features(session))[0])]
    assert script in offered, offered
    async for outcome in session.check(goal.proofs, [script]):
        return outcome
    raise AssertionError(document)


FIRST = {
    "implication": ("(p q : Prop) : p → q", "intro h"),
    "negation": ("(p q : Prop) : ¬ (p ∧ q)", "intro h"),
    "universal": (": ∀ x y : Nat, x = y", "intro x y"),
    "several groups": (": ∀ (x y : Nat) (z : Int), x + y = z", "intro x y z"),
    "implicit": (": ∀ {α : Type} (x y : α), x = y", "intro α x y"),
    "names taken": ("(x : Nat) (x' : Nat) : ∀ (x : Nat → Nat), x 0 = 0", "intro x''"),
    "conjunction": ("(p q : Prop) : p ∧ q", "constructor"),
    "equivalence": ("(p q : Prop) : p ↔ q", "constructor"),
    "conjunction in the context": ("(p q r : Prop) (h : p ∧ q) : r", "obtain ⟨h, h'⟩ := h"),
    "its second name taken": (
        "(p q r : Prop) (h' : p) (h : p ∧ q) : r",
        "obtain ⟨h, h''⟩ := h",
    ),
    "existential in the context": ("(f : Nat → Prop) (h : ∃ n, f n) : f 0", "obtain ⟨n, h⟩ := h"),
    "its name taken": (
        "(f : Nat → Prop) (n : Nat) (h : ∃ n, f n) : f 0",
        "obtain ⟨n', h⟩ := h",
    ),
}


@pytest.mark.parametrize("shape", FIRST)
async def test_forced_moves_come_first_and_apply(session: Session, shape: str) -> None:
    statement, expected = FIRST[shape]
    text = theorem(statement)
    features = await features_of(session, text)
    first = next(move for move in moves(features) if move.forced)
    assert (first.text, first.weight) == (expected, 0)
    assert takes_apart(features) == (next(moves(features)) == first)
    assert (await made(session, text, expected)).result == "goals"


async def test_a_bounded_universal_introduces_its_bound(session: Session) -> None:
    # Mathlib shows `∀ x ∈ xs, …` so; core writes the membership as an implication.
    features = await features_of(session, theorem("(xs : List Nat) : ∀ x ∈ xs, 0 ≤ x"))
    target = dataclasses.replace(features.target, text="∀ x ∈ xs, 0 ≤ x")
    shown = dataclasses.replace(features, target=target)
    assert "intro x h" in [move.text for move in moves(shown)]


async def test_both_sides_of_a_disjunction(session: Session) -> None:
    assert {"left", "right"} <= set(await texts(session, theorem("(p q : Prop) : p ∨ q")))


async def test_a_disjunction_in_the_context_is_split(session: Session) -> None:
    text = theorem("(p q r : Prop) (h : p ∨ q) : r")
    assert len((await made(session, text, "rcases h with h | h")).goals) == 2


class TestInduction:
    """Named alternatives, one place each, names as people give them."""

    async def test_on_a_number(self, session: Session) -> None:
        script = f"induction n with\n| zero => {GOAL}\n| succ n ih => {GOAL}"
        outcome = await made(session, theorem("(n : Nat) : n * 0 = 0 * n"), script)
        assert len(outcome.goals) == 2 and "ih :" in outcome.goals[1]

    async def test_on_a_list(self, session: Session) -> None:
        text = theorem("{α : Type} (xs : List α) : xs.length = xs.reverse.length")
        script = f"induction xs with\n| nil => {GOAL}\n| cons x xs ih => {GOAL}"
        assert len((await made(session, text, script)).goals) == 2

    async def test_on_a_type_of_the_document(self, session: Session) -> None:
        text = TREE + theorem("(t : Tree) : t.mirror = t")
        script = f"induction t with\n| leaf => {GOAL}\n| node l n r ihl ihr => {GOAL}"
        assert len((await made(session, text, script)).goals) == 2

    async def test_generalizing_what_else_the_goal_mentions(self, session: Session) -> None:
        text = theorem("(xs ys : List Nat) : (xs ++ ys).length = ys.length + xs.length")
        offered = await texts(session, text)
        general = [script for script in offered if "generalizing ys" in script]
        assert general and (await made(session, text, general[0])).result == "goals"

    async def test_nothing_is_generalized_that_depends_on_it(self, session: Session) -> None:
        offered = await texts(session, theorem("(n : Nat) (x : Fin n) : x.val < n"))
        assert not any("induction n generalizing x" in script for script in offered)

    async def test_on_a_hypothesis_that_is_an_inductive_predicate(self, session: Session) -> None:
        text = (
            "inductive Even : Nat → Prop where\n  | zero : Even 0\n"
            "  | step (n : Nat) (h : Even n) : Even (n + 2)\n"
        ) + theorem("(n : Nat) (h : Even n) : n % 2 = 0")
        script = f"induction h with\n| zero => {GOAL}\n| step n h ih => {GOAL}"
        assert len((await made(session, text, script)).goals) == 2

    async def test_before_the_introduction(self, session: Session) -> None:
        offered = await texts(session, theorem("(n : Nat) : ∀ m : Nat, n + m = m + n"))
        assert offered[0].startswith("induction n with") and "intro m" in offered

    async def test_cases_where_the_type_does_not_recurse(self, session: Session) -> None:
        text = theorem("(b c : Bool) : (b && c) = b")
        script = f"cases b with\n| false => {GOAL}\n| true => {GOAL}"
        assert len((await made(session, text, script)).goals) == 2


class TestInductionFirst:
    """The same moves in another order, and some inductions more."""

    async def test_every_move_once(self, session: Session) -> None:
        features = await features_of(session, theorem("(m n : Nat) (h : m < n) : m * n = n * m"))
        offered = [move.text for move in inductive_moves(features)]
        assert len(offered) == len(set(offered)) and offered[0].startswith("induction m ")
        assert {move.text for move in moves(features)} <= set(offered)

    async def test_the_most_general_first(self, session: Session) -> None:
        features = await features_of(session, theorem("(m n : Nat) : m * n = n * m"))
        assert next(inductive_moves(features)).text.startswith("induction m generalizing n with")

    async def test_on_calls_in_hypotheses_too(self, session: Session) -> None:
        text = TREE + theorem("(t u : Tree) (h : Tree.mirror t = u) : Tree.mirror u = t")
        offered = [move.text for move in inductive_moves(await features_of(session, text))]
        assert "fun_induction Tree.mirror t" in offered

    async def test_for_all_smaller_numbers(self, session: Session) -> None:
        _, goal = await goal_of(session, theorem("(n : Nat) : n * n = n ^ 2"))
        offered = [move.text for move in inductive_moves((await goal.features(session))[0])]
        (script,) = [text for text in offered if "strongRecOn" in text]
        async for outcome in session.check(goal.proofs, [script]):
            assert len(outcome.goals) == 1 and "ih : ∀ (m : Nat), m < n →" in outcome.goals[0]


class TestDerivations:
    """Induction on how an inductive predicate was derived."""

    STEP = (
        "inductive Step : Nat → Nat → Prop where\n  | up (n : Nat) : Step n (n + 1)\n"
        "  | two {a b : Nat} (h : Step a b) : Step a (b + 1)\n"
    )

    async def test_other_values_are_generalised(self, session: Session) -> None:
        text = self.STEP + theorem(
            "(f : Nat → Nat) (a b c d : Nat) (h : Step a b) (k : Step a c) : b = c"
        )
        offered = [move.brief for move in general_inductions(await features_of(session, text))]
        assert offered[:4] == [
            "induction h generalizing c",
            "induction k generalizing b",
            "induction h",
            "induction k",
        ]

    async def test_nothing_is_generalised_where_nothing_else_is(self, session: Session) -> None:
        text = self.STEP + theorem("(a b : Nat) (h : Step a b) : a < b")
        offered = [move.brief for move in general_inductions(await features_of(session, text))]
        assert offered[0] == "induction h" and offered.count("induction h") == 1


class TestDefinitions:
    """The document's own functions: by their own induction where they recurse, else unfolded."""

    async def test_functional_induction_on_the_call(self, session: Session) -> None:
        text = TREE + theorem("(t : Tree) : Tree.mirror t = t")
        assert len((await made(session, text, "fun_induction Tree.mirror t")).goals) == 2

    async def test_a_call_in_dot_notation(self, session: Session) -> None:
        text = TREE + theorem("(t : Tree) (y : Nat) : t.insert y = Tree.single y")
        assert len((await made(session, text, "fun_induction Tree.insert t y")).goals) == 3

    async def test_a_call_that_the_text_does_not_show(self, session: Session) -> None:
        text = TREE + theorem("(y : Nat) : Tree.mirror (Tree.single y) = Tree.single y")
        assert "fun_induction Tree.mirror" in await texts(session, text)

    async def test_a_call_that_lacks_arguments_is_none(self, session: Session) -> None:
        text = TREE + theorem("(t : Tree) (y z : Nat) : t.insert y = Tree.insert t (y + z)")
        calls = [one for one in await texts(session, text) if one.startswith("fun_induction")]
        assert calls == ["fun_induction Tree.insert t y"]

    async def test_recursion_over_several_arguments_at_once(self, session: Session) -> None:
        text = (
            "def euclid (a b : Nat) : Nat := if h : b = 0 then a else euclid b (a % b)\n"
            "termination_by b\ndecreasing_by exact Nat.mod_lt _ (by omega)\n"
        ) + theorem("(a b : Nat) : euclid a b = Nat.gcd a b")
        assert len((await made(session, text, "fun_induction euclid a b")).goals) == 2

    async def test_unfolding(self, session: Session) -> None:
        text = TREE + theorem("(t : Tree) (y : Nat) : t.insert y = Tree.single y")
        outcome = await made(session, text, "unfold Tree.single")
        assert "Tree.single" not in outcome.goals[0]


class TestConditions:
    """`if` and `match`, in the target, in a hypothesis; statements to decide."""

    async def test_in_the_target(self, session: Session) -> None:
        text = theorem("(n : Nat) : (if n < 3 then 1 else 2) ≤ 2")
        assert len((await made(session, text, "split")).goals) == 2

    async def test_in_a_hypothesis(self, session: Session) -> None:
        text = theorem("(n : Nat) (h : (if n < 3 then 1 else 2) = 2) : 3 ≤ n")
        assert len((await made(session, text, "split at h")).goals) == 2

    async def test_a_universal_inside_the_target(self, session: Session) -> None:
        text = theorem("(α : Type) (p : α → Prop) (key : α) : ∃ x, p x → ∀ y, p y")
        assert len((await made(session, text, "by_cases key' : ∀ (y : α), p y")).goals) == 2

    async def test_a_boolean_function(self, session: Session) -> None:
        text = theorem("(f : Bool → Bool) (b : Bool) : f (f (f b)) = f b")
        script = "cases ht : f true <;> cases hf : f false"
        assert len((await made(session, text, script)).goals) == 4


@pytest.mark.parametrize("move", ["funext x", "ext x"])
async def test_equal_functions_are_equal_pointwise(session: Session, move: str) -> None:
    outcome = await made(session, theorem("(f g : Nat → Nat) : f = g"), move)
    assert "⊢ f x = g x" in outcome.goals[0]


class TestWitnesses:
    """Small terms for an existential."""

    async def test_those_of_the_goal_come_first(self, session: Session) -> None:
        features = await features_of(session, theorem("(a b : Nat) : ∃ c, a < c ∧ b < c"))
        found = witnesses(features)
        assert found[:4] == ["a", "b", "0", "1"]
        assert {"a + b + 1", "b * a", "b + a", "a + 1", "2 * b"} <= set(found)

    async def test_of_the_wanted_type(self, session: Session) -> None:
        text = theorem("(a : Nat) (xs : List Nat) : ∃ ys : List Nat, ys ≠ xs ∧ a = a")
        assert "refine ⟨[], ?_⟩" in [
            f"refine ⟨{term}, ?_⟩" for term in witnesses(await features_of(session, text))
        ]

    async def test_a_refinement_leaves_the_rest(self, session: Session) -> None:
        text = theorem("(a b : Nat) (h : a < b) : ∃ c, a < c")
        assert "⊢ a < b" in (await made(session, text, "refine ⟨b, ?_⟩")).goals[0]


async def test_a_remainder_is_taken_of_each_number(session: Session) -> None:
    features = await features_of(session, theorem("(m n : Nat) : m * n % 2 = n * m % 2"))
    found = by_remainder(features)
    assert [script.split(" := ")[0] for script in found] == [
        "have key : m % 2 = 0 ∨ m % 2 = 1",
        "have key : n % 2 = 0 ∨ n % 2 = 1",
    ]


async def test_a_universal_hypothesis_is_used_at_a_variable(session: Session) -> None:
    text = theorem("(f : Nat → Nat) (a : Nat) (h : ∀ n, f n = n) : f a = a")
    assert "have := h a; grind" in specialized(await features_of(session, text))


def test_a_move_that_is_not_forced_costs_depth() -> None:
    assert (Move("split").weight, Move("constructor", forced=True).weight) == (1, 0)
