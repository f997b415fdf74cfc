"""What `verify` accepts and refuses, and for which reason; the attacks are in tests/soundness."""

import pytest

from lean.document import Document, elaborate
from lean.forbidden import MAX_SCRIPT, forbidden_kinds, text_objection
from lean.insertion import apply, insertion
from lean.session import Session
from lean.verify import Policy, Reason, Verdict, verify

COMMUTES = "theorem commutes (x y : Nat) : x + y = y + x := by sorry\n"


async def judge(
    session: Session, text: str, script: str, hole: int = 0, policy: Policy | None = None
) -> Verdict:
    document = await elaborate(session, text)
    return await verify(session, document, document.holes[hole], script, policy)


async def everything_holds(session: Session, document: Document, script: str) -> None:
    """Puts `script` at every hole and elaborates the result anew."""
    edits = [insertion(document, hole, script) for hole in document.holes]
    result = await elaborate(session, apply(document.source.text, edits))
    assert result.elaborates
    assert not result.holes


HONEST = {
    "tactic": (COMMUTES, "omega"),
    "several lines": (COMMUTES, "induction x with\n| zero => simp\n| succ n h => omega"),
    "comment": (COMMUTES, "-- easy\nomega /- done -/"),
    "term": ("theorem t (x : Nat) : x < x + 1 := sorry\n", "omega"),
    "argument": ("theorem t (x : Nat) : 0 < x + 1 := id sorry\n", "omega"),
    "operand": (
        "theorem t (p q : Prop) (h : p ∧ q) : q ∧ p := by\n  constructor <;> sorry\n",
        "simp_all",
    ),
    "example": ("example : 2 + 2 = 4 := sorry\n", "rfl"),
    "section variables": (
        "section\nvariable (p : Prop) (h : p)\ninclude h\ntheorem t : p := by sorry\nend\n",
        "exact h",
    ),
    "namespace": ("namespace N\ntheorem t : True := by sorry\nend N\n", "trivial"),
    "mutual": (
        "mutual\ntheorem a : True := by sorry\ntheorem b : 1 = 1 := by trivial\nend\n",
        "trivial",
    ),
    "recursion of its own": (
        "theorem t : ∀ n : Nat, 0 ≤ n\n  | 0 => Nat.le_refl 0\n  | n + 1 => by sorry\n",
        "exact Nat.le_succ_of_le (t n)",
    ),
    "decreasing_by": (
        "def f (n : Nat) : Nat := if n = 0 then 0 else f (n / 2)\ndecreasing_by sorry\n"
        "theorem g : f 0 = 0 := by simp [f]\n",
        "omega",
    ),
    "proof inside data": (
        "def three : Fin 5 := ⟨3, sorry⟩\ntheorem t : three.val = 3 := rfl\n",
        "decide",
    ),
    "field of an instance": (
        "class Law (α : Type) [Add α] : Prop where\n  comm : ∀ a b : α, a + b = b + a\n"
        "instance : Law Nat where\n  comm := by sorry\n",
        "intro a b\nomega",
    ),
    "local notation": ('local notation "⊕⊕" => (1 : Nat)\ntheorem t : ⊕⊕ = 1 := sorry\n', "rfl"),
    "open in": ("open Nat in\ntheorem t (n : Nat) : succ n ≠ 0 := sorry\n", "exact succ_ne_zero n"),
    "universes": ("theorem t.{u} (α : Sort u) (a : α) : a = a := sorry\n", "rfl"),
    "calc": (
        "theorem t (a b : Nat) (h : a = b) : b = a := calc\n  b = a := by sorry\n",
        "exact h.symm",
    ),
    "classical": ("theorem t (p : Prop) : p ∨ ¬p := sorry\n", "exact Classical.em p"),
    "raised heartbeats": (COMMUTES, "set_option maxHeartbeats 400000 in\nomega"),
    "CRLF": ("\ufefftheorem t : 1 = 1 ∧ 2 = 2 := by sorry\r\n", "constructor\n· rfl\n· rfl"),
    "grind": (COMMUTES, "grind"),
    "deep in a big term": (
        "theorem t (f : Nat → Nat) (h : ∀ n, f n = n) : [f 1, f 2].map f = [1, 2] := by\n"
        "  have h₁ : f 1 = 1 := by sorry\n  simp [h]\n",
        "simp only [h]",
    ),
}


@pytest.mark.parametrize("name", HONEST)
async def test_honest_proofs_pass(session: Session, name: str) -> None:
    text, script = HONEST[name]
    document = await elaborate(session, text)
    verdict = await verify(session, document, document.holes[0], script)
    assert (verdict.accepted, verdict.reason, verdict.detail) == (True, None, "")
    await everything_holds(session, document, script)


UNNAMED = "example (a b : Nat) : a + b = b + a := by sorry\n"

