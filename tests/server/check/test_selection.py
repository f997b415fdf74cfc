"""Which files are read, and as parts of which workspace."""

from pathlib import Path

import pytest

from server.check.selection import SelectionError, selected, shown
from tests.server.check.checked_repository import write

EMPTY = dict.fromkeys(
    [
        "A.lean",
        "lakefile.lean",
        "notes.txt",
        ".lake/packages/P.lean",
        "Sub/B.lean",
        "Project/Deep/C.lean",
    ],
    "",
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    toolchain = {"Project/lean-toolchain": "leanprover/lean4:v4.28.0\n"}
    monkeypatch.chdir(write(tmp_path, EMPTY | toolchain))
    return tmp_path.resolve()


def roots(here: Path, *paths: Path) -> dict[str, str]:
    """Workspaces by file, as seen from here."""
    found = selected(paths, None)
    return {shown(file): root.relative_to(here).as_posix() for file, root in found.items()}


def test_a_project_has_its_files_and_a_project_below_its_own(here: Path) -> None:
    assert roots(here, Path()) == {
        "A.lean": ".",
        "Project/Deep/C.lean": "Project",
        "Sub/B.lean": ".",
    }


def test_without_a_project_a_file_belongs_to_the_path_it_was_found_by(here: Path) -> None:
    (here / "lakefile.lean").unlink()
    assert roots(here, Path()) == {
        "A.lean": ".",
        "Project/Deep/C.lean": "Project",
        "Sub/B.lean": ".",
    }
    assert roots(here, Path("Sub"), Path("A.lean")) == {"A.lean": ".", "Sub/B.lean": "Sub"}


def test_a_file_named_twice_is_read_once(here: Path) -> None:
    assert list(roots(here, Path("A.lean"), here / "A.lean", Path())).count("A.lean") == 1


def test_another_kind_of_file_is_refused(here: Path) -> None:
    with pytest.raises(SelectionError, match=r"notes\.txt is not a Lean file"):
        selected([Path("notes.txt")], None)


def test_a_file_elsewhere_has_its_whole_path(tmp_path: Path) -> None:
    assert shown(tmp_path / "A.lean") == (tmp_path / "A.lean").as_posix()
