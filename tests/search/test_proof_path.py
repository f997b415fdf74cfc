"""How the steps of a proof are written as a script."""

from search.strategies.proof_path import ProofPath, Step


def path(*steps: tuple[str, str, str]) -> list[str]:
    """The lines for steps given as tactic, goals before, goals after, a letter each."""
    return ProofPath(tuple(Step(t, tuple(b), tuple(a)) for t, b, a in steps)).lines()


def test_one_line_after_the_other() -> None:
    assert path(("intro h", "a", "b"), ("exact h", "b", "")) == ["intro h", "exact h"]


def test_bullets_within_bullets() -> None:
    steps = [("split", "a", "bc"), ("intro", "bc", "dc"), ("two", "dc", "efc"), ("x", "efc", "fc")]
    lines = path(*steps, ("y\nz", "fc", "c"), ("w", "c", ""))
    assert lines == ["split", "· intro", "  two", "  · x", "  · y", "    z", "· w"]


def test_no_bullets_where_a_step_touches_other_goals() -> None:
    lines = path(("apply f", "a", "bcd"), ("exact h", "bcd", "c"), ("rfl", "c", ""))
    assert lines == ["apply f", "exact h", "rfl"]
    lines = path(("apply f", "a", "bcd"), ("rfl", "bcd", "cd"), ("all_goals simp", "cd", ""))
    assert lines == ["apply f", "· rfl", "all_goals simp"]
