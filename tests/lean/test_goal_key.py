"""Goal keys: blind to names, order and spacing; sharp for everything that changes the meaning."""

import itertools
import random
import re
from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lean.document import elaborate
from lean.goal_key import GoalKey, goal_key
from lean.session import Session


async def keys(session: Session, text: str) -> list[GoalKey]:
    """The key of each hole of a text, which must elaborate."""
    document = await elaborate(session, text)
    assert document.errors == (), document.errors
    found = [await goal_key(session, hole.proofs) for hole in document.holes]
    states = [command.after for command in document.commands]
    session.discard(states, [proof for hole in document.holes for proof in hole.proofs])
    return found


async def key(session: Session, text: str) -> GoalKey:
    (found,) = await keys(session, text)
    return found


async def same(session: Session, *texts: str) -> None:
    found = [await key(session, text) for text in texts]
    assert len({one.key for one in found}) == 1, "\n\n".join(one.canonical for one in found)


async def different(session: Session, *texts: str) -> None:
    found = [await key(session, text) for text in texts]
    assert len({one.key for one in found}) == len(texts), "\n\n".join(o.canonical for o in found)


async def test_names_of_the_theorem_its_variables_and_universes_do_not_matter(
    session: Session,
) -> None:
    await same(
        session,
        "theorem a.{u} (α : Type u) (xs : List α) : ∃ n : Nat, xs.length = n := sorry",
        "theorem b.{v} (β : Type v) (l : List β) : ∃ k : Nat, l.length = k := by\n  -- so\n  sorry",
        "universe w\nvariable {γ : Type w}\nexample : ∀ l : List γ, ∃ k, l.length = k := by\n"
        "  intro l; sorry",
    )


async def test_order_and_brackets_of_hypotheses_do_not_matter(session: Session) -> None:
    await same(
        session,
        "example (a b c : Nat) (h : a < b) (g : b < c) (o : a ≠ 1) : a < c := sorry",
        "example {z x y : Nat} (p : y ≠ 1) (q : x < z) {r : y < x} : y < z := sorry",
    )
    # Hypotheses that only each other's place tells apart.
    await same(
        session,
        "example (p q r : Prop) (h : p → q) (g : q → r) (k : r → p) (s : p) : False := sorry",
        "example (q p r : Prop) (k : r → q) (s : r) (g : p → r) (h : q → p) : False := sorry",
    )


async def test_what_is_said_matters(session: Session) -> None:
    await different(
        session,
        "example (a b : Nat) (h : a < b) : a + 1 ≤ b := sorry",
        "example (a b : Nat) (h : a < b) : a + 2 ≤ b := sorry",
        "example (a b : Nat) (h : b < a) : a + 1 ≤ b := sorry",
        "example (a b : Int) (h : a < b) : a + 1 ≤ b := sorry",
        "example (a b : Nat) (h : a ≤ b) : a + 1 ≤ b := sorry",
        "example (a : Nat) (h : a < a) : a + 1 ≤ a := sorry",
    )
    await different(
        session,
        "example : ∀ n : Nat, ∃ m : Nat, n < m := sorry",
        "example : ∃ m : Nat, ∀ n : Nat, n < m := sorry",
        "example : ∀ n : Nat, ∃ m : Nat, m < n := sorry",
        "example (n : Nat) : ∃ m : Nat, n < m := sorry",
    )
    await different(
        session,
        'example (s : String) : s = "a b" := sorry',
        'example (s : String) : s = "a  b" := sorry',
        'example (s : String) : s = "#0" := sorry',
        "example (s : String) : s = s := sorry",
    )
    await different(
        session,
        "example (α : Type) (a b : α) : a = b := sorry",
        "example (α : Type 1) (a b : α) : a = b := sorry",
        "universe u\nexample (α : Type u) (a b : α) : a = b := sorry",
    )


async def test_unused_hypotheses_are_kept_apart(session: Session) -> None:
    alone, more, most = await keys(
        session,
        "example (a b : Nat) (h : a < b) : a ≤ b := sorry\n"
        "example (x c : Nat) (a b : Nat) (k : x = 3) (h : a < b) : a ≤ b := sorry\n"
        "example (a b : Nat) (h : a < b) (f : False) : a ≤ b := sorry",
    )
    assert alone.core == alone.key
    assert more.core == alone.key and more.key != alone.key
    # A proposition about no variable at all may matter to any goal.
    assert most.core == most.key
    assert more.hypotheses == ("a", "b", "h", "x", "k", "c")


async def test_hypotheses_are_named_in_the_same_order(session: Session) -> None:
    first, second, third, fourth = await keys(
        session,
        "example (a b c : Nat) (h : a < b) (g : b < c) : a < c := sorry\n"
        "example (z x y : Nat) (q : x < z) (r : y < x) : y < z := sorry\n"
        "example : ∀ n : Nat, n = n := by\n  intro; sorry\n"
        "example (h : Nat) (p : h = h) (h : p = p) : p = p := sorry",
    )
    assert dict(zip(first.hypotheses, second.hypotheses, strict=True)) == {
        "a": "y", "b": "x", "c": "z", "h": "r", "g": "q",
    }  # fmt: skip
    # What a script can't name: what has no name, and what a later one hides.
    assert third.hypotheses == ("",)
    assert fourth.hypotheses == ("", "p", "h")


