"""The git repository that a workspace is: its commit, and what is not in it. Only asks git."""

from pathlib import Path

from search.dojo.errors import DojoError
from search.dojo.running import answer_of

_BUILD_FILES = ("lakefile.lean", "lakefile.toml", "lake-manifest.json", "lean-toolchain")


async def top_of(root: Path) -> Path | None:
    """The folder of the repository that `root` is in, or None."""
    said = await _git(root, "rev-parse", "--show-toplevel")
    return Path(said.removesuffix("\n")) if said else None


async def commit_of(root: Path) -> str | None:
    """The commit that is checked out, or None when there is none yet."""
    said = await _git(root, "rev-parse", "--verify", "--quiet", "HEAD")
    return said.strip() if said else None


async def uncommitted(root: Path) -> list[str]:
    """Lean files, and files that say how to build them, that differ from the commit or are not in
    it, by their paths from `root`.

    Other files make no difference to proofs. Raises DojoError.
    """
    said = await _git(
        root, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", "."
    )
    if said is None:
        raise DojoError(f"git can't say what is uncommitted in {root}.", "Run `git status` there.")
    entries = [entry[3:] for entry in said.split("\0") if len(entry) > 3]
    return sorted(name for name in entries if name.endswith(".lean") or name in _BUILD_FILES)


async def copy_of(root: Path, commit: str, target: Path) -> None:
    """Clone the repository to `target` and check a commit out there. Raises DojoError."""
    cloned = await _git(root, "clone", "--quiet", "--no-hardlinks", "--", str(root), str(target))
    if cloned is None or await _git(target, "checkout", "--quiet", commit) is None:
        raise DojoError(
            f"git can't copy {root} at {commit[:12]}.", "Run `git fsck` there, and try again."
        )


async def _git(folder: Path, *arguments: str) -> str | None:
    return await answer_of("git", *arguments, folder=folder)
