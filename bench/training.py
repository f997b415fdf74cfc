"""Trains a model as `unsorry train` does, on the toy bank and the small files of `bench/projects`.

The lemmas have no proofs: what is learned of them was proved for practice. They are written into a
folder of their own, with the model in it. Nothing of `hard.jsonl` is among them.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from bench.lemmas import bank_options, default_bank, load_bank
from bench.measurement import Measurement, Target, run
from bench.places import project_files
from lean.workspace import Workspace
from search.generation.model_store import ModelStore
from search.settings import Settings
from search.training.course import Course, Report, Request
from search.training.plan import Plan, Progress
from server.train_command import as_text

LARGEST = 8.0
"""MB that a model may have which comes with the package."""


async def measure(chosen: argparse.Namespace) -> Measurement:
    """Train once, and report as the command does."""
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="unsorry-training-"))
    folder.mkdir(parents=True, exist_ok=True)
    workspace = Workspace.at(folder.resolve())
    files = corpus(chosen.bank, chosen.limit)
    trained = ModelStore(workspace.root).trained
    assert trained is not None
    request = Request(
        workspace,
        Settings(sessions=chosen.jobs),
        files,
        None,
        trained,
        Plan(seconds=60 * chosen.minutes, seed=chosen.seed),
        chosen.curriculum,
    )
    started = time.monotonic()
    report = await Course(request, _say, _show).run()
    solved = {trial.name: len(trial.solved) for trial in report.trials}
    return Measurement(
        lines=as_text(request, report, time.monotonic() - started).splitlines(),
        figures=_figures(report),
        targets=[
            Target("MB", report.bytes / 1e6, "<=", LARGEST),
            Target("held-out goals more than without a model", _ahead(solved), ">=", 1),
        ],
    )


def corpus(bank: Path | None = None, limit: int | None = None) -> dict[str, str]:
    """The texts to learn from, by name: a file for each lemma of the bank, and the projects."""
    lemmas = load_bank(bank or default_bank(), limit)
    return {
        **{f"bank/{lemma.identifier}.lean": lemma.text for lemma in lemmas},
        **{f"projects/{name}": text for name, text in project_files().items()},
    }


def _ahead(solved: dict[str, int]) -> int:
    return solved["new"] - solved["nothing"]


def _figures(report: Report) -> dict[str, object]:
    progress = report.trained.progress
    return {
        "pairs": report.counts,
        "parameters": report.trained.parameters,
        "bytes": report.bytes,
        "steps": progress.step,
        "loss": round(progress.loss, 4),
        "validation_loss": round(progress.validation_loss, 4),
        "held_out_loss": round(report.trained.held_out_loss, 4),
        "exact_match_1": round(report.exact_1, 4),
        "exact_match_8": round(report.exact_8, 4),
        "held_out": {trial.name: [len(trial.solved), trial.goals] for trial in report.trials},
        "accepted": report.decision.accepted,
        "reason": report.decision.reason,
        "folder": str(report.folder),
    }


def _say(what: str) -> None:
    print(what, file=sys.stderr)


def _show(progress: Progress) -> None:
    print(
        f"{progress.seconds:6.0f} s  step {progress.step}  loss {progress.loss:.3f}  "
        f"validation {progress.validation_loss:.3f}  exact {progress.exact_match:.1%}",
        file=sys.stderr,
    )


def _options(parser: argparse.ArgumentParser) -> None:
    bank_options(parser)
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where the model goes")
    parser.add_argument("--minutes", type=float, default=5.0, metavar="M", help="of training")
    parser.add_argument("--curriculum", type=float, default=300.0, metavar="S", help="of practice")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--jobs", type=int, metavar="N", help="Lean sessions at a time")


def main() -> int:
    """The command line."""
    return run("training", "Train on the bank and the projects.", measure, _options)


if __name__ == "__main__":
    sys.exit(main())