REFUSED = {
    "sorryAx in an example": (UNNAMED, "exact sorryAx _ false", Reason.SORRY),
    "axiom in an example": (
        "axiom oops : False\nexample : 1 = 2 := by sorry\n",
        "exact oops.elim",
        Reason.AXIOM,
    ),
    "open lemma in an example": (
        "theorem early : 1 = 2 := by exact sorryAx _ false\nexample : 1 = 2 := by sorry\n",
        "exact early",
        Reason.SORRY,
    ),
    "compiler in an example": (
        "example : 2 + 2 = 4 := by sorry\n",
        "decide +native",
        Reason.COMPILER,
    ),
    "sorryAx in a check": ("#check (by sorry : 1 = 2)\n", "exact sorryAx _ false", Reason.SORRY),
    "a term behind first": (
        "theorem t (n : Nat) : n = n := by\n"
        "  first\n  | exact absurd (sorry : 1 = 2) (by decide)\n  | rfl\n",
        "rfl",
        Reason.SORRY,
    ),
    "wrong": (COMMUTES, "rfl", Reason.ERROR),
    "unfinished": (COMMUTES, "skip", Reason.ERROR),
    "not a tactic": (COMMUTES, "theorem", Reason.UNPARSED),
    "empty": (COMMUTES, " \n", Reason.FORBIDDEN_SYNTAX),
    "sorry": (COMMUTES, "sorry", Reason.FORBIDDEN_SYNTAX),
    "sorry inside": (COMMUTES, "have h : False := sorry\nexact h.elim", Reason.FORBIDDEN_SYNTAX),
    "admit": (COMMUTES, "admit", Reason.FORBIDDEN_SYNTAX),
    "stop": (COMMUTES, "stop\nomega", Reason.FORBIDDEN_SYNTAX),
    "sorryAx": (COMMUTES, "exact sorryAx _ false", Reason.SORRY),
    "another command": (COMMUTES, "omega\naxiom oops : False", Reason.UNPARSED),
    "closing the bracket": (COMMUTES, "omega)\n(skip", Reason.UNPARSED),
    "open comment": (COMMUTES, "omega /-", Reason.UNPARSED),
    "native_decide": ("theorem t : 2 + 2 = 4 := sorry\n", "native_decide", Reason.FORBIDDEN_SYNTAX),
    "native, the other way": (
        "theorem t : 2 + 2 = 4 := sorry\n",
        "decide +native",
        Reason.COMPILER,
    ),
    "option": (COMMUTES, "set_option debug.skipKernelTC true in omega", Reason.FORBIDDEN_SYNTAX),
    "option, disguised": (
        COMMUTES,
        "set_option maxHeartbeats 5 in\nset_option /- maxHeartbeats 5 in -/ pp.all true in omega",
        Reason.FORBIDDEN_SYNTAX,
    ),
    "run_tac": ("import Lean\n" + COMMUTES, "run_tac pure ()\nomega", Reason.FORBIDDEN_SYNTAX),
    "by_elab": (
        "import Lean\n" + COMMUTES,
        'exact by_elab throwError "x"',
        Reason.FORBIDDEN_SYNTAX,
    ),
    "include_str": (
        COMMUTES,
        'have := include_str "/etc/passwd"\nomega',
        Reason.FORBIDDEN_SYNTAX,
    ),
    "let rec": (COMMUTES, "let rec f : Nat := 1\nomega", Reason.FORBIDDEN_SYNTAX),
    "unsafe": (COMMUTES, "have := unsafe (1 : Nat)\nomega", Reason.FORBIDDEN_SYNTAX),
    "control character": (COMMUTES, "omega\0", Reason.FORBIDDEN_SYNTAX),
    "direction": (COMMUTES, "omega -- \u202eagemo", Reason.FORBIDDEN_SYNTAX),
    "too long": (COMMUTES, "omega --" + "x" * MAX_SCRIPT, Reason.FORBIDDEN_SYNTAX),
    "the document's axiom": (
        "axiom oops : False\n" + COMMUTES,
        "exact oops.elim",
        Reason.AXIOM,
    ),
    "an earlier sorry": (
        "theorem oops : False := sorry\n" + COMMUTES,
        "exact oops.elim",
        Reason.SORRY,
    ),
    "itself": (COMMUTES, "exact commutes x y", Reason.ERROR),
    "data": ("def d : Nat := sorry\n", "exact 0", Reason.DATA_HOLE),
    "behind a macro": (
        'macro "later" : tactic => `(tactic| sorry)\ntheorem t : True := by later\n',
        "trivial",
        Reason.NOT_EDITABLE,
    ),
    "a macro that is a sorry": (
        'macro "later" : tactic => `(tactic| sorry)\n' + COMMUTES,
        "later",
        Reason.SORRY,
    ),
    "an error elsewhere in the command": (
        "theorem t : 1 = 1 ∧ 1 = 2 := ⟨by sorry, by rfl⟩\n",
        "rfl",
        Reason.ERROR,
    ),
    "no end": (
        "theorem t : (List.range 300000).length = 300000 := by sorry\n",
        "set_option maxRecDepth 9000 in\nset_option maxHeartbeats 9999999 in\n"
        "repeat' (first | (have := 1) | rfl)\nall_goals decide",
        None,
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_everything_else_is_refused_for_its_reason(session: Session, name: str) -> None:
    text, script, reason = REFUSED[name]
    index = -1 if "oops : False := sorry" in text else 0
    verdict = await judge(session, text, script, index, Policy(seconds=5.0))
    assert not verdict.accepted
    assert verdict.detail
    assert reason is None or verdict.reason == reason


async def test_a_workspace_may_allow_its_axiom(session: Session) -> None:
    text = "axiom oops : False\n" + COMMUTES
    policy = Policy(allowed_axioms=frozenset({"oops"}))
    assert (await judge(session, text, "exact oops.elim", policy=policy)).accepted


async def test_a_workspace_may_trust_the_compiler(session: Session) -> None:
    text = "theorem t : 2 + 2 = 4 := sorry\n"
    policy = Policy(allow_compiler=True)
    verdict = await judge(session, text, "native_decide", policy=policy)
    assert verdict.accepted
    assert verdict.axioms


# Several holes, and lemmas that are not proved yet

TWO = "theorem two (x : Nat) : x < x + 1 ∧ 0 ≤ x := by\n  constructor\n  · sorry\n  · sorry\n"


async def test_one_of_two_holes_can_be_filled(session: Session) -> None:
    document = await elaborate(session, TWO)
    for hole in document.holes:
        assert (await verify(session, document, hole, "omega")).accepted
        refused = await verify(session, document, hole, "exact sorryAx _ false")
        assert refused.reason == Reason.SORRY


async def test_the_other_hole_lends_no_sorry(session: Session) -> None:
    text = "theorem two : (1 = 2) ∧ (1 = 2) := by\n  have h : 1 = 2 := sorry\n  exact ⟨h, sorry⟩\n"
    document = await elaborate(session, text)
    assert (await verify(session, document, document.holes[1], "exact h")).accepted
    oops = "theorem oops : False := sorry\n"
    document = await elaborate(session, oops + TWO)
    refused = await verify(session, document, document.holes[1], "exact oops.elim")
    assert refused.reason == Reason.SORRY


async def test_a_proof_may_stand_beside_an_unproved_lemma(session: Session) -> None:
    text = (
        "theorem lemma_ (x : Nat) : x < x + 1 := sorry\n"
        "theorem main (x : Nat) : x < x + 1 ∧ 0 ≤ x := ⟨lemma_ x, by sorry⟩\n"
    )
    document = await elaborate(session, text)
    assert (await verify(session, document, document.holes[1], "omega")).accepted
    refused = await verify(
        session, document, document.holes[1], "exact Nat.zero_le_of_lt (lemma_ x)"
    )
    assert not refused.accepted


async def test_a_choice_that_breaks_what_follows_is_refused(session: Session) -> None:
    text = (
        "def pick : { n : Nat // n < 9 } := ⟨_, (by sorry : 3 < 9)⟩\n"
        "theorem t : pick.val = 3 := rfl\n"
    )
    document = await elaborate(session, text)
    assert (await verify(session, document, document.holes[0], "decide")).accepted


async def test_verdicts_leave_nothing_behind(session: Session) -> None:
    document = await elaborate(session, HONEST["decreasing_by"][0] + TWO)
    await session.drop()
    before = await session.stats()
    for hole in document.holes:
        assert (await verify(session, document, hole, "omega")).accepted
        await verify(session, document, hole, "simp")
    await session.drop()
    after = await session.stats()
    assert (after.states, after.proofs) == (before.states, before.proofs)


def test_objections_name_what_they_object_to() -> None:
    assert "U+202E" in text_objection("omega \u202e")
    assert "U+0000" in text_objection("\0")
    assert "Unicode" in text_objection("\ud800")
    assert text_objection("omega\n· simp -- α𝒢") == ""


def test_only_harmless_options_are_let_through() -> None:
    kind = "Lean.Parser.Tactic.set_option"
    assert kind not in forbidden_kinds("set_option maxHeartbeats 400000 in omega", False)
    assert kind in forbidden_kinds("set_option maxRecDepth 100000 in omega", False)
    assert kind in forbidden_kinds("set_option maxHeartbeats 0 in omega", False)
    assert kind in forbidden_kinds("set_option pp.all true in omega", False)
