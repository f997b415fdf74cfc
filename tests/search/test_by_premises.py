"""Proofs by theorems that the strategy has to find first."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from lean.protocol import GoalFeatures
from lean.session import Session
from lean.workspace import Workspace
from search.budget import Budget
from search.retrieval.library import PremiseLibrary
from search.strategies import premises
from search.strategies.branch_scripts import behind_inductions
from search.strategies.closing import Closing
from search.strategies.premise_scripts import Choice, by_grind, together, with_fewer
from search.strategies.premises import Premises
from search.strategies.strategy import Available
from search.strategies.tries import Tries
from tests.search.proving import goal_of, provers, proves, run

CLOSERS = [one for one in provers() if isinstance(one, Closing)]


@pytest.fixture(scope="session")
async def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("premises")


@pytest.fixture
async def strategy(workspace: Workspace, folder: Path) -> AsyncIterator[Premises]:
    library = PremiseLibrary(workspace, folder)
    yield Premises(library)
    await library.close()


NEEDS_A_LIBRARY_LEMMA = (
    "theorem t (a b m n : Nat) (h : a % m = b % m) : a ^ n % m = b ^ n % m := by sorry"
)
OWN_LEMMA = """\
inductive Lst where
  | nil
  | cons (n : Nat) (xs : Lst)
def app : Lst → Lst → Lst
  | .nil, ys => ys
  | .cons x xs, ys => .cons x (app xs ys)
def rev : Lst → Lst
  | .nil => .nil
  | .cons x xs => app (rev xs) (.cons x .nil)
theorem rev_app (xs ys : Lst) : rev (app xs ys) = app (rev ys) (rev xs) := PROOF
opaque f : Lst → Nat
theorem t (xs ys : Lst) : f (rev (app ys xs)) = f (app (rev xs) (rev ys)) := by sorry
"""
PROVED = """\
by
  have nil : ∀ xs, app xs .nil = xs := by intro xs; induction xs <;> simp_all [app]
  have assoc : ∀ xs ys zs, app (app xs ys) zs = app xs (app ys zs) := by
    intro xs ys zs; induction xs <;> simp_all [app]
  induction xs <;> simp_all [app, rev]"""


async def test_a_theorem_of_the_library(session: Session, strategy: Premises) -> None:
    assert not (await run(session, CLOSERS, NEEDS_A_LIBRARY_LEMMA)).result.success
    script = await proves(session, NEEDS_A_LIBRARY_LEMMA, strategy)
    assert "Nat.pow_mod" in script


async def test_a_failure_before_all_theorems_are_read_says_nothing(
    session: Session, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = PremiseLibrary(workspace, tmp_path)
    with monkeypatch.context() as impatient:
        impatient.setattr(premises, "WAIT_SHARE", 0.0)
        found = await run(session, Premises(library), NEEDS_A_LIBRARY_LEMMA)
    assert not found.result.success and found.result.early
    assert found.result.error == "the theorems in sight have not all been read yet"
    await proves(session, NEEDS_A_LIBRARY_LEMMA, Premises(library))
    await library.close()


IN_A_NAMESPACE = """\
namespace Demo
opaque f : Nat → Nat
theorem «odd name» (n : Nat) : f n = f (n + 1) := PROOF
theorem plain (n : Nat) : f (n + 7) = f (n + 9) := PROOF
end Demo
theorem Demo.t : True := by sorry
"""


@pytest.mark.parametrize("local", [True, False])
async def test_premises_are_known_by_what_is_left_of_their_names(
    session: Session, strategy: Premises, local: bool
) -> None:
    """In the namespace of the goal names may be short, also those of other files."""
    _, goal = await goal_of(session, IN_A_NAMESPACE.replace("PROOF", "by sorry"), 2)
    tries = Tries(goal, session, Budget())
    names = ("Demo.«odd name»", "Demo.plain", "Other.plain")
    search = premises._Run(strategy.library, tries, dict.fromkeys(names, local))
    assert search.used("simp [Demo.«odd name», plain]") == (names if local else names[:2])
    assert search.used("rw [«odd name»]") == names[:1]


async def test_an_earlier_theorem_of_the_document(session: Session, strategy: Premises) -> None:
    text = OWN_LEMMA.replace("PROOF", PROVED)
    assert not (await run(session, CLOSERS, text)).result.success
    found = await run(session, strategy, text)
    assert found.result.success and found.result.premises == ("rev_app",)
    assert "rev_app" in await proves(session, text, strategy)


async def test_not_one_that_is_open_itself(session: Session, strategy: Premises) -> None:
    text = OWN_LEMMA.replace("PROOF", "by sorry")
    assert not (await run(session, strategy, text, seconds=6, number=1)).result.success


async def test_step_by_step(session: Session, strategy: Premises) -> None:
    text = (
        "structure M where\n  s : Nat\n  g : Nat → Nat\n  e : Nat → Nat\n"
        "def M.run (m : M) (n : Nat) : Nat := m.g n\n"
        "def M.out (m : M) (n : Nat) : Nat := m.e (m.run n)\n"
        "def M.not (m : M) : M := ⟨m.s, m.g, fun k => 1 - m.e k⟩\n"
        "theorem M.not_run (m : M) (n : Nat) : m.not.run n = m.run n := rfl\n"
        "theorem t (m : M) (n : Nat) : m.not.out n = 1 - m.out n := by sorry"
    )
    await proves(session, text, strategy)


async def test_predicates_by_their_constructors(session: Session, strategy: Premises) -> None:
    text = (
        "inductive Star (R : Nat → Nat → Prop) : Nat → Nat → Prop where\n"
        "  | refl (a) : Star R a a\n"
        "  | step {a b c} : R a b → Star R b c → Star R a c\n"
        "theorem Star.trans {R a b c} (h : Star R a b) (k : Star R b c) : Star R a c := by\n"
        "  induction h with\n  | refl a => exact k\n  | step r _ ih => exact .step r (ih k)\n"
        "theorem t {R a b} (h : Star (Star R) a b) : Star R a b := by sorry"
    )
    await proves(session, text, strategy)


DIGITS = """\
def digits (base n : Nat) : List Nat :=
  if h : n = 0 ∨ base < 2 then [] else n % base :: digits base (n / base)
