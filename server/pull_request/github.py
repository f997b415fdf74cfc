"""Opening pull requests with GitHub's program `gh`, where it is installed."""

import re
import shlex
import shutil

from server.git import GitError, Repository, run

_GITHUB = re.compile(r"github\.com[:/](?P<name>[^/\s]+/[^/\s]+?)(?:\.git)?/?\Z")


def has_gh() -> bool:
    """Is `gh` on the PATH?"""
    return shutil.which("gh") is not None


async def open_pull_request(
    repository: Repository, branch: str, base: str, title: str, text: str, draft: bool
) -> str:
    """Open a pull request for a branch that was pushed; its address. Raises GitError."""
    arguments = ["pr", "create", "--head", branch, "--title", title, "--body-file", "-"]
    arguments += ["--base", base] if base else []
    arguments += ["--draft"] if draft else []
    code, said, complaint = await run(repository.top, "gh", *arguments, text=text)
    if code:
        reason = " ".join((complaint or said).split())
        raise GitError(f"gh could not open the pull request: {reason}")
    return said.strip()


def how_to(branch: str, base: str, remote: str, url: str, pushed: bool, draft: bool) -> list[str]:
    """The commands, or the address, that propose a branch by hand."""
    push = [] if pushed else [f"git push {remote} {shlex.quote(branch)}"]
    into = f" --base {shlex.quote(base)}" if base else ""
    create = f"gh pr create --fill --head {shlex.quote(branch)}{into}"
    lines = [*push, create + (" --draft" if draft else "")]
    github = _GITHUB.search(url)
    if github and base:
        lines.append(f"or https://github.com/{github['name']}/compare/{base}...{branch}?expand=1")
    return lines
