"""A git repository, asked and changed by the program `git`; the user's files are never touched.

Every call is a process of its own that ends with it. No terminal is asked for a password, and the
index is not refreshed behind the user's back.
"""

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from lean.errors import LeanError

WITHIN = 600.0
"""Seconds for one call: hooks and pushes take what they take."""
NOT_COMMITTED = "is not committed"
_LEFT_OUT = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR")
"""What a hook's environment says about another repository or index than the one meant here."""

_SAID = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "LC_ALL": "C.UTF-8",
}


class GitError(LeanError):
    """git is missing, or has refused something; says what and why."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository, or one of its work trees, by its top folder."""

    top: Path

    @classmethod
    async def around(cls, folder: Path) -> "Repository":
        """The repository that `folder` is in. Raises GitError."""
        code, said, _ = await run(folder, "git", "rev-parse", "--show-toplevel")
        if code:
            raise GitError(f"{folder} is in no git repository.", "Run `git init` and commit first.")
        return cls(_resolved(said.removesuffix("\n")))

    async def git(self, *arguments: str, text: str = "") -> str:
        """What git prints, without the line end; it reads `text`. Raises GitError."""
        code, said, complaint = await run(self.top, "git", *arguments, text=text)
        if code:
            reason = " ".join((complaint or said).split())
            raise GitError(f"git {arguments[0]} failed: {reason or f'exit code {code}'}")
        return said.removesuffix("\n")

    def name_of(self, path: Path) -> str:
        """What git calls a file: its path from the top; the empty string outside of it."""
        whole = path.resolve()
        return whole.relative_to(self.top).as_posix() if whole.is_relative_to(self.top) else ""

    async def commit(self, revision: str = "HEAD") -> str:
        """The commit that a revision names, or the empty string."""
        return await self._maybe("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")

    async def branch(self) -> str:
        """The branch that is checked out, or the empty string."""
        return await self._maybe("symbolic-ref", "--quiet", "--short", "HEAD")

    async def remote_url(self, remote: str) -> str:
        """Where a remote is, or the empty string when there is none of that name."""
        return await self._maybe("remote", "get-url", remote)

    async def uncommitted(self, path: Path) -> str:
        """How a file differs from the commit that is checked out, in words; empty if it doesn't."""
        name = self.name_of(path)
        if not name:
            return "is not in the repository"
        listed = await self.git("ls-tree", "--name-only", "-z", "HEAD", "--", name)
        if not listed:
            return NOT_COMMITTED
        said = await self.git("status", "--porcelain", "--untracked-files=all", "--", name)
        return "has uncommitted changes" if said else ""

    @contextlib.asynccontextmanager
    async def work_tree(self, commit: str) -> AsyncIterator["Repository"]:
        """A work tree of its own with `commit` checked out, elsewhere; gone at the end."""
        folder = Path(tempfile.mkdtemp(prefix="unsorry-work-tree-"))
        try:
            await self.git("worktree", "add", "--quiet", "--detach", str(folder / "tree"), commit)
            yield Repository(_resolved(folder / "tree"))
        finally:
            await self._maybe("worktree", "remove", "--force", str(folder / "tree"))
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
            await self._maybe("worktree", "prune")

    async def _maybe(self, *arguments: str) -> str:
        code, said, _ = await run(self.top, "git", *arguments)
        return "" if code else said.strip()


def _resolved(path: str | Path) -> Path:
    return Path(path).resolve()


async def run(
    folder: Path, program: str, *arguments: str, text: str = "", seconds: float = WITHIN
) -> tuple[int, str, str]:
    """Run a program in `folder`: exit code, output and complaint. Raises GitError when it is not
    there, or does not end within `seconds`.
    """
    environment = {name: value for name, value in os.environ.items() if name not in _LEFT_OUT}
    environment |= _SAID
    try:
        process = await asyncio.create_subprocess_exec(
            program,
            *arguments,
            cwd=folder,
            env=environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except FileNotFoundError as error:
        raise GitError(f"There is no program {program}.", "Install it, or check PATH.") from error
    try:
        said, complaint = await asyncio.wait_for(process.communicate(text.encode()), seconds)
    except TimeoutError as error:
        raise GitError(f"{program} {arguments[0]} took longer than {seconds:.0f} s.") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, said.decode(errors="replace"), complaint.decode(errors="replace")
