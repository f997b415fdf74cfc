"""Writes `proofs.jsonl`: texts with proofs that use theorems, for the measurement of premises.

The proofs of the banks and the project files are those that this program finds, those of the honest
documents are written beside them. A text is kept when a proof or a step in it uses a theorem that
somebody chose. The harder goals have their own proofs (`bench.hard`) and are not among them.
"""

import argparse
import json
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path

from bench.corpus import honest_proofs
from bench.lemmas import load_bank
from bench.measurement import Measurement, run
from bench.places import bare_workspace, bench_file, project_files
from lean.document import elaborate
from lean.insertion import Edit, insertion
from lean.premise_names import chosen as chosen_premises
from lean.premise_names import is_usable
from lean.session import Session
from lean.toolchain import find_toolchain
from search.engine import Engine
from search.proof_steps import proved_in, steps_of
from search.settings import Settings

BANKS = ("bank", "mixed")


async def measure(chosen: argparse.Namespace) -> Measurement:
    """Find the proofs and write the texts."""
    workspace = bare_workspace()
    session = await Session.start((await find_toolchain(workspace)).driver_command(workspace))
    rows, seen = list[str](), 0
    try:
        async for name, text in _texts(session):
            seen += 1
            if await _uses_theorems(session, text):
                rows.append(json.dumps({"id": name, "text": text}, ensure_ascii=False))
    finally:
        await session.close()
    chosen.out.write_text("\n".join(rows) + "\n", "utf-8")
    return Measurement([f"{len(rows)} of {seen} texts written to {chosen.out}."])


async def _texts(session: Session) -> AsyncIterator[tuple[str, str]]:
    """All texts with as many proofs as there are."""
    open_texts = {
        f"{bank}/{lemma.identifier}": lemma.text
        for bank in BANKS
        for lemma in load_bank(bench_file(f"{bank}.jsonl"))
    }
    open_texts |= {f"projects/{name}": text for name, text in project_files().items()}
    settings = Settings(sessions=1, spare=False, remember=False)
    async with Engine.open(bare_workspace(), settings) as engine:
        for name, text in open_texts.items():
            view = await engine.update(f"{name}.lean", text)
            verdicts = [await engine.prove(goal) for goal in view.goals] if view else []
            yield name, _with_edits(text, [one.edit for one in verdicts if one.edit])
    for proof in honest_proofs():
        document = await elaborate(session, proof.document)
        edit = insertion(document, document.holes[proof.hole], proof.script)
        yield f"honest/{proof.id}", _with_edits(proof.document, [edit])


def _with_edits(text: str, edits: Sequence[Edit]) -> str:
    for edit in sorted(edits, key=lambda one: -one.start):
        text = text[: edit.start] + edit.replacement + text[edit.end :]
    return text


async def _uses_theorems(session: Session, text: str) -> bool:
    document = await elaborate(session, text, steps=True)
    session.discard([command.after for command in document.commands])
    if document.errors:
        return False
    used: list[Iterable[str]] = [chosen_premises(one.premises) for one in proved_in(document)]
    used += [filter(is_usable, step.premises) for step in steps_of(document)]
    return any(list(names) for names in used)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=bench_file("proofs.jsonl"), metavar="FILE")


def main() -> int:
    """The command line."""
    return run("record_proofs", "Find and keep proofs that use theorems.", measure, _options)


if __name__ == "__main__":
    sys.exit(main())
