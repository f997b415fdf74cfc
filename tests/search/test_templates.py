"""What a script has in common with another that uses other names."""

import pytest

from search.templates import Template, fill, template


@pytest.mark.parametrize(
    ("script", "hypotheses", "premises", "text"),
    [
        ("exact h", ["h"], [], "exact ⧼0⧽"),
        ("exact Nat.le_trans h₁ h₂", ["h₂", "h₁"], ["Nat.le_trans"], "exact ⧼p0⧽ ⧼0⧽ ⧼1⧽"),
        ("exact ⟨h.1, h.2.symm⟩", ["h"], [], "exact ⟨⧼0⧽.1, ⧼0⧽.2.symm⟩"),
        ("simp [h', h]", ["h"], [], "simp [h', ⧼0⧽]"),
        ("exact foo.h", ["h"], [], "exact foo.h"),
        ("exact (f x).h", ["h"], [], "exact (f x).h"),
        ("simp [«a b»]", ["«a b»"], [], "simp [⧼0⧽]"),
        ('trace "h" -- h\nexact h /- h -/', ["h"], [], 'trace "h" -- h\nexact ⧼0⧽ /- h -/'),
        ("omega", ["h", ""], [], "omega"),
        ("rw [Nat.add_comm, Nat.add_comm']", [], ["Nat.add_comm"], "rw [⧼p0⧽, Nat.add_comm']"),
        ("exact ⟨0, h⟩", ["h"], [], "exact ⟨0, ⧼0⧽⟩"),
    ],
)
def test_names_become_holes(
    script: str, hypotheses: list[str], premises: list[str], text: str
) -> None:
    made = template(script, hypotheses, premises)
    assert made.text == text
    assert fill(made.text, made.hypotheses, made.premises) == script


def test_scripts_that_differ_in_names_only_have_one_template() -> None:
    one = template("cases h with | inl a => exact a", ["h"])
    other = template("cases hpq with | inl a => exact a", ["hpq"])
    assert one.text == other.text
    assert (one.hypotheses, other.hypotheses) == (("h",), ("hpq",))


def test_a_template_with_too_few_names_is_refused() -> None:
    with pytest.raises(ValueError, match="⧼1⧽"):
        fill(Template("exact ⧼0⧽ ⧼1⧽").text, ["h"])
