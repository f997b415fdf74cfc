"""Which premises a script names."""

import pytest

from search.premises import premises_named


@pytest.mark.parametrize(
    ("script", "named"),
    [
        ("exact Nat.le_trans h (double_pos n)", ("Nat.le_trans", "double_pos")),
        ("simp [Demo.double, Nat.add_comm, h.1]", ("Demo.double", "Nat.add_comm")),
        ("rw [← double]; exact h.trans rfl", ("double",)),
        ("exact .inl h -- Nat.le", ()),
        ("intro double_of\nomega", ()),
        ("rw [Demo.«odd name», Nat.«also odd»]", ("Demo.«odd name»", "Nat.«also odd»")),
    ],
)
def test_declarations_are_told_from_other_words(script: str, named: tuple[str, ...]) -> None:
    declarations = ["Demo.double", "double_pos", "Demo.h", "Demo.«odd name»"]
    assert premises_named(script, declarations, ["h", "n"]) == named
