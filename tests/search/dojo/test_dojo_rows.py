"""Rows become steps, and broken lines are passed over."""

import json
import os
from pathlib import Path

from search.dojo.rows import KIND, load, newest_rows, read_rows, rows_file
from search.learning.step_index import StepIndex

ROW = {
    "file": "Sub/P.lean",
    "theorem": "A.two",
    "state": "case succ\nm n : Nat\nh : m ≤ Nat.succ n\n⊢ m + 0 = double n\n\ncase other\n⊢ True",
    "tactic": "rw [Nat.add_zero, h]",
    "premises": ["Nat.add_zero"],
    "before": 2,
    "after": 1,
}


def write(root: Path, *lines: str, commit: str = "a" * 40) -> Path:
    file = rows_file(root, commit)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(line + "\n" for line in lines))
    return file


def test_a_row_is_a_step(tmp_path: Path) -> None:
    write(tmp_path, json.dumps(ROW, ensure_ascii=False))
    ((file, (step,)),) = load(tmp_path).items()
    assert file == "Sub/P.lean"
    assert step.display == "case succ\nm n : Nat\nh : m ≤ Nat.succ n\n⊢ m + 0 = double n"
    assert step.hypotheses == ("m", "n", "h")
    assert step.symbols == ("double",)
    assert step.context == ("Nat", "Nat.succ")
    assert (step.declaration, step.tactic, step.kind) == ("A.two", "rw [Nat.add_zero, h]", KIND)
    assert (step.premises, step.before, step.left) == (("Nat.add_zero",), 2, 1)
    index = StepIndex()
    index.replace(file, [step])
    assert len(index) == 1


def test_what_is_no_row_is_passed_over_and_counted(tmp_path: Path) -> None:
    good = json.dumps(ROW)
    broken = [
        "",
        "not JSON",
        "[]",
        "{}",
        json.dumps({**ROW, "state": None}),
        json.dumps({**ROW, "premises": "Nat"}),
        json.dumps({**ROW, "after": "many"}),
        good[:40],
    ]
    rows = read_rows(write(tmp_path, good, *broken, good))
    assert (rows.count, rows.broken, rows.useless) == (2, len(broken), 0)
    file = rows_file(tmp_path, "a" * 40)
    file.write_bytes(b"\xff\xfe\n" + good.encode())
    assert (read_rows(file).count, read_rows(file).broken) == (1, 1)


def test_what_teaches_nothing(tmp_path: Path) -> None:
    tactics = ["sorry", "exact sorry", "· simp", "case inl => simp", "(simp)", "x" * 300, " "]
    lines = [json.dumps({**ROW, "tactic": tactic}) for tactic in tactics]
    rows = read_rows(write(tmp_path, *lines, json.dumps({**ROW, "state": "no goals"})))
    assert (rows.count, rows.broken, rows.useless) == (0, 0, len(tactics) + 1)
    cut = {**ROW, "tactic": "induction n with\n| zero => rfl\n| succ n h => simp [h]"}
    (step,) = read_rows(write(tmp_path, json.dumps(cut))).steps["Sub/P.lean"]
    assert step.tactic == "induction n"


def test_the_newest_trace_counts(tmp_path: Path) -> None:
    assert newest_rows(tmp_path) is None and load(tmp_path) == {}
    new = write(tmp_path, json.dumps({**ROW, "theorem": "new"}), commit="b" * 40)
    old = write(tmp_path, json.dumps({**ROW, "theorem": "old"}), commit="c" * 40)
    os.utime(old, (1, 1))
    assert newest_rows(tmp_path) == new
    assert load(tmp_path)["Sub/P.lean"][0].declaration == "new"
