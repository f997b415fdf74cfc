"""Goals as theorems of their own: they elaborate above the hole, mean the same, and prove it."""

import pytest

from lean.document import Document, elaborate
from lean.lemma import Lemma, lemma_statement
from lean.session import Session


async def lemma_of(session: Session, text: str) -> tuple[Document, Lemma | None]:
    """The lemma for the last hole of a text."""
    document = await elaborate(session, text)
    assert document.errors == (), document.errors
    hole = document.holes[-1]
    before = document.commands[hole.command].before
    held = await session.stats()
    lemma = await lemma_statement(session, before, hole.proofs[0], 0, "helper")
    after = await session.stats()
    assert (held.states, held.proofs) == (after.states, after.proofs)
    return document, lemma


async def served(session: Session, text: str) -> Lemma:
    """The lemma; the hole is proved by it, in the text with the lemma above."""
    document, lemma = await lemma_of(session, text)
    assert lemma is not None
    hole = document.holes[-1]
    command = document.commands[hole.command]
    data = document.source.data
    above, between = data[: command.start], data[command.start : hole.start]
    filled = f"{lemma.statement} := by\n  sorry\n".encode()
    script = lemma.application if hole.syntax_mode == "term" else f"exact {lemma.application}"
    new = above + filled + between + script.encode() + data[hole.end :]
    result = await elaborate(session, new.decode())
    assert result.errors == (), (new.decode(), result.errors)
    assert len(result.holes) == len(document.holes)
    return lemma


async def test_a_statement_reads_as_people_write_it(session: Session) -> None:
    lemma = await served(
        session,
        "example (n m k : Nat) (h : n < m) (unused : k = 3) : n + 1 ≤ m := by\n  sorry",
    )
    assert lemma.statement == "theorem helper (n m : Nat) (h : n < m) : n + 1 ≤ m"
    assert lemma.application == "helper n m h"


TREE = """inductive Tree (α : Type u) where
| leaf : Tree α
| node : Tree α → α → Tree α → Tree α
namespace Tree
def size : Tree α → Nat
| leaf => 0
| node l _ r => l.size + 1 + r.size
"""


@pytest.mark.parametrize(
    "text",
    [
        # Names that a script can't write, a universe, an instance.
        TREE + "theorem size_pos [DecidableEq α] (t : Tree α) (h : t ≠ leaf) : 0 < t.size := by\n"
        "  cases t\n  · contradiction\n  · sorry",
        TREE + "theorem a (t : Tree α) : t.size + 0 = t.size := by\n"
        "  induction t with\n  | leaf => rfl\n  | node l x r ihl ihr => sorry",
        # What the printer hides: coercions, types of numerals, a type that nothing else tells.
        "example (n : Nat) (i : Int) (h : (n : Int) < i) : ((n + 1 : Nat) : Int) ≤ i := by sorry",
        "example : ∃ n : Int, n * n = 4 ∧ n < 0 := by sorry",
        "example (xs : List Nat) (h : 0 < xs.length) : xs[0] ∈ xs := by sorry",
        "example : (fun x : Nat => x) = id := sorry",
        "theorem t (n : Nat) (h : n ≠ 0) : (match n with | 0 => 1 | k + 1 => k) < n := by sorry",
        # Names of the section, and of two hypotheses at once.
        "section\nuniverse u\nvariable {α : Type u} [Add α] (x y : α)\n"
        "example (h : x + y = y) : y = x + y := by sorry\nend",
        "example (h : 1 = 1) (p q : Prop) (h : p ∧ q) : q := by\n"
        "  cases h\n  rename_i h h\n  sorry",
        "def f (n : Nat) := n\nexample (f : Nat → Nat) (n : Nat) (h : f n = _root_.f n) :"
        " f n = n := by sorry",
        "open Nat in\nexample (n : Nat) (h : succ n = 2) : n = 1 := by sorry",
    ],
)
async def test_the_lemma_proves_the_goal(session: Session, text: str) -> None:
    await served(session, text)


async def test_what_is_no_statement_gives_none(session: Session) -> None:
    _, local_definition = await lemma_of(
        session, "example (n : Nat) : n + 0 = n := by\n  let m := n\n  show m = n\n  sorry"
    )
    assert local_definition is None
    _, metavariable = await lemma_of(
        session, "example : ∃ n : Nat, n < 3 := by\n  refine ⟨?_, ?h⟩\n  case h => sorry\n  exact 0"
    )
    assert metavariable is None
