"""The only file that imports LeanDojo; it is run by path in the environment that has it.

    python -I trace_script.py trace --repository R --commit C --rows FILE [--threads N]
    python -I trace_script.py check --repository R --commit C --rows FILE --proof FILE

`trace` writes a row for each tactic of each theorem to FILE, as JSON, one a line: file, theorem,
state (as displayed), tactic, premises (full names), before and after (numbers of goals). `check`
reads file, theorem, line, column and script as one JSON object from the file `--proof`, and writes
one row, {"accepted": true}: whether LeanDojo's `check_proof` takes the theorem with `script` in
place of the hole at that line and column (from 1).

Exit code 0, or 1 with the reason in the last line of the output, 2 for wrong arguments, 3 without
LeanDojo. Standard library only, besides LeanDojo; other modules of ours are not there. LeanDojo
prints what it likes, changes the working directory and deletes `lakefile.olean` there: this is to
run in a process and a folder of its own.
"""

import argparse
import importlib
import json
import re
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MARK, FAULT = "unsorry-dojo: ", "unsorry-dojo failed: "
FAILED, NO_DOJO = 1, 3
_HOLE = re.compile(r"\b(?:sorry|admit|sorryAx)\b")
_GOAL = re.compile(r"^⊢", re.MULTILINE)


class Unfit(Exception):
    """Something that can't be traced or checked, in words for people."""


def trace(options: argparse.Namespace) -> None:
    """Write the rows of a commit."""
    folder = _traced(options)[1]
    _say("reading what was extracted")
    module = importlib.import_module("lean_dojo.data_extraction.traced_data")
    # Not `lean_dojo.trace`: it ends with assertions about whole repositories that fail for harmless
    # reasons.
    repository = module.TracedRepo.load_from_disk(folder, build_deps=False)
    written = unread = 0
    with Path(options.rows).open("w", encoding="utf-8") as output:
        for theorem in repository.get_traced_theorems():
            if ".lake" in Path(theorem.file_path).parts:
                continue
            try:
                rows = list(_rows(theorem))
            except Exception:
                # One odd theorem is no reason to lose the others; it is counted.
                traceback.print_exc()
                unread += 1
                continue
            output.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            written += len(rows)
    _say(f"{written} steps; {unread} theorems could not be read")


def check(options: argparse.Namespace) -> None:
    """Write whether LeanDojo takes a proof."""
    proof = json.loads(Path(options.proof).read_text("utf-8"))
    repository, folder = _traced(options)
    dojo = importlib.import_module("lean_dojo")
    data = importlib.import_module("lean_dojo.data_extraction.traced_data")
    paths = importlib.import_module("lean_dojo.utils")
    file = Path(proof["file"])
    theorem = dojo.Theorem(repository, file, proof["theorem"])
    extracted = paths.to_json_path(folder, file, repository)
    if not extracted.exists():
        raise Unfit(f"LeanDojo has not extracted {file}.")
    traced_file = data.TracedFile.from_traced_file(folder, extracted, repository)
    traced = traced_file.get_traced_theorem(theorem)
    if traced is None:
        raise Unfit(f"LeanDojo finds no theorem {proof['theorem']} in {file}.")
    start, end = traced.locate_proof()
    text = traced.traced_file.lean_file[start:end]
    _say(f"checking {proof['theorem']}")
    check_proof = importlib.import_module("lean_dojo.interaction.dojo").check_proof
    accepted = any(
        check_proof(theorem, spelling)
        for spelling in spellings(
            text, tuple(start), proof["line"], proof["column"], proof["script"]
        )
    )
    Path(options.rows).write_text(json.dumps({"accepted": accepted}) + "\n", "utf-8")


