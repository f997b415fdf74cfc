"""`unsorry pr` with real git, a bare remote, and proofs that real Lean has accepted."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from search.ledger import Ledger
from server import cli

BASE = "def double (n : Nat) : Nat := n + n\n"
TREE = """\
import Base

namespace Tree

theorem double_pos (n : Nat) (h : 0 < n) : 0 < double n := by
  sorry

end Tree

/-- Two holes, and one is false. -/
theorem half (a b : Nat) : a + b = b + a ∧ double a = 7 := by
  constructor
  · sorry
  · sorry
"""
WINDOWS = (
    "theorem two (a b : Nat) : a + b = b + a ∧ True := by\r\n  sorry\r\n\r\n"
    "example : 1 = 1 := by sorry"
)
BRANCHES = ["auto/lem/Tree/double_pos", "auto/lem/_root_/two"]


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    output: str
    complaint: str


def unsorry(*arguments: str) -> Ran:
    done = CliRunner().invoke(cli.main, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return Ran(done.exit_code, done.stdout, done.stderr)


def git(folder: Path, *arguments: str) -> str:
    # Looking must not refresh the index.
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip("\n")


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose Lean project lies in a folder of it; the ledger has proofs."""
    top = tmp_path_factory.mktemp("repository")
    lean = top / "lean"
    lean.mkdir()
    (lean / "Base.lean").write_text(BASE)
    (lean / "Tree.lean").write_text(TREE)
    (lean / "Windows.lean").write_bytes(WINDOWS.encode())
    (top / "notes.txt").write_text("notes\n")
    git(top, "init", "--quiet", "--initial-branch=main")
    git(top, "config", "user.name", "Ada")
    git(top, "config", "user.email", "ada@example.org")
    git(top, "add", ".")
    git(top, "commit", "--quiet", "--message=Start")
    place = Path.cwd()
    os.chdir(lean)
    try:
        ran = unsorry("prove", "--timeout", "30", "Tree.lean", "Windows.lean")
    finally:
        os.chdir(place)
    assert "5 holes: 4 proved, 1 refuted." in ran.output, ran.output
    return top


