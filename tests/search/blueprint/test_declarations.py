"""What Lean says of declarations: one workspace with every case, read once."""

from pathlib import Path

import pytest

from lean.workspace import Workspace
from search.blueprint.declarations import Declarations, read_declarations
from search.settings import Settings

FILES = {
    "Ground.lean": """\
module
@[expose] public section
namespace Ground
theorem bad : 1 = 2 := sorry
theorem good : 1 = 1 := rfl
def half (n : Nat) (_ : 0 < n) : Nat := sorry
axiom choice : 2 = 3
end Ground
""",
    "Middle.lean": """\
import Ground
theorem worse : 2 = 1 := Ground.bad.symm
theorem fine : 1 = 1 := Ground.good
theorem about_half (n : Nat) (h : 0 < n) : Ground.half n h = Ground.half n h := rfl
theorem by_axiom : 3 = 2 := Ground.choice.symm
theorem wrong : 1 = 1 := by exact Ground.good.nonsense
/-- `wrong` has an error, so that Lean puts a `sorry` there. -/
theorem on_wrong : 1 = 1 := wrong
structure Pair where
  left : Nat
  right : left = left := by sorry
""",
    "Unreadable.lean": "import Nowhere\ntheorem lost : 1 = 1 := rfl\n",
    "Unneeded.lean": "import Nowhere\n",
}
NAMES = (
    "Ground.bad",
    "Ground.good",
    "Ground.half",
    "Ground.choice",
    "worse",
    "fine",
    "about_half",
    "by_axiom",
    "wrong",
    "on_wrong",
    "Pair.left",
    "Nat.add_comm",
    "lost",
)


@pytest.fixture(scope="module")
async def found(tmp_path_factory: pytest.TempPathFactory) -> Declarations:
    root: Path = tmp_path_factory.mktemp("declarations")
    for name, text in FILES.items():
        (root / name).write_text(text)
    # Backwards: what is imported is read first all the same.
    files = [root / name for name in reversed(FILES)]
    return await read_declarations(Workspace.at(root), Settings(), files, NAMES)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Ground.bad", "it has a sorry"),
        ("Ground.good", ""),
        ("worse", "it rests on a sorry"),
        ("fine", ""),
        ("by_axiom", "it rests on the axiom Ground.choice"),
        ("wrong", "it has an error"),
        ("on_wrong", "it rests on a sorry"),
        ("Pair.left", ""),
        ("Nat.add_comm", ""),
    ],
)
def test_what_is_proved(found: Declarations, name: str, reason: str) -> None:
    assert found.found[name].open == reason


@pytest.mark.parametrize(
    ("name", "stated"),
    [
        ("Ground.bad", True),
        ("worse", True),
        ("Ground.half", False),
        ("about_half", False),
        ("Ground.choice", True),
        ("wrong", True),
    ],
)
def test_what_is_stated(found: Declarations, name: str, stated: bool) -> None:
    assert (found.found[name].statement_open == "") == stated


def test_where_it_is(found: Declarations) -> None:
    assert (found.found["worse"].file, found.found["worse"].line) == ("Middle.lean", 2)
    assert (found.found["Nat.add_comm"].file, found.found["Nat.add_comm"].line) == ("", 0)


def test_what_could_not_be_read_is_told(found: Declarations) -> None:
    assert "lost" not in found.found and not found.complete
    assert set(found.unread) == {"Unreadable.lean", "Unneeded.lean"}
    assert "Nowhere" in found.unread["Unreadable.lean"]