def spellings(
    text: str, start: tuple[int, int], line: int, column: int, script: str
) -> tuple[str, str]:
    """A proof with a script in place of its hole, written as tactics and as a term.

    `start` is where `text` stands in its file (line, column from 1), `line` and `column` where the
    hole does. Raises Unfit when there is no hole, or one more.
    """
    # What stands in its first line keeps its column, for tactics that are aligned with it.
    lines = (" " * (start[1] - 1) + text).split("\n")
    row = line - start[0]
    hole = _HOLE.match(lines[row], column - 1) if 0 <= row < len(lines) else None
    if hole is None:
        raise Unfit(f"The proof has no sorry at {line}:{column} of the commit.")
    before = "\n".join([*lines[:row], lines[row][: hole.start()]])
    after = "\n".join([lines[row][hole.end() :], *lines[row + 1 :]])
    indent = "\n" + " " * (column - 1)
    written = script.split("\n")
    tactics = before + indent.join(written) + after
    # `check_proof` does not see every sorry: it looks for the wording of one Lean's warning.
    if _HOLE.search(tactics):
        raise Unfit("The theorem has another sorry, so its proof is not whole.")
    term = f"{before}(by{''.join(f'{indent}  {one}' for one in written)}){after}"
    return _after_sign(tactics), _after_sign(term)


def _after_sign(proof: str) -> str:
    """A proof on a line of its own, without the `:=` that may stand before it."""
    return "\n" + re.sub(r"\A(\s*):=", r"\1  ", proof)


def _traced(options: argparse.Namespace) -> tuple[Any, Path]:
    """The repository and the folder with what was extracted from it, done now if it was not."""
    _say("loading LeanDojo")
    dojo = _load()
    tracing: Any = importlib.import_module("lean_dojo.data_extraction.trace")
    # Only `lean --threads`; as a variable of the environment it would start ray.
    tracing.NUM_PROCS = options.threads
    repository = dojo.LeanGitRepo(options.repository, options.commit)
    _say("building and tracing (this takes longer than `lake build`)")
    return repository, tracing.get_traced_repo_path(repository, build_deps=False)


def _load() -> Any:  # noqa: ANN401 - a module without types
    """LeanDojo, kept from asking the network."""
    try:
        dotenv: Any = importlib.import_module("dotenv")
        # It would look for a `.env` above its own folder, which is the workspace's, and take a
        # token from there; with a token LeanDojo calls GitHub when it is imported.
        dotenv.load_dotenv = lambda *_, **__: False
        dojo: Any = importlib.import_module("lean_dojo")
    except ImportError as error:
        print(f"{FAULT}lean-dojo is not installed for {sys.executable} ({error}).")
        raise SystemExit(NO_DOJO) from error
    # It would ask GitHub for the commit of Lean's own tag, at the end of a trace.
    dojo.LeanGitRepo.get_dependencies = lambda self, path=None: {}
    return dojo


def _rows(theorem: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - LeanDojo has no types here
    """The rows of a traced theorem."""
    for step in theorem.get_traced_tactics():
        _, named = step.get_annotated_tactic()
        yield {
            "file": Path(theorem.file_path).as_posix(),
            "theorem": theorem.theorem.full_name,
            "state": step.state_before,
            "tactic": aligned(step.tactic, step.start.column_nb - 1),
            "premises": list(dict.fromkeys(one["full_name"] for one in named)),
            "before": _goals(step.state_before),
            "after": _goals(step.state_after),
        }


def aligned(tactic: str, column: int) -> str:
    """The lines of a tactic that stands at a column (from 0) as they would stand at column 0."""
    first, *rest = tactic.split("\n")
    cut = (line[min(column, len(line) - len(line.lstrip())) :].rstrip() for line in rest)
    return "\n".join([first.rstrip(), *cut])


def _goals(state: str | None) -> int:
    return len(_GOAL.findall(state or ""))


def _say(what: str) -> None:
    print(MARK + what, flush=True)


def main(arguments: list[str]) -> int:
    """Do what the arguments say; the exit code."""
    parser = argparse.ArgumentParser(prog="trace_script.py")
    parser.add_argument("mode", choices=["trace", "check"])
    for name in ("repository", "commit", "rows"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--proof")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(arguments)
    if options.mode == "check" and options.proof is None:
        parser.error("check needs --proof")
    try:
        (trace if options.mode == "trace" else check)(options)
    except Unfit as error:
        print(FAULT + str(error))
        return FAILED
    except Exception as error:
        # The boundary of the process: whatever goes wrong in LeanDojo is told in the last line.
        traceback.print_exc()
        said = " ".join(str(error).split()) or "no reason given"
        print(f"{FAULT}{type(error).__name__}: {said}")
        return FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
