"""`--changed-since`: the files that a branch has changed, in a real git repository."""

from pathlib import Path

import pytest

from server.check.changed import RevisionError, changed_since
from tests.server.check.checked_repository import check_json, commit, git, write

FINE = "theorem fine : True := trivial\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A branch `work` that left `main` before main went on."""
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch", "main")
    write(root, {"Old.lean": FINE, "Sub/Edited.lean": FINE, "Gone.lean": FINE, "Moved.lean": FINE})
    commit(root)
    git(root, "checkout", "--quiet", "-b", "work")
    write(root, {"Sub/Edited.lean": FINE + "\n"})
    (root / "Gone.lean").unlink()
    git(root, "mv", "Moved.lean", "Renamed.lean")
    commit(root)
    git(root, "checkout", "--quiet", "main")
    write(root, {"Old.lean": FINE + "-- changed by others\n"})
    commit(root)
    git(root, "checkout", "--quiet", "work")
    write(root, {".gitignore": "Ignored.lean\n", "Ignored.lean": FINE, "Nëw line\n.lean": FINE})
    return root


def names(root: Path, folder: Path, revision: str) -> set[str]:
    return {path.relative_to(root).as_posix() for path in changed_since(folder, revision)}


@pytest.mark.parametrize("below", ["", "Sub"])
def test_what_the_branch_has_changed(repository: Path, below: str) -> None:
    changed = {"Sub/Edited.lean", "Renamed.lean", "Nëw line\n.lean", ".gitignore"}
    assert names(repository, repository / below, "main") == changed


def test_staged_and_unstaged_changes(repository: Path) -> None:
    write(repository, {"Old.lean": "", "Renamed.lean": ""})
    git(repository, "add", "Old.lean")
    assert {"Old.lean", "Renamed.lean"} <= names(repository, repository, "HEAD")


@pytest.mark.parametrize("revision", ["nowhere", "--output=stolen", "", "HEAD:Old.lean x"])
def test_a_revision_that_is_none(repository: Path, revision: str) -> None:
    with pytest.raises(RevisionError, match="knows no revision"):
        changed_since(repository, revision)
    assert not (repository / "stolen").exists()


def test_only_those_files_are_read(repository: Path) -> None:
    report = check_json(repository, "--changed-since", "main")
    read = [file["file"] for file in report["files"]]
    assert read == ["Nëw line\n.lean", "Renamed.lean", "Sub/Edited.lean"]
    below = check_json(repository, "Sub", "--changed-since", "main")
    assert [file["file"] for file in below["files"]] == ["Sub/Edited.lean"]