async def test_definitions_of_the_document_count_with_what_they_say(session: Session) -> None:
    goal = "theorem {name} (n : Nat) : double n = 4 := sorry"
    twice = "def double (n : Nat) : Nat := n + n\n"
    await same(
        session,
        twice + goal.format(name="a"),
        "-- another file\ndef double (m : Nat) :=\n  m + m\n\n" + goal.format(name="b"),
    )
    indirect = "def two := {two}\ndef double (n : Nat) : Nat := two * n\n"
    await different(
        session,
        twice + goal.format(name="a"),
        "def double (n : Nat) : Nat := n + n + n\n" + goal.format(name="a"),
        indirect.format(two=2) + goal.format(name="a"),
        indirect.format(two=3) + goal.format(name="a"),
    )
    tree = "inductive Tree where\n| leaf : Tree\n| node : {field} → Tree → Tree\n"
    about = "example (t : Tree) : ∃ (a : {field}) (s : Tree), t = .node a s := sorry"
    await different(
        session,
        (tree + about).format(field="Tree"),
        (tree + about).format(field="Nat"),
    )


async def test_definitions_count_whatever_they_are_called(session: Session) -> None:
    private = (
        "private inductive Tree where\n| leaf : Tree\n| node : Tree → Tree → Tree\n"
        "private def Tree.size : Tree → Nat\n| leaf => {size}\n| node l r => l.size + r.size\n"
        "example (t : Tree) : t.size = 4 := sorry"
    )
    await different(session, private.format(size=1), private.format(size=2))
    made = (
        "structure Box where\n  x : Nat\n"
        "def Box.below (b : Box) := b.x + {below}\ndef Box._inner (b : Box) := b.x + {inner}\n"
        "example (b : Box) : b.below = b._inner := sorry"
    )
    await different(
        session,
        made.format(below=1, inner=2),
        made.format(below=1, inner=3),
        made.format(below=2, inner=3),
    )


async def test_a_definition_that_is_being_made_counts_by_name_and_type(session: Session) -> None:
    text = (
        "def {f} (n : Nat) : {type} :=\n  if h : n = 0 then 0 else\n"
        "  have : {f} (n - 1) = {f} (n - 1 + 0) := by sorry\n  {f} (n - 1)\n"
    )
    await different(
        session,
        text.format(f="f", type="Nat"),
        text.format(f="f", type="Int"),
        text.format(f="g", type="Nat"),
    )


async def test_what_the_elaborator_splits_off_is_taken_by_content(session: Session) -> None:
    statement = "(n : Nat) : (match n with | 0 => {a} | k + 1 => k) = 0 := sorry"
    await same(
        session,
        "theorem a " + statement.format(a=1),
        "namespace N\ntheorem other " + statement.format(a=1),
        f"theorem a {statement.format(a=2)}\ntheorem b {statement.format(a=1)}".replace(
            "2 | k + 1 => k) = 0 := sorry", "2 | k + 1 => k) = 0 ∨ True := .inr trivial"
        ),
    )
    await different(
        session, "theorem a " + statement.format(a=1), "theorem a " + statement.format(a=2)
    )


async def test_surroundings_are_the_statements_above(session: Session) -> None:
    below = "theorem t (n : Nat) : n = n := sorry"
    above = "theorem l (n : Nat) : n + 0 = n := {proof}\ndef f (n : Nat) := {body}\n"
    texts = [
        below,
        above.format(proof="rfl", body="n") + below,
        above.format(proof="by simp", body="n") + "-- said\n\n" + below,
        above.format(proof="rfl", body="n + 1") + below,
        above.format(proof="rfl", body="n").replace("n + 0", "0 + n").replace("rfl", "sorry")
        + below,
    ]
    found = [(await keys(session, text))[-1] for text in texts]
    assert len({one.key for one in found}) == 1
    bare, one, commented, other_body, other_statement = (one.surroundings for one in found)
    assert one == commented
    assert len({bare, one, other_body, other_statement}) == 4


async def test_a_hole_with_several_goals_has_one_key(session: Session) -> None:
    left, right, both, turned = await keys(
        session,
        "example (p q : Prop) : p := sorry\n"
        "example (p q : Prop) (h : q) : q := sorry\n"
        "example (p q : Prop) (h : p ∧ q) : q ∧ p := by constructor <;> sorry\n"
        "example (q p : Prop) (h : q ∧ p) : p ∧ q := by constructor <;> sorry\n",
    )
    assert left.key != right.key
    assert both.key == turned.key
    assert both.key not in (left.key, right.key)


