"""The worker process by itself: a line in, a line out, and its end when nobody is there."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from search.generation import worker

ROOT = Path(worker.__file__).parent.parent.parent
WORKER = ("-P", "-m", "search.generation.worker")
NOISY = """
import os, search.generation.worker as worker
compute = worker.Worker._computed
def noisy(self, request):
    print("a greeting")
    os.write(1, b"another one, from C")
    return compute(self, request)
worker.Worker._computed = noisy
worker.main()
"""


def request(folder: Path, identifier: int, texts: list[str], **others: object) -> dict[str, object]:
    where = {"folder": str(folder), "version": "1", "device": "cpu"}
    sizes = {"beams": 2, "candidates": 2, "longest": 20}
    return {"id": identifier, "op": "generate", **where, "texts": texts, **sizes, **others}


@contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, *(arguments or WORKER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            stream(pipe).close()


def stream(of: IO[str] | None) -> IO[str]:
    assert of is not None
    return of


def ask(process: subprocess.Popen[str], *lines: dict[str, object]) -> list[dict[str, Any]]:
    """The answers to these lines, an answer for each."""
    for line in lines:
        stream(process.stdin).write(json.dumps(line) + "\n")
    stream(process.stdin).flush()
    return [json.loads(stream(process.stdout).readline()) for _ in lines]


def test_requests_are_answered_in_their_order(speaker: Path, encoder: Path) -> None:
    with running() as process:
        first, second, third = ask(
            process,
            request(speaker, 1, ["a", "b"]),
            request(encoder, 2, ["a", "b"], op="embed"),
            request(speaker, 3, []),
        )
    assert [text for text, _ in first["candidates"][0]] == ["omega", "rfl"]
    assert first["candidates"][0] == first["candidates"][1]
    assert (second["id"], second["size"]) == (2, 64)
    assert third == {"id": 3, "candidates": []}


def test_what_makes_no_sense_is_refused_and_the_next_is_served(speaker: Path) -> None:
    with running() as process:
        nothing, unknown, damaged, served = ask(
            process,
            {"id": 1},
            request(speaker, 2, ["a"], op="dream"),
            request(speaker / "nowhere", 3, ["a"]),
            request(speaker, 4, ["a"]),
        )
    assert (nothing["error"], unknown["error"]) == ("request", "request")
    assert damaged["error"] == "broken" and "nowhere" in damaged["message"]
    assert served["candidates"]


def test_it_ends_with_stdin(speaker: Path) -> None:
    with running() as process:
        ask(process, request(speaker, 1, ["a"]))
        stream(process.stdin).close()
        assert process.wait(120) == 0
        assert stream(process.stdout).read() == ""


def test_it_ends_with_stdin_while_it_computes(listener: Path) -> None:
    with running() as process:
        ask(process, request(listener, 1, ["a"]))
        endless = request(listener, 2, ["a text"] * 50_000, beams=8, candidates=8)
        stream(process.stdin).write(json.dumps(endless) + "\n")
        stream(process.stdin).close()
        assert process.wait(120) == 0


def test_what_is_given_up_is_not_finished(listener: Path) -> None:
    with running() as process:
        endless = request(listener, 1, ["a text"] * 50_000, beams=8, candidates=8)
        stream(process.stdin).write(json.dumps(endless) + "\n")
        stream(process.stdin).write('{"cancel": 1}\n')
        answers = ask(process, request(listener, 2, ["a"]))
        if answers[0]["id"] == 1:
            assert len(answers[0]["candidates"]) < 50_000
            answers = [json.loads(stream(process.stdout).readline())]
        assert answers[0]["id"] == 2 and len(answers[0]["candidates"]) == 1


def test_libraries_that_print_do_not_disturb(speaker: Path) -> None:
    with running("-c", NOISY) as process:
        answers = ask(process, request(speaker, 1, ["a"]), request(speaker, 2, ["a"]))
        assert [answer["id"] for answer in answers] == [1, 2]
        stream(process.stdin).close()
        assert stream(process.stderr).read().count("another one") == 2


def test_without_the_package_it_says_so(speaker: Path) -> None:
    # -S: without site-packages, where ctranslate2 is.
    with running("-S", *WORKER) as process:
        [answer] = ask(process, request(speaker, 1, ["a"]))
    assert answer == {"id": 1, "error": "package", "message": "ctranslate2"}
