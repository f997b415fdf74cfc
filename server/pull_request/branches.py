"""A branch with one commit for a lemma, made in a work tree of its own."""

from dataclasses import dataclass
from typing import Literal

from server.git import GitError, Repository
from server.prove_files import replace_unchanged
from server.pull_request.lemmas import Lemma
from server.pull_request.words import branch_name, commit_message

State = Literal["made", "there already"]


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch, its commit, and whether it was made now."""

    name: str
    commit: str
    state: State


async def commit_lemma(
    repository: Repository, tree: Repository, base: str, file: str, lemma: Lemma
) -> Branch:
    """Commit the proofs of a lemma on `base` in the work tree `tree`, and name it by a branch.

    `file` is what git calls the lemma's file. A branch that has just this is left as it is.
    Raises GitError, also when there is a branch of that name with something else.
    """
    await tree.git("checkout", "--quiet", "--force", "--detach", base)
    if not replace_unchanged(tree.top / file, lemma.before.encode(), lemma.after.encode()):
        raise GitError(
            f"{file} is not as git would check it out.",
            "Commit it, or undo what hides its changes (git update-index --no-assume-unchanged).",
        )
    await tree.git("add", "--", file)
    name = branch_name(lemma.name)
    old = await repository.commit(f"refs/heads/{name}")
    if old:
        written = await tree.git("write-tree")
        if written == await repository.git("rev-parse", f"{old}^{{tree}}"):
            return Branch(name, old, "there already")
        raise GitError(
            f"There is a branch {name} with something else.", f"git branch -D {name} removes it."
        )
    await tree.git("commit", "--quiet", "--file=-", text=commit_message(lemma))
    commit = await tree.commit()
    await repository.git("branch", "--no-track", name, commit)
    return Branch(name, commit, "made")
