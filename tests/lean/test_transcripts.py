"""Whole conversations with a fresh driver, line by line, as readable files in `transcripts/`.

Lines of a transcript: `> request` and `< reply`. Times, heartbeats and versions are left out; ids
are those of a fresh driver. `PYTHONPATH=. python tests/lean/test_transcripts.py` writes the replies
anew.
"""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from lean.process import DriverProcess
from lean.toolchain import Launch, Toolchain, find_toolchain
from lean.workspace import Workspace

TRANSCRIPTS = Path(__file__).parent / "transcripts"
VOLATILE = {"ms": 0, "heartbeats": 0, "uptime_ms": 0, "lean": ""}
REPLY_WITHIN = 60.0


def steady(value: object) -> object:
    """A reply without what differs from run to run."""
    if isinstance(value, list):
        return [steady(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: VOLATILE.get(key, steady(item)) for key, item in value.items()}


def shown(reply: object) -> str:
    return json.dumps(steady(reply), ensure_ascii=False, sort_keys=True)


async def converse(launch: Launch, requests: list[str]) -> list[str]:
    """What a fresh driver says to each request, in the form of a transcript."""
    process = await DriverProcess.start(launch)
    lines = []
    try:
        async with asyncio.timeout(REPLY_WITHIN):
            while not (greeting := await process.read_line()).startswith(b"{"):
                assert greeting, process.last_words()
            lines.append(f"< {shown(json.loads(greeting))}")
        for request in requests:
            process.write(request.encode() + b"\n")
            lines.append(f"> {request}")
            lines += await replies(process)
        await process.wait()
    finally:
        process.kill()
        await process.wait()
    return lines


async def replies(process: DriverProcess) -> list[str]:
    lines = []
    async with asyncio.timeout(REPLY_WITHIN):
        while True:
            reply = json.loads(await process.read_line())
            lines.append(f"< {shown(reply)}")
            if "event" not in reply:
                return lines


def requests_of(transcript: Path) -> list[str]:
    lines = transcript.read_text("utf-8").splitlines()
    return [line[2:] for line in lines if line.startswith("> ")]


@pytest.mark.parametrize("name", sorted(path.stem for path in TRANSCRIPTS.glob("*.txt")))
async def test_the_driver_answers_as_written(
    name: str, workspace: Workspace, toolchain: Toolchain
) -> None:
    transcript = TRANSCRIPTS / f"{name}.txt"
    said = await converse(toolchain.driver_command(workspace), requests_of(transcript))
    assert said == transcript.read_text("utf-8").splitlines()


async def rewrite(folder: Path) -> None:
    workspace = Workspace.at(folder)
    toolchain = await find_toolchain(workspace)
    for transcript in TRANSCRIPTS.glob("*.txt"):
        said = await converse(toolchain.driver_command(workspace), requests_of(transcript))
        transcript.write_text("\n".join(said) + "\n", "utf-8")
        print(f"{transcript.name}: {len(said)} lines", file=sys.stderr)


if __name__ == "__main__":
    asyncio.run(rewrite(TRANSCRIPTS))
