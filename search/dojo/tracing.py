"""Jobs for LeanDojo, seen from here: a copy of the commit, the script in its own environment, rows.

Everything that a job has started ends with it, also when it is cancelled, and its scratch folder is
removed. What the script does is `trace_script`.
"""

import contextlib
import json
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from lean.workspace import Workspace
from search.dojo.environment import job_environment, log_file, own_folder, python_of
from search.dojo.errors import DojoError, DojoUnusable
from search.dojo.repository import commit_of, copy_of
from search.dojo.requirements import require
from search.dojo.rows import Rows, read_rows, rows_file
from search.dojo.running import Say, last_line, run_job

THREADS = 2
SCRIPT = Path(__file__).with_name("trace_script.py")
_NO_DOJO = 3
_HOLE = re.compile(r"\b(?:sorry|admit|sorryAx|stop)\b")


@dataclass(frozen=True, slots=True)
class Traced:
    """The rows of a commit, where they are, and the seconds that it took (0: they were there)."""

    commit: str
    file: Path
    rows: Rows
    seconds: float


@dataclass(frozen=True, slots=True)
class Proof:
    """A script for the hole of `theorem` (its full name) at `line` and `column` (from 1) of a file,
    which is named by its path from the workspace's root.
    """

    file: str
    theorem: str
    line: int
    column: int
    script: str


async def trace(
    workspace: Workspace, say: Say, threads: int = THREADS, again: bool = False
) -> Traced:
    """Extract the steps of the commit that is checked out, unless they are there (or `again`).

    Raises DojoUnusable, DojoError, OSError.
    """
    await require(workspace)
    commit = await _commit(workspace)
    target = rows_file(workspace.root, commit)
    if target.is_file() and not again:
        return Traced(commit, target, read_rows(target), 0.0)
    began = time.monotonic()
    with scratch_folder(workspace.root) as scratch:
        written = await run_script(
            workspace.root, commit, scratch, say, ["trace", "--threads", str(threads)]
        )
        rows = read_rows(written)
        if not rows.count:
            raise DojoError(
                "LeanDojo has found no steps of proofs.",
                f"Its output is in {log_file(workspace.root)}.",
            )
        target.parent.mkdir(exist_ok=True)
        written.replace(target)
    return Traced(commit, target, rows, time.monotonic() - began)


async def check(workspace: Workspace, proof: Proof, say: Say) -> bool:
    """Does LeanDojo take a proof? A second opinion: it looks at no axioms, and sets no limits.

    A script with `sorry` is refused here, because it would not see that with every Lean. Raises
    DojoUnusable, DojoError, OSError.
    """
    if _HOLE.search(proof.script):
        raise DojoError("The proof has a `sorry`, so it is none.")
    await require(workspace)
    commit = await _commit(workspace)
    with scratch_folder(workspace.root) as scratch:
        told = scratch / "proof.json"
        told.write_text(json.dumps(asdict(proof)), "utf-8")
        written = await run_script(
            workspace.root, commit, scratch, say, ["check", "--proof", str(told)]
        )
        try:
            return json.loads(written.read_text("utf-8"))["accepted"] is True
        except (ValueError, KeyError, TypeError) as error:
            raise DojoError("LeanDojo has not answered.", f"See {log_file(workspace.root)}.") from (
                error
            )


async def run_script(
    root: Path, commit: str, scratch: Path, say: Say, arguments: list[str]
) -> Path:
    """Run the script on a copy of the commit; the file with its rows. Raises DojoError."""
    project, rows, log = scratch / "project", scratch / "rows.jsonl", log_file(root)
    say(f"copying commit {commit[:12]}")
    await copy_of(root, commit, project)
    log.unlink(missing_ok=True)
    where = ["--repository", str(project), "--commit", commit, "--rows", str(rows)]
    code = await run_job(
        [str(python_of(root)), "-I", str(SCRIPT), *arguments, *where],
        scratch,
        job_environment(root, scratch),
        log,
        say,
    )
    if code == _NO_DOJO:
        raise DojoUnusable(last_line(log), "Run: unsorry dojo setup")
    if code != 0 or not rows.is_file():
        said = last_line(log) or f"exit code {code}"
        raise DojoError(f"LeanDojo has failed: {said}", f"All of its output is in {log}.")
    return rows


@contextlib.contextmanager
def scratch_folder(root: Path) -> Iterator[Path]:
    """A folder for one job on the workspace's disk, removed at the end. Raises OSError."""
    folder = Path(tempfile.mkdtemp(prefix="dojo-", dir=own_folder(root)))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _commit(workspace: Workspace) -> str:
    commit = await commit_of(workspace.root)
    if commit is None:
        raise DojoUnusable(f"Nothing is committed in {workspace.root}.", "Commit something.")
    return commit
