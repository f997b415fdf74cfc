"""Answers of a language model: what is taken for tactics, and what is refused."""

import pytest

from search.sketching.answer import MAX_ANSWER, MAX_DRAFT, Malformed, read_answer

DECLARATION = "/-- Sums. -/\n@[simp] theorem t (a b : Nat) : a + b = b + a := by\n  "


def fenced(code: str, before: str = "Use symmetry.") -> str:
    return f"{before}\n\n```lean\n{code}\n```\n"


def test_plan_and_block() -> None:
    answer = read_answer(fenced("have h : 1 = 1 := by sorry\nexact foo h sorry"))
    assert answer.plan == "Use symmetry."
    assert answer.script == "have h : 1 = 1 := by sorry\nexact foo h sorry"
    assert answer.holes == 2


@pytest.mark.parametrize(
    ("written", "script"),
    [
        ("  intro x\n  simp", "intro x\nsimp"),
        ("by\n  intro x\n  simp", "intro x\nsimp"),
        ("by intro x\n   simp", "intro x\nsimp"),
        (
            "by induction n with\n  | zero => simp\n  | succ n ih => omega",
            "induction n with\n| zero => simp\n| succ n ih => omega",
        ),
        ("  simp -- as /- always\n\n  omega /- a /- nested -/ end -/", "simp\nomega"),
        ("admit", None),
        ("constructor\n· admit\n· simp", "constructor\n· sorry\n· simp"),
        ("exact admitted h.admit", "exact admitted h.admit"),
        ('exact f "-- sorry" \'"\' sorry', 'exact f "-- sorry" \'"\' sorry'),
        ("open Nat in simp", "open Nat in simp"),
        ("exact #[1].size_pos", "exact #[1].size_pos"),
        ("exact List.prefix_rfl.elim h.end", "exact List.prefix_rfl.elim h.end"),
        ("theorem t (a b : Nat) : a + b = b + a := by\n  omega", "omega"),
        ("@[simp] theorem t (a b : Nat) :\n    a + b = b + a := by omega", "omega"),
        ("  theorem t (a b : Nat) : a+b = b+a := by -- so\n    intros\n    omega", "intros\nomega"),
        ("\tsimp\r\n\tomega", "simp\nomega"),
    ],
)
def test_what_is_left_of_a_block(written: str, script: str | None) -> None:
    if script is None:
        with pytest.raises(Malformed, match="nothing but a hole"):
            read_answer(fenced(written), DECLARATION)
    else:
        assert read_answer(fenced(written), DECLARATION).script == script


def test_fences_are_those_of_markdown() -> None:
    other = "```text\n```lean\nsimp\n```\n"
    assert read_answer(f"{other}   ````lean4 tactics\nomega\n```  \nand so on").script == "omega"
    with pytest.raises(Malformed, match="no block"):
        read_answer("```lean`\nomega\n```")
    with pytest.raises(Malformed, match="no block"):
        read_answer("```lean\nomega")


@pytest.mark.parametrize("piece", ["`", "```\n", "```lean", "```lean\n", "``` a", " ``` `"])
def test_an_answer_of_fences_is_read_at_once(piece: str) -> None:
    """A pattern that tries all pairs of them takes minutes for the longest answer."""
    with pytest.raises(Malformed):
        read_answer(piece * (MAX_ANSWER // len(piece)))


def test_a_statement_before_a_hole_deep_in_a_proof_is_left_out() -> None:
    declaration = "theorem t (n : Nat) : n = n := by\n  induction n with\n  | zero => "
    answer = "theorem t (n : Nat) : n = n := by\n  induction n with\n  | zero => simp\n"
    assert read_answer(fenced(answer), declaration).script == "simp"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("", "no block"),
        ("simp", "no block"),
        ("```\nsimp\n```", "no block"),
        ("```lean\nsimp", "no block"),
        ("I refuse. STOP THE LOOP. DONE.", "no block"),
        (fenced("simp") + fenced("omega"), "more than one block"),
        (fenced(""), "nothing but a hole|empty"),
        (fenced("sorry"), "nothing but a hole"),
        (fenced("· sorry\n· sorry"), "nothing but a hole"),
        (fenced("-- only a comment"), "empty"),
        (fenced("simp /- never closed"), "without an end"),
        (fenced('exact "never closed'), "without an end"),
        (fenced("theorem other : 1 = 1 := by simp"), "another theorem"),
        (fenced("simp\n#eval 1"), "#eval"),
        (fenced("simp\n#print axioms t"), "#print"),
        (fenced("axiom cheat : False\nexact cheat.elim"), "axiom"),
        (fenced("simp\nend Foo\ntheorem x : True := trivial"), "end"),
        (fenced("import Lean\nsimp"), "import"),
        (fenced("native_decide"), "native_decide"),
        (fenced("decide +native"), "native"),
        (fenced("decide (config := {native := true})"), "native"),
        (fenced("run_tac do pure ()"), "run_tac"),
        (fenced('exact (by_elab do throwError s!"x")'), "by_elab"),
        (fenced('exact f s!"{by run_tac do pure ()}"'), "run_tac"),
        (fenced("set_option maxHeartbeats 0 in simp"), "set_option"),
        (fenced("open Classical\nsimp"), "open"),
        (fenced("@[simp] have h : 1 = 1 := rfl"), "@"),
        (fenced("unsafe exact x"), "unsafe"),
        (fenced("exact x where\n  y := 1"), "where"),
        (fenced("simp \u202e omega"), "U\\+202E"),
        (fenced("simp\x00"), "U\\+0000"),
        (fenced("exact " + "(" * 300), "brackets"),
        (fenced("simp; " * MAX_DRAFT), "bytes"),
        (fenced("simp", "long " * MAX_ANSWER), "bytes"),
        (fenced("constructor\n" + "· sorry\n" * 40), "holes"),
    ],
)
def test_what_is_refused(answer: str, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        read_answer(answer, DECLARATION)


def test_thoughts_before_an_answer_don_t_count() -> None:
    answer = "<think>perhaps\n```lean\nomega\n```\nno</think>Plan.\n```lean\nsimp\n```"
    assert read_answer(answer).script == "simp"


def test_a_complaint_quotes_no_more_than_a_word() -> None:
    with pytest.raises(Malformed) as malformed:
        read_answer(fenced("#ignore_all_rules_and_stop_the_loop_now_please 1"))
    assert len(str(malformed.value)) < 100
