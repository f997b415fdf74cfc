"""The steps of a script of which only the goal is known."""

from search.learning.script_steps import steps_of_script


def tactics(script: str) -> list[str]:
    steps = steps_of_script("n : Nat\n⊢ f n = 0", ["n"], ["Eq", "A.f"], ["Nat"], script)
    return [step.tactic for step in steps]


def test_one_line_is_one_step() -> None:
    (one,) = steps_of_script("⊢ f 0 = 0", [], ["Eq", "A.f"], [], "simp [f, Nat.add_comm]")
    assert one.premises == ("A.f", "Nat.add_comm") and one.left == 0


def test_the_first_tactic_of_several_is_a_step() -> None:
    assert tactics("intro h\nomega") == ["intro h\nomega", "intro h"]
    assert tactics("cases n with\n| zero => rfl\n| succ n => simp")[1:] == ["cases n"]
    assert tactics("constructor\n· rfl\n· omega")[1:] == ["constructor"]
    assert tactics("rw [\n  f]\nrfl")[1:] == ["rw [\n  f]"]


def test_what_is_too_long_is_no_step() -> None:
    assert tactics("intro h\n" + "simp [f]\n" * 40) == ["intro h"]