@pytest.fixture
def top(proved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it with a remote; `gh` is not installed."""
    top = tmp_path / "repository"
    shutil.copytree(proved, top)
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    git(top, "remote", "add", "origin", str(tmp_path / "remote.git"))
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("git", "sh"):
        found = shutil.which(name)
        assert found
        (programs / name).symlink_to(found)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.chdir(top / "lean")
    return top


def user_files(top: Path) -> dict[str, bytes]:
    """Everything that is the user's: the work tree, the index, the branch."""
    files = [path for path in top.rglob("*") if path.is_file() and ".git" not in path.parts]
    files += [top / ".git" / "index", top / ".git" / "HEAD", top / ".git/refs/heads/main"]
    return {path.relative_to(top).as_posix(): path.read_bytes() for path in sorted(files)}


def test_each_lemma_has_a_branch_and_the_user_keeps_everything(top: Path) -> None:
    (top / "notes.txt").write_text("notes\nand more\n")
    (top / "staged.txt").write_text("staged\n")
    git(top, "add", "staged.txt")
    (top / "staged.txt").write_text("staged, and changed\n")
    (top / "lean" / "Other.lean").write_text("theorem other : 1 = 2 := by sorry\n")
    status, before = git(top, "status", "--porcelain"), user_files(top)
    ran = unsorry("pr", "--push")
    assert ran.code == 0, ran.complaint
    assert user_files(top) == before and git(top, "status", "--porcelain") == status
    assert git(top, "worktree", "list", "--porcelain").count("worktree ") == 1
    made = git(top, "branch", "--format=%(refname:short)", "--list", "auto/*").split()
    pushed = git(top.parent / "remote.git", "branch", "--format=%(refname:short)").split()
    assert made == pushed == BRANCHES
    assert f"gh pr create --fill --head {BRANCHES[0]} --base main" in ran.output
    assert "Tree.lean:13 half: 1 of its 2 holes proved." in ran.complaint
    assert "an example has no name" in ran.complaint
    for branch in BRANCHES:
        assert git(top, "rev-parse", f"{branch}^") == git(top, "rev-parse", "main")
    assert git(top, "diff", "--name-only", "main", BRANCHES[0]) == "lean/Tree.lean"
    difference = git(top, "diff", "--unified=0", "main", BRANCHES[0]).splitlines()[4:]
    assert [line for line in difference if line.startswith("-")] == ["-  sorry"]
    assert git(top, "log", "-1", "--format=%an", BRANCHES[0]) == "Ada"
    lines = git(top, "log", "-1", "--format=%B", BRANCHES[0]).splitlines()
    assert lines[:2] == ["feat(lean): prove Tree.double_pos", ""]
    assert lines[2].startswith("[status] accepted by Lean 4.28.0 (embedded), axioms: ")
    assert lines[3].startswith("[metrics] time=") and " strategies=" in lines[3]
    assert lines[4].startswith("[cost] local_cpu_s=") and lines[4].endswith(" api_tokens=0")


def test_what_is_committed_elaborates_and_keeps_its_line_ends(top: Path) -> None:
    assert unsorry("pr", "--all").code == 0
    shown = ["git", "show", f"{BRANCHES[1]}:lean/Windows.lean"]
    content = subprocess.run(shown, cwd=top, capture_output=True, check=True).stdout
    proof, _, rest = content.partition(b"\r\n\r\n")
    assert rest == WINDOWS.encode().partition(b"\r\n\r\n")[2] and b"sorry" not in proof
    assert proof.startswith(WINDOWS.encode().partition(b"\r\n")[0]) and proof.count(b"\n") >= 1
    git(top, "checkout", "--quiet", BRANCHES[0])
    found = json.loads(unsorry("prove", "--json", "--no-ledger", "Tree.lean").output)
    assert len(found["files"][0]["holes"]) == 2


def test_a_second_time_the_branches_are_there_already(top: Path) -> None:
    assert unsorry("pr").output.count("  made\n") == 2
    again = unsorry("pr")
    assert again.code == 0 and again.output.count("  there already\n") == 2
    git(top, "branch", "--force", BRANCHES[0], "main")
    ran = unsorry("pr")
    assert ran.code == 2 and f"There is a branch {BRANCHES[0]} with something else" in ran.complaint
    assert git(top, "rev-parse", BRANCHES[0]) == git(top, "rev-parse", "main")


def test_files_with_uncommitted_changes_are_refused(top: Path) -> None:
    base = top / "lean" / "Base.lean"
    base.write_text(BASE + "-- more\n")
    windows = top / "lean" / "Windows.lean"
    windows.write_bytes(WINDOWS.encode() + b"\r\n")
    git(top, "add", "lean/Windows.lean")
    ran = unsorry("pr")
    assert ran.code == 2 and ran.output == ""
    assert ran.complaint.splitlines() == [
        "unsorry: Tree.lean rests on Base.lean, which has uncommitted changes. "
        "Commit it first, or stash what has changed.",
        "unsorry: Windows.lean has uncommitted changes. "
        "Commit it first, or stash what has changed.",
    ]
    assert git(top, "branch", "--list", "auto/*") == ""


def test_where_no_hole_is_left_nothing_is_proposed(top: Path) -> None:
    (top / "lean" / "Tree.lean").write_text("theorem other : 1 = 1 := rfl\n")
    (top / "lean" / "Windows.lean").unlink()
    ran = unsorry("pr")
    assert (ran.code, ran.complaint) == (0, "")
    assert ran.output.startswith("There is no newly proved lemma.")


def test_one_lemma_by_its_goal_is_proposed_with_gh(top: Path) -> None:
    # A stand-in that writes down how it was called; GitHub itself is out of reach.
    gh = top.parent / "programs" / "gh"
    calls = top.parent / "calls"
    gh.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" > {calls}\nwhile read -r line; do echo "$line"; '
        f"done > {calls}.body\necho https://github.com/a/b/pull/1\n"
    )
    gh.chmod(0o755)
    template = top / ".github" / "PULL_REQUEST_TEMPLATE.md"
    template.parent.mkdir()
    template.write_text("## Compute\n\n<!-- costs -->\n\n## Reviewer\n")
    ledger = Ledger.open(top / "lean" / ".unsorry" / "ledger.db")
    key = next(goal.key for goal in ledger.goals("proved") if "two" in goal.declaration)
    ledger.close()
    ran = unsorry("pr", "--goal", key[:12], "--push", "--draft")
    assert ran.code == 0, ran.complaint
    assert ran.output.splitlines()[-1] == f"{BRANCHES[1]}  https://github.com/a/b/pull/1"
    arguments = calls.read_text().splitlines()
    assert arguments[:4] == ["pr", "create", "--head", BRANCHES[1]]
    assert "feat(lean): prove two" in arguments and arguments[-1] == "--draft"
    body = Path(f"{calls}.body").read_text()
    assert body.startswith("## Compute\n\nFound in ") and "## Reviewer" in body
    assert "`two` in `Windows.lean` is proved." in body
    assert git(top, "branch", "--list", "auto/*").split() == [BRANCHES[1]]


def test_mistakes_get_one_line(top: Path, tmp_path: Path) -> None:
    assert "knows no goal ffff" in unsorry("pr", "--goal", "ffff").complaint
    assert "no remote nowhere" in unsorry("pr", "--push", "--remote", "nowhere").complaint
    outside = tmp_path / "outside"
    outside.mkdir()
    ran = unsorry("pr", "--workspace", str(outside))
    assert ran.code == 2 and "is in no git repository" in ran.complaint