async def test_a_goal_too_large_for_canonical_text_has_the_key_of_its_display(
    session: Session,
) -> None:
    # Each equation doubles the goal, in which Lean shares what is written twice.
    names = [f"x{index}" for index in range(15)]

    def text(last: str) -> str:
        equations = " ".join(f"(_ : {y} = f {x} {x})" for x, y in itertools.pairwise(names))
        variables = f"(f : Nat → Nat → Nat) ({' '.join(names)} : Nat)"
        return f"example {variables} {equations} : {last} = 0 := by\n  subst_vars\n  sorry\n"

    one, again, other = await keys(session, text("x14") + text("x14") + text("f x14 x13"))
    assert one.key == again.key == one.core
    assert one.canonical.startswith("f : Nat → Nat → Nat\nx0 : Nat\n⊢ f")
    # What the display leaves out counts too.
    assert "⋯" in one.canonical and one.key != other.key


# Statements from a small grammar, each said several times: with other names, in another order, with
# other spacing. `<v>` stands for a name.

SHAPES = {"Nat": ("0", "1", "{} + {}", "{} * {}"), "Int": ("0", "2", "{} - {}", "{} + {}")}
CONTRASTS = (
    ("∀ <k> : Nat, ∃ <m> : Nat, <k> < <m>", "∃ <m> : Nat, ∀ <k> : Nat, <k> < <m>"),
    ("∀ <k> : Nat, <k> + 3 = 3", "∀ <k> : Nat, <k> + 4 = 3"),
    ("∀ <k> : Nat, <k> = <k>", "∀ <k> : Int, <k> = <k>"),
    ("∀ <k> <m> : Nat, <k> ≤ <m>", "∀ <k> <m> : Nat, <m> ≤ <k>"),
    ("∃ <k> : Nat, <k> < 2", "∃ <k> : Nat, <k> ≤ 2"),
    ("s = s", "s = s.reverse"),
)
"""What a statement may hold, and what then makes it another one."""


@dataclass(frozen=True)
class Statement:
    """Types of the variables `<v0>`, `<v1>` …, facts and a target about them."""

    kinds: tuple[str, ...]
    facts: tuple[str, ...]
    target: str

    def said(self, randomness: random.Random, name: str) -> str:
        names: dict[str, str] = {}

        def chosen(found: re.Match[str]) -> str:
            return names.setdefault(found[1], f"{randomness.choice('abcxyz')}{len(names)}")

        variables = [f"(<v{index}> : {kind})" for index, kind in enumerate(self.kinds)]
        facts = [f"(h{randomness.randrange(10**6)} : {fact})" for fact in self.facts]
        randomness.shuffle(variables)
        randomness.shuffle(facts)
        universe = randomness.choice("uvw")
        start = f"theorem {name}.{{{universe}}}"
        words = [start, f"(α : Type {universe}) (s : List α)", *variables, *facts, ":", self.target]
        space = randomness.choice([" ", "\n    ", "  "])
        return re.sub("<([a-z0-9]+)>", chosen, space.join([*words, ":= by", "sorry\n"]))


@st.composite
def contrasts(draw: st.DrawFn) -> tuple[Statement, Statement]:
    """Two statements that differ in one place."""
    kinds = tuple(draw(st.lists(st.sampled_from(sorted(SHAPES)), min_size=1, max_size=4)))

    def term(kind: str, depth: int) -> str:
        variables = [f"<v{index}>" for index, of in enumerate(kinds) if of == kind]
        shape = draw(st.sampled_from([*variables, *SHAPES[kind][: 4 if depth else 2]]))
        return (
            f"({shape.format(*(term(kind, depth - 1) for _ in range(shape.count('{}'))))} : {kind})"
        )

    def proposition(depth: int) -> str:
        relation = draw(st.sampled_from(["=", "<", "∧", "→"] if depth else ["=", "≤"]))
        if relation in "∧→":
            return f"({proposition(depth - 1)} {relation} {proposition(depth - 1)})"
        kind = draw(st.sampled_from(sorted(SHAPES)))
        return f"({term(kind, 2)} {relation} {term(kind, 1)})"

    facts = tuple(proposition(1) for _ in range(draw(st.integers(0, 3))))
    target = proposition(2)
    one, other = (
        Statement(kinds, facts, f"({contrast}) ∧ s = s ∧ {target}")
        for contrast in draw(st.sampled_from(CONTRASTS))
    )
    return one, other


@given(st.lists(contrasts(), min_size=8, max_size=8), st.randoms(use_true_random=False))
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), database=None)
async def test_other_words_same_key_and_another_meaning_another_key(
    session: Session, pairs: list[tuple[Statement, Statement]], randomness: random.Random
) -> None:
    spoken = [
        statement.said(randomness, f"t{index}")
        for index, statement in enumerate(
            statement for one, other in pairs for statement in (one, one, one, other)
        )
    ]
    found = [one.key for one in await keys(session, "".join(spoken))]
    for start in range(0, len(found), 4):
        first, second, third, other = found[start : start + 4]
        assert first == second == third, spoken[start : start + 3]
        assert first != other, spoken[start : start + 4]
