"""Rows that LeanDojo has extracted, as steps to learn from: `.unsorry/traces/COMMIT.jsonl`.

What Lean knows exactly of a goal (its constants) is not in them; the words of its text stand for
that.
"""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from search.learning.shown_goal import INACCESSIBLE, LOCAL, read_goal, symbols_in
from search.ledger_file import OWN_FOLDER
from search.proof_steps import LONGEST, ProofStep

KIND = "dojo"
"""The kind of a step whose syntax is not known."""
MOST_ROWS = 200_000
"""Rows of a file that are read."""

_ALTERNATIVES = re.compile(r"\s+with\s*\n?\s*\|.*", re.DOTALL)
_FRAME = re.compile(r"[·.{(]|(?:case'?|next|all_goals|any_goals|first)\b")
"""How tactics begin that only say where others run."""
_HOLE = re.compile(r"\b(?:sorry|admit)\b")
_NAME = re.compile(r"[^\W\d]")


@dataclass(slots=True)
class Rows:
    """The steps of a file of rows, by the Lean files that they stand in; `broken` lines were passed
    over, and `useless` rows: frames, holes, tactics too long to be used again.
    """

    steps: dict[str, list[ProofStep]] = field(default_factory=dict)
    broken: int = 0
    useless: int = 0

    @property
    def count(self) -> int:
        """The number of steps."""
        return sum(map(len, self.steps.values()))


def rows_file(root: Path, commit: str) -> Path:
    """Where the rows of a commit are."""
    return root / OWN_FOLDER / "traces" / f"{commit}.jsonl"


def newest_rows(root: Path) -> Path | None:
    """The file of rows that was written last, or None."""
    files = (root / OWN_FOLDER / "traces").glob("*.jsonl")
    return max(files, key=lambda file: file.stat().st_mtime, default=None)


def load(workspace_root: Path) -> dict[str, list[ProofStep]]:
    """The steps of the newest trace by file, as paths from the workspace's root; none without one.

    Lines that can't be read are passed over. Raises OSError.
    """
    newest = newest_rows(workspace_root)
    return read_rows(newest).steps if newest is not None else {}


def read_rows(path: Path) -> Rows:
    """Read a file of rows. Raises OSError."""
    rows = Rows()
    with path.open("rb") as lines:
        for number, line in enumerate(lines):
            if number == MOST_ROWS:
                break
            try:
                file, step = step_of(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError):
                rows.broken += 1
                continue
            if step is None:
                rows.useless += 1
            else:
                rows.steps.setdefault(file, []).append(step)
    return rows


def step_of(row: dict[str, Any]) -> tuple[str, ProofStep | None]:
    """The file and the step of a row; no step when there is nothing to learn from it.

    Raises ValueError, KeyError, TypeError or AttributeError for what is no row.
    """
    texts = [row[name] for name in ("file", "theorem", "state", "tactic")]
    premises = row["premises"]
    if not (
        isinstance(premises, list) and all(isinstance(one, str) for one in [*texts, *premises])
    ):
        raise TypeError("a row has texts")
    file, theorem, state, written = texts
    tactic = _ALTERNATIVES.sub("", written).strip()
    if not tactic or len(tactic) > LONGEST or _FRAME.match(tactic) or _HOLE.search(tactic):
        return file, None
    display = _first_goal(state)
    goal = read_goal(display)
    if "⊢" not in display or not goal.target:
        return file, None
    names = [name for name, _ in goal.hypotheses]
    symbols = _constants(goal.target, names)
    context = _constants("\n".join(said for _, said in goal.hypotheses), names)
    return file, ProofStep(
        declaration=theorem,
        tactic=tactic,
        kind=KIND,
        display=display,
        hypotheses=tuple(names),
        symbols=symbols,
        context=context,
        premises=tuple(premises),
        before=int(row.get("before", 1)),
        left=int(row.get("after", 1)),
    )


def _first_goal(state: str) -> str:
    """The goal that a tactic met: the first of a state, between which there are empty lines."""
    return state.strip().split("\n\n")[0].rstrip()


def _constants(text: str, hypotheses: Collection[str]) -> tuple[str, ...]:
    words = symbols_in(text, hypotheses)
    return tuple(
        dict.fromkeys(
            word
            for word in words
            if word != LOCAL and _NAME.match(word) and INACCESSIBLE not in word
        )
    )
