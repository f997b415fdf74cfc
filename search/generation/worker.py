"""The worker process: `python -m search.generation.worker` answers requests about models.

A request is a line of JSON on stdin, an answer is one on stdout, which carries nothing else:

    {"id": 1, "op": "generate", "folder": "…", "version": "…", "device": "auto",
     "texts": ["…"], "beams": 8, "candidates": 8, "longest": 128}
    {"id": 1, "candidates": [[["omega", -0.1], …], …]}

    {"id": 2, "op": "embed", "folder": …, "version": …, "device": …, "texts": ["…"]}
    {"id": 2, "size": 1472, "vectors": "rows of little-endian floats in base64"}

    {"cancel": 2}            no answer is wanted any more; there may still be one
    {"id": 2, "error": "broken", "message": "…"}         see `Problem`

Requests are answered one after the other. When stdin closes the process ends at once.
"""

import base64
import importlib.util
import json
import os
import queue
import sys
import threading
from typing import Any, Literal, TextIO

Problem = Literal["package", "broken", "request"]
"""A package is missing; the model can't be loaded or run; the request makes no sense."""

Line = dict[str, Any]


class Worker:
    """Answers requests until stdin closes. Made once, by `main`."""

    def __init__(self, output: TextIO) -> None:
        self._output = output
        self._requests: queue.SimpleQueue[Line] = queue.SimpleQueue()
        self._given_up: set[object] = set()
        self._models: Any = None

    def serve(self) -> None:
        """Answer for ever; `watch` ends the process."""
        # A thread, because stdin has to be watched while a model computes: it may be given up, or
        # our parent may have died.
        threading.Thread(target=self._watch, daemon=True).start()
        while True:
            request = self._requests.get()
            identifier = request.get("id")
            if identifier not in self._given_up:
                answer = {"id": identifier, **self._answer(request)}
                self._output.write(json.dumps(answer) + "\n")
                self._output.flush()
            self._given_up.discard(identifier)

    def _watch(self) -> None:
        for text in sys.stdin:
            line = json.loads(text)
            if "cancel" in line:
                self._given_up.add(line["cancel"])
            else:
                self._requests.put(line)
        # At once, whatever is being computed: nobody is there to read it.
        os._exit(0)

    def _answer(self, request: Line) -> Line:
        missing = [name for name in ("ctranslate2", "numpy") if not importlib.util.find_spec(name)]
        if missing:
            return _problem("package", missing[0])
        try:
            return self._computed(request)
        except (KeyError, TypeError) as error:
            return _problem("request", f"{type(error).__name__}: {error}")
        except ModuleNotFoundError as error:
            return _problem("package", error.name or str(error))
        except Exception as error:
            # The boundary of the process: whatever a model does, the next request is served.
            return _problem("broken", str(error).strip().split("\n")[0] or type(error).__name__)

    def _computed(self, request: Line) -> Line:
        # Imported with the first request, so that the process is there at once.
        from search.generation.computing import Models

        self._models = self._models or Models()
        which = (request["folder"], request["version"], request["device"], request["texts"])

        def given_up() -> bool:
            return request["id"] in self._given_up

        if request["op"] == "generate":
            sizes = (request["beams"], request["candidates"], request["longest"])
            return {"candidates": self._models.generate(*which, *sizes, given_up)}
        if request["op"] == "embed":
            rows = self._models.embed(*which, given_up)
            coded = base64.b64encode(rows.astype("<f4").tobytes()).decode("ascii")
            return {"size": int(rows.shape[1]), "vectors": coded}
        return _problem("request", f"there is no operation {request['op']!r}")


def _problem(kind: Problem, message: str) -> Line:
    return {"error": kind, "message": message}


def main() -> None:
    """Serve, with stdout kept for answers: whatever libraries print goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    Worker(answers).serve()


if __name__ == "__main__":
    main()
