"""Renaming hypotheses in scripts: whole identifiers, all at once, nothing else."""

import pytest

from lean.renaming import rename


@pytest.mark.parametrize(
    ("script", "renamed"),
    [
        ("exact h", "exact k"),
        ("exact h.1", "exact k.1"),
        ("exact (h.symm.trans g)", "exact (k.symm.trans h)"),
        ("simp [h, ← g] at h ⊢", "simp [k, ← h] at k ⊢"),
        ("exact h' ▸ h₁ ▸ hh ▸ h_1 ▸ «h»", "exact h' ▸ h₁ ▸ hh ▸ h_1 ▸ «h»"),
        ("exact Foo.h h", "exact Foo.h k"),
        ("exact x.h", "exact n.h"),
        ("exact (f x).h", "exact (f n).h"),
        ("exact .h", "exact .h"),
        ("refine foo ?h", "refine foo ?h"),
        ("exact foo (h := h)", "exact foo (h := k)"),
        ("have h := g h\nexact h", "have k := h k\nexact k"),
        ("-- by h\nexact h /- not h\n h -/", "-- by h\nexact k /- not h\n h -/"),
        ('exact foo "h \\" h" h \'h\'', 'exact foo "h \\" h" k \'h\''),
        ("case h => exact h", "case h => exact k"),
        ("obtain ⟨a, ha⟩ := h; exact g a ha", "obtain ⟨a, ha⟩ := k; exact h a ha"),
        ("exact @h _ x", "exact @k _ n"),
        ("cases x with\n| succ x => simp [x]", "cases n with\n| succ n => simp [n]"),
        ("exact αβ x", "exact αβ n"),
    ],
)  # fmt: skip
def test_only_what_names_the_hypothesis_is_renamed(script: str, renamed: str) -> None:
    assert rename(script, ["h", "g", "x", ""], ["k", "h", "n", "m"]) == renamed


def test_names_can_be_exchanged() -> None:
    assert rename("exact f a b", ["a", "b"], ["b", "a"]) == "exact f b a"


def test_names_of_the_script_make_way() -> None:
    script = "induction xs with\n| nil => rfl\n| cons x xs ih => simp [ih, x_1]"
    renamed = "induction x with\n| nil => rfl\n| cons x_2 x ih => simp [ih, x_1]"
    assert rename(script, ["xs"], ["x"]) == renamed
    assert rename("intro y; exact h y", ["h", "y"], ["y", "k"]) == "intro k; exact y k"


def test_tactics_stay_where_a_step_begins() -> None:
    script = "left; exact left\nconstructor <;> right"
    assert rename(script, ["left", "right"], ["x", "y"]) == "left; exact x\nconstructor <;> right"


def test_what_cannot_be_named_stays() -> None:
    assert rename("exact h", ["h"], [""]) == "exact h"
    assert rename("exact h", [""], ["h"]) == "exact h"
    assert rename("exact f h g", ["h", "g"], ["k"]) == "exact f k g"