termination_by n
decreasing_by exact Nat.div_lt_self (by omega) (by omega)
"""
PERM = """\
inductive Perm : List Nat → List Nat → Prop where
  | nil : Perm [] []
  | cons (x) {xs ys} : Perm xs ys → Perm (x :: xs) (x :: ys)
  | swap (x y xs) : Perm (y :: x :: xs) (x :: y :: xs)
  | trans {xs ys zs} : Perm xs ys → Perm ys zs → Perm xs zs
theorem left (zs) {xs ys} (h : Perm xs ys) : Perm (zs ++ xs) (zs ++ ys) := by
  induction zs with
  | nil => exact h
  | cons z zs ih => exact .cons z ih
theorem right {xs ys} (h : Perm xs ys) (zs) : Perm (xs ++ zs) (ys ++ zs) := by
  induction h with
  | nil => induction zs with
    | nil => exact .nil
    | cons z zs ih => exact .cons z ih
  | cons x _ ih => exact .cons x ih
  | swap x y xs => exact .swap x y _
  | trans _ _ ihl ihr => exact .trans ihl ihr
"""
CHAIN = """\
inductive Term where
  | num (n : Nat)
  | add (a b : Term)
inductive Step : Term → Term → Prop where
  | add (m n) : Step (.add (.num m) (.num n)) (.num (m + n))
  | left {a a'} (b) : Step a a' → Step (.add a b) (.add a' b)
  | right {b b'} (m) : Step b b' → Step (.add (.num m) b) (.add (.num m) b')
inductive Steps : Term → Term → Prop where
  | refl (a) : Steps a a
  | step {a b c} : Step a b → Steps b c → Steps a c
theorem Steps.trans {a b c} (h : Steps a b) (k : Steps b c) : Steps a c := by
  induction h with
  | refl a => exact k
  | step s _ ih => exact .step s (ih k)
theorem Steps.left {a a'} (b) (h : Steps a a') : Steps (.add a b) (.add a' b) := by
  induction h with
  | refl a => exact .refl _
  | step s _ ih => exact .step (.left b s) ih
theorem Steps.right {b b'} (m) (h : Steps b b') : Steps (.add (.num m) b) (.add (.num m) b') := by
  induction h with
  | refl b => exact .refl _
  | step s _ ih => exact .step (.right m s) ih
"""
MATCH = """\
inductive Reg where
  | char (c : Nat)
  | star (r : Reg)
inductive Match : Reg → List Nat → Prop where
  | char (c) : Match (.char c) [c]
  | nil (r) : Match (.star r) []
  | app {r v w} : Match r v → Match (.star r) w → Match (.star r) (v ++ w)
"""
LOGIC = """\
inductive Form where
  | var (i : Nat)
  | imp (a b : Form)
  | or (a b : Form)
inductive Proof : List Form → Form → Prop where
  | hyp {g a} : a ∈ g → Proof g a
  | intro {g a b} : Proof (a :: g) b → Proof g (.imp a b)
  | elim {g a b} : Proof g (.imp a b) → Proof g a → Proof g b
  | cases {g a b c} : Proof g (.or a b) → Proof (a :: g) c → Proof (b :: g) c → Proof g c
"""
SORTED = """\
def put (x : Nat) : List Nat → List Nat
  | [] => [x]
  | y :: ys => if x ≤ y then x :: y :: ys else y :: put x ys
def Below (b : Nat) (xs : List Nat) : Prop := ∀ y, y ∈ xs → b ≤ y
inductive Sorted : List Nat → Prop where
  | nil : Sorted []
  | cons (x xs) : Below x xs → Sorted xs → Sorted (x :: xs)
theorem mem_put (x y) (xs : List Nat) : y ∈ put x xs ↔ y = x ∨ y ∈ xs := by
  induction xs with
  | nil => simp [put]
  | cons z zs ih => simp only [put]; split <;> simp [ih] <;> grind
"""
EXEC = """\
inductive Exec : Nat → Nat → Nat → Prop where
  | stop (s) : Exec 0 s s
  | go {n s t} : Exec n (s + n) t → Exec (n + 1) s t
"""


@pytest.mark.parametrize(
    "text",
    [
        DIGITS + "theorem t (base n d : Nat) (h : d ∈ digits base n) : d < base := by sorry",
        PERM
        + "theorem t {a b c d} (h : Perm a b) (k : Perm c d) : Perm (a ++ c) (b ++ d) := by sorry",
        EXEC + "theorem t {n s u v} (h : Exec n s u) (k : Exec n s v) : u = v := by sorry",
        CHAIN
        + "theorem t {a b m n} (h : Steps a (.num m)) (k : Steps b (.num n)) :\n"
        + "    Steps (.add a b) (.num (m + n)) := by sorry",
        MATCH
        + "theorem t {r v w} (h : Match (.star r) v) (k : Match (.star r) w) :\n"
        + "    Match (.star r) (v ++ w) := by sorry",
        LOGIC
        + "theorem t {g d a} (h : Proof g a) (k : ∀ b, b ∈ g → b ∈ d) : Proof d a := by sorry",
        SORTED + "theorem t (x xs) (h : Sorted xs) : Sorted (put x xs) := by sorry",
    ],
    ids=[
        "a lemma about what a definition is made of",
        "backward",
        "by inversion",
        "in two steps of a chain",
        "at a value that is no variable",
        "by the same constructors",
        "a definition that only a predicate speaks of",
    ],
)
async def test_beyond_simp(session: Session, strategy: Premises, text: str) -> None:
    await proves(session, text, strategy)


async def test_one_script_for_several_goals(session: Session, strategy: Premises) -> None:
    text = (
        "theorem t (a b m n : Nat) (h : a % m = b % m) :\n"
        "    a ^ n % m = b ^ n % m ∧ b ^ n % m = a ^ n % m := by\n  constructor <;> sorry"
    )
    await proves(session, text, strategy)


async def test_nothing_is_found_for_what_is_false(session: Session, strategy: Premises) -> None:
    text = "theorem t (a b n : Nat) (h : a ^ n % 7 = b ^ n % 7) : a % 7 = b % 7 := by sorry"
    _, goal = await goal_of(session, text)
    await strategy.library.prepare(session, goal.proofs[0])
    found = await run(session, strategy, text, seconds=3)
    assert not found.result.success and found.result.error == "no relevant theorem helps"
    assert found.result.scripts_tried > 0 and found.result.heartbeats > 0


async def test_a_corpus_that_is_not_there_yet(
    session: Session, workspace: Workspace, tmp_path: Path
) -> None:
    """The strategy does what it can, and the next one finds the rest."""
    library = PremiseLibrary(workspace, tmp_path)
    try:
        _, goal = await goal_of(session, NEEDS_A_LIBRARY_LEMMA)
        await Premises(library).run(goal, session, Budget(seconds=0.05))
        assert library.building
        await library.prepare(session, goal.proofs[0])
        assert await proves(session, NEEDS_A_LIBRARY_LEMMA, Premises(library))
    finally:
        await library.close()


async def test_it_tells_the_library_what_helped(session: Session, strategy: Premises) -> None:
    await proves(session, NEEDS_A_LIBRARY_LEMMA, strategy)
    counts = {name: (seen, helped) for name, seen, helped in strategy.library.counts()}
    assert counts["Nat.pow_mod"] == (1, 1) and sum(helped for _, helped in counts.values()) < 4


async def test_nothing_is_left_behind(session: Session, strategy: Premises) -> None:
    _, goal = await goal_of(session, OWN_LEMMA.replace("PROOF", PROVED))
    await strategy.library.prepare(session, goal.proofs[0])
    before = (await session.stats()).proofs
    await strategy.run(goal, session, Budget(seconds=10))
    assert (await session.stats()).proofs == before


async def test_parameters_change_with_what_was_learned(strategy: Premises) -> None:
    from search.retrieval.past_use import PastUse

    seen = {strategy.parameters}
    for number in range(9):
        strategy.library.learn(f"{number}", [PastUse(("Nat",), ("Nat.add_comm",))])
        seen.add(strategy.parameters)
    assert 2 < len(seen) < 9
    for _ in range(20):
        strategy.library.learn("0", [PastUse(("Nat",), ("Nat.add_comm",))])
    assert strategy.parameters in seen, "reading a file again teaches nothing"


def test_it_runs_everywhere(workspace: Workspace, strategy: Premises) -> None:
    assert isinstance(strategy.available(workspace), Available)
    assert (strategy.name, strategy.family, strategy.weight) == ("premises", "premises", "light")


async def test_scripts(session: Session) -> None:
    _, goal = await goal_of(session, "theorem t (n : Nat) (h : n = n) : n + 0 = n := by sorry")
    features: GoalFeatures = (await goal.features(session))[0]
    choice = Choice(("a", "b", "c"), ("c",), frozenset(), ("d",), ("P",), looping=frozenset({"b"}))
    scripts = together(choice, features)
    assert scripts[0] == "simp [d, c]" and "simp_all [d, a, c]" in scripts
    assert not any("b" in script.split("[")[1] for script in scripts)
    assert next(choice.sets("grind")) == "d, P, c"
    refused = replace(choice, refused=frozenset({"c"}))
    assert not any("c" in script.split("[")[1] for script in by_grind(refused))


async def test_scripts_for_branches(session: Session) -> None:
    text = "def g := 2\ndef f : Nat → Nat\n  | 0 => 0\n  | n + 1 => f n + g\n"
    _, goal = await goal_of(session, text + "theorem t (n : Nat) : f n = n * g := by sorry")
    features: GoalFeatures = (await goal.features(session))[0]
    choice = replace(Choice(("a", "b"), ("b",), frozenset(), ("f", "g")), looping=frozenset({"b"}))
    scripts = list(behind_inductions(choice, features))
    assert scripts[:4] == [
        "fun_induction f n <;> simp_all [g]",
        "fun_induction f n <;> grind [g]",
        "fun_induction f n <;> grind [g, b]",
        "induction n <;> simp_all [f, g]",
    ]
    assert "induction n <;> ((try simp_all [f, g]) <;> grind [f, g])" in scripts


def test_half_of_the_names() -> None:
    script = "induction n <;> first | simp_all [a, b, c, d] | grind [c, d, e, f]"
    fewer = list(with_fewer(script))
    assert fewer[0] == "induction n <;> first | simp_all [d] | grind [d, e, f]"
    assert fewer[1] == "induction n <;> first | simp_all [a, b, c] | grind [c]"
    assert list(with_fewer("simp [a]")) == [] and list(with_fewer("omega")) == []
