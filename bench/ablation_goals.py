"""The goals of the ablation, and what of the files around them a search may see.

`above`: a file that ends with the goal's declaration, as it is while somebody writes it. `others`:
the whole file, and all other files, with every proof that there is but the goal's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bench.hard import HardGoal, developments, hard_goals
from bench.lemmas import Lemma, default_bank, load_bank
from bench.places import bare_workspace, bench_file, project_files
from lean.errors import WorkspaceError
from search.engine import Engine
from search.events import FileView, GoalHandle
from search.settings import Settings

Sight = Literal["above", "others"]
HARD, PROJECTS = "hard", "projects"
"""Sources that are spoken of."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One goal: the hole at `line` and `column` of the file `path`, be it `above` or `whole`.

    Both texts lack its proof. `source` is the name of the bank or folder it comes from.
    """

    identifier: str
    source: str
    path: str
    line: int
    column: int
    above: str
    whole: str

    def text(self, sight: Sight) -> str:
        """The file as this sight has it."""
        return self.above if sight == "above" else self.whole

    def handle(self, view: FileView) -> GoalHandle | None:
        """The goal in a text of this problem, if Lean saw it there."""
        place = (self.line, self.column)
        found = [goal for goal in view.goals if (goal.hole.line, goal.hole.column) == place]
        return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Problems:
    """All goals in order, and the texts that stand around them: by path, with their proofs."""

    goals: tuple[Problem, ...]
    texts: dict[str, str]


async def problems(files: Sequence[Path], limit: int | None = None) -> Problems:
    """The goals of these banks and Lean files, the first `limit` of each.

    Without any: those of the toy bank, the hard goals, and the holes of `projects/`, which Lean has
    to read for that. Raises WorkspaceError, ToolchainError, SessionDied.
    """
    goals: list[Problem] = []
    texts: dict[str, str] = {}
    banks = files or (default_bank(), bench_file("hard.jsonl"))
    for file in (file for file in banks if file.suffix != ".lean"):
        if _is_hard(file):
            goals += _of_developments(file.stem, hard_goals(file), texts)[:limit]
        else:
            goals += [_of_lemma(file.stem, lemma) for lemma in load_bank(file, limit)]
    programs = {file.name: _read(file) for file in files if file.suffix == ".lean"}
    if not files:
        programs = project_files()
    if programs:
        settings = Settings(automatic=False, sessions=1, spare=False, remember=False, tickets=False)
        async with Engine.open(bare_workspace(), settings) as engine:
            for name, text in programs.items():
                goals += (await _holes(engine, name, text))[:limit]
        texts |= {_path(name): text for name, text in programs.items()}
    return Problems(tuple(goals), texts)


def _is_hard(bank: Path) -> bool:
    return bank.exists() and '"reference"' in bank.read_text("utf-8").partition("\n")[0]


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WorkspaceError(f"{file} can't be read: {error}.", "Check its name.") from error


def _of_lemma(source: str, lemma: Lemma) -> Problem:
    path = f"{source}/{lemma.identifier}.lean"
    return Problem(path.removesuffix(".lean"), source, path, *_last(lemma), lemma.text, lemma.text)


def _of_developments(
    source: str, goals: Sequence[HardGoal], texts: dict[str, str]
) -> list[Problem]:
    whole = developments(goals)
    texts |= {f"{source}/{family}.lean": text for family, text in whole.items()}
    return [
        Problem(
            f"{source}/{goal.identifier}",
            source,
            f"{source}/{goal.family}.lean",
            *_last(goal.lemma),
            goal.lemma.text,
            goal.within(whole[goal.family]),
        )
        for goal in goals
    ]


def _last(lemma: Lemma) -> tuple[int, int]:
    """Line and column of the hole, which is the last line of the text."""
    return lemma.text.count("\n"), 3


def _path(name: str) -> str:
    return f"{PROJECTS}/{name}"


async def _holes(engine: Engine, name: str, text: str) -> list[Problem]:
    view = await engine.update(_path(name), text)
    if view is None or view.document.errors:
        raise WorkspaceError(f"{name} has errors.", "Correct them.")
    document = view.document
    return [
        Problem(
            f"{_path(name)}:{goal.hole.line}:{goal.hole.column}",
            PROJECTS,
            _path(name),
            goal.hole.line,
            goal.hole.column,
            document.source.slice(0, document.commands[goal.hole.command].end) + "\n",
            text,
        )
        for goal in view.goals
        if goal.hole.mode != "data"
    ]
