"""Which files differ from a revision, as git says. Only asks git; nothing is changed."""

import subprocess
from pathlib import Path

GIT_WITHIN = 60.0
"""Seconds for a question to git."""


class RevisionError(Exception):
    """Git can't say what has changed; the text says why and what to do."""


def changed_since(folder: Path, revision: str) -> frozenset[Path]:
    """The files of the repository around `folder` that differ from `revision`, or are new.

    `revision` is taken where the current branch left it: what others have done there since does
    not count. Committed, staged, unstaged and untracked changes all do; ignored files don't.
    Raises RevisionError.
    """
    top = _git(folder, "rev-parse", "--show-toplevel")
    if top is None:
        raise RevisionError(f"{folder} is in no git repository, so nothing has changed since.")
    root = Path(top.removesuffix("\n"))
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{}}")
    if commit is None:
        raise RevisionError(
            f"Git knows no revision {revision} here. In a shallow clone, fetch it first."
        )
    # A shallow clone may not know where they met.
    base = _git(root, "merge-base", commit.strip(), "HEAD") or commit
    differing = _git(
        root, "diff", "--name-only", "-z", "--no-renames", "--diff-filter=d", base.strip(), "--"
    )
    untracked = _git(root, "ls-files", "--others", "--exclude-standard", "-z")
    if differing is None or untracked is None:
        raise RevisionError(f"Git can't compare with {revision}. Run `git status` there.")
    names = [*differing.split("\0"), *untracked.split("\0")]
    return frozenset((root / name).resolve() for name in names if name)


def _git(folder: Path, *arguments: str) -> str | None:
    """What git answers, or None when it fails. Raises RevisionError when there is no git."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=GIT_WITHIN,
        )
    except FileNotFoundError as error:
        raise RevisionError("There is no git here, which --changed-since needs.") from error
    except subprocess.TimeoutExpired as error:
        raise RevisionError(f"Git did not answer within {GIT_WITHIN:.0f} s.") from error
    return done.stdout if done.returncode == 0 else None
