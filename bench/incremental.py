"""An edit in the last declaration of a 1,000-line file, against reading the whole file.

Through `lean.document` on one session, as the engine does when a file is saved.
"""

import argparse
import statistics
import sys
import time

from bench.measurement import Measurement, Target, run
from bench.places import bare_workspace
from lean.document import elaborate
from lean.session import Session
from lean.toolchain import find_toolchain

LINES = 1000
PER_DECLARATION = 5
ROUNDS = 3


def generated(lines: int, last: str) -> str:
    """A file of about `lines` lines whose last proof is `last`."""
    parts = []
    for number in range((lines - 4) // PER_DECLARATION):
        parts.append(
            f"theorem t{number} (a b c : Nat) (h : a < b) : a + c < b + c + {number} := by\n"
            "  have step : a + c < b + c := by\n"
            "    omega\n"
            "  omega\n"
        )
    parts.append(f"theorem last (a b : Nat) : a + b = b + a := by\n  {last}\n")
    return "\n".join(parts)


async def measure(chosen: argparse.Namespace) -> Measurement:
    """Read the file once in full per round, then edit its end."""
    workspace = bare_workspace()
    launch = (await find_toolchain(workspace)).driver_command(workspace)
    session = await Session.start(launch)
    try:
        rounds = [await _round(session, number) for number in range(ROUNDS)]
    finally:
        await session.close()
    full = statistics.median(whole for whole, _ in rounds)
    edit = statistics.median(part for _, part in rounds)
    lines = generated(LINES, "sorry").count("\n")
    return Measurement(
        lines=[
            f"{lines} lines: whole file {1000 * full:.0f} ms, "
            f"edit in the last declaration {1000 * edit:.1f} ms, ratio {full / edit:.0f}"
        ],
        figures={"lines": lines, "full_seconds": full, "edit_seconds": edit, "rounds": rounds},
        targets=[Target("whole file ÷ edit", full / edit, ">=", 20.0)],
    )


async def _round(session: Session, number: int) -> tuple[float, float]:
    """Seconds for the whole file and for the edit."""
    started = time.monotonic()
    document = await elaborate(session, generated(LINES, "sorry"))
    full = time.monotonic() - started
    assert document.elaborates, document.errors[:1]
    started = time.monotonic()
    edited = await elaborate(session, generated(LINES, f"omega -- {number}"), document)
    edit = time.monotonic() - started
    assert edited.elaborates and not edited.holes
    await session.drop([command.after for command in edited.commands])
    return full, edit


def main() -> int:
    """The command line."""
    return run("incremental", "An edit against a whole file.", measure)


if __name__ == "__main__":
    sys.exit(main())
