"""How many false statements are refuted, and that no true one is.

The false statements are `false.jsonl`; the true ones the bank. Which strategy refutes, and how, is
not looked at: only the engine's verdicts count.
"""

import argparse
import sys
from collections import Counter

from bench.bank import prove_bank
from bench.lemmas import default_bank, false_statements, load_bank
from bench.measurement import Measurement, Target, run
from bench.report import BankRun, Row, table
from search.settings import Settings

WANTED = 27
"""Of the 30 false statements (issue 2)."""


async def measure(chosen: argparse.Namespace) -> Measurement:
    """Run the engine at profile 0 on both banks."""
    settings = Settings(sessions=chosen.jobs, remember=False)
    path = false_statements()
    false = BankRun(path, load_bank(path), settings)
    await prove_bank(false)
    refuted = [row for row in false.ordered if row.refuted]
    proved = [row.lemma.identifier for row in false.ordered if row.solved]
    wrong: list[str] = []
    if not chosen.only_false:
        bank = BankRun(default_bank(), load_bank(default_bank()), settings)
        await prove_bank(bank)
        wrong = [row.lemma.identifier for row in bank.ordered if row.refuted]
    measured = Measurement(
        lines=_lines(false),
        figures={
            "false_total": len(false.lemmas),
            "refuted": len(refuted),
            "false_proved": proved,
            "true_refuted": wrong,
            "rows": [row.as_json() for row in false.ordered],
        },
        targets=[
            Target("false statements refuted", len(refuted), ">=", min(WANTED, len(false.lemmas))),
            Target("false statements 'proved'", len(proved), "<=", 0),
        ],
    )
    if not chosen.only_false:
        measured.targets.append(Target("true statements refuted", len(wrong), "<=", 0))
    return measured


def _lines(false: BankRun) -> list[str]:
    counts = Counter(row.outcome for row in false.ordered)
    said = ", ".join(f"{count} {outcome}" for outcome, count in counts.most_common())
    header = ["statement", "outcome", "values", "time"]
    rows = [[row.lemma.identifier, row.outcome, _values(row), _time(row)] for row in false.ordered]
    return [*table(header, rows), "", f"{len(false.ordered)} false statements: {said}."]


def _values(row: Row) -> str:
    if row.verdict is None:
        return row.error.split("\n")[0][:60]
    return str(row.verdict.counterexample or "")


def _time(row: Row) -> str:
    return f"{row.seconds:.2f} s"


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--jobs", type=int, metavar="N", help="Lean sessions at a time")
    parser.add_argument("--only-false", action="store_true", help="leave the bank out")


def main() -> int:
    """The command line."""
    return run("refutations", "Refute false statements, and no true one.", measure, _options)


if __name__ == "__main__":
    sys.exit(main())
