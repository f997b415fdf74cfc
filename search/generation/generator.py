"""`Generator`: asks the workspace's models, wherever they run.

It owns the one worker process: starts it with the first question, ends it when nobody has asked for
a while, and starts another one when it has died. What is asked of a model, and what is done with
its answers, is the strategies' business.
"""

import asyncio
import base64
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from search.generation.errors import ModelError, missing_package
from search.generation.model_folder import ModelFolder, kind_of, read_folder
from search.generation.model_settings import ModelSettings, Role
from search.generation.model_store import ModelStore, no_model
from search.generation.worker_process import WorkerProcess

if TYPE_CHECKING:
    import numpy

VECTORS_AT_ONCE = 256
"""Texts of one request for vectors: 2 MB of answer with the largest model."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answer of a model, and the logarithm of its probability: at most 0."""

    text: str
    log_probability: float


class Generator:
    """The models of a workspace, a worker process for them. Ended by `close`.

    Every question raises ModelError when there is no answer; the next one is a new attempt. A
    caller that is cancelled gives its question up.
    """

    def __init__(self, settings: ModelSettings, root: Path | None = None) -> None:
        """`root` is the folder of the workspace."""
        self.settings = settings
        self.store = ModelStore(root)
        self._worker: WorkerProcess | None = None
        self._starting = asyncio.Lock()
        self._asking = 0
        self._idle: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[None]] = set()

    def problem(self, role: Role = "generator") -> str:
        """Why the model for a role can't be asked, in a line for the user; "" when it can."""
        try:
            self.model(role)
        except ModelError as error:
            return str(error)
        return ""

    def fingerprint(self, role: Role = "generator") -> str:
        """What tells the model for a role from others; "" when there is none."""
        try:
            return self.model(role).fingerprint
        except ModelError:
            return ""

    def model(self, role: Role = "generator") -> ModelFolder:
        """The model for a role as it lies there now. Raises ModelError."""
        name = self.settings.name(role)
        folder = self.store.folder(name) if name else None
        if folder is None or not kind_of(folder):
            if folder is not None and (folder / "model.bin").exists():
                # Something is there, and what is wrong with it can be said.
                return read_folder(folder, self.store.remedy(name))
            raise no_model(name, role)
        _require_packages()
        return read_folder(folder, self.store.remedy(name))

    async def generate(
        self,
        texts: Sequence[str],
        beams: int = 4,
        candidates: int = 8,
        longest: int = 128,
        role: Role = "generator",
    ) -> list[list[Candidate]]:
        """For each text at most `candidates` answers of at most `longest` bytes, best first.

        The search has `beams` beams, or as many as candidates if those are more.
        """
        if not texts:
            return []
        sizes = {"beams": beams, "candidates": candidates, "longest": longest}
        answer = await self._ask(role, {"op": "generate", "texts": list(texts), **sizes})
        return [[Candidate(text, score) for text, score in one] for one in answer["candidates"]]

    async def embed(
        self, texts: Sequence[str], role: Role = "retriever"
    ) -> "numpy.ndarray[Any, numpy.dtype[numpy.float32]]":
        """A row of length 1 for each text; the product of two rows says how alike texts are."""
        _require_packages()
        import numpy

        parts = [numpy.zeros((0, 0), dtype=numpy.float32)]
        for start in range(0, len(texts), VECTORS_AT_ONCE):
            some = list(texts[start : start + VECTORS_AT_ONCE])
            answer = await self._ask(role, {"op": "embed", "texts": some})
            numbers = numpy.frombuffer(base64.b64decode(answer["vectors"]), dtype="<f4")
            parts.append(numbers.reshape(len(some), answer["size"]))
        return numpy.concatenate(parts[1:]) if len(parts) > 1 else parts[0]

    @property
    def running(self) -> bool:
        """Is there a worker process, with whatever it has loaded?"""
        return self._worker is not None and self._worker.alive

    @property
    def pid(self) -> int | None:
        """The worker's process id, while there is one."""
        return self._worker.pid if self._worker is not None and self._worker.alive else None

    def rss_bytes(self) -> int:
        """Resident memory of the worker in bytes; 0 while there is none."""
        return self._worker.rss_bytes() if self._worker is not None and self.running else 0

    async def close(self) -> None:
        """End the worker, and wait until it is gone. Open questions get ModelError."""
        self._unload()
        if self._ending:
            await asyncio.wait(self._ending)

    async def __aenter__(self) -> "Generator":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _ask(self, role: Role, request: dict[str, Any]) -> dict[str, Any]:
        model = self.model(role)
        which = {"folder": str(model.path), "version": model.version}
        self._asking += 1
        self._stop_waiting()
        try:
            worker = await self._ready()
            answer = await worker.ask({**which, "device": self.settings.device, **request})
        finally:
            self._asking -= 1
            if not self._asking:
                self._wait_idle()
        if "error" in answer:
            raise _refusal(answer, model, self.store.remedy(self.settings.name(role)))
        return answer

    async def _ready(self) -> WorkerProcess:
        """The worker; a new one when there is none or it has died."""
        async with self._starting:
            if self._worker is None or not self._worker.alive:
                self._unload()
                self._worker = await WorkerProcess.start()
            return self._worker

    def _wait_idle(self) -> None:
        self._stop_waiting()
        loop = asyncio.get_running_loop()
        self._idle = loop.call_later(self.settings.idle_seconds, self._unload)

    def _stop_waiting(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _unload(self) -> None:
        """End the worker if there is one; its memory is free soon after."""
        self._stop_waiting()
        worker, self._worker = self._worker, None
        if worker is not None:
            task = asyncio.get_running_loop().create_task(worker.close())
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)


def _require_packages() -> None:
    for package in ("ctranslate2", "numpy"):
        if importlib.util.find_spec(package) is None:
            raise missing_package(package)


def _refusal(answer: dict[str, Any], model: ModelFolder, remedy: str) -> ModelError:
    """What the worker could not do, in words for the user."""
    said = answer["message"]
    if answer["error"] == "package":
        return missing_package(said)
    if answer["error"] == "broken":
        return ModelError(f"The model in {model.path} can't be used: {said}.", remedy)
    return ModelError(f"The worker did not understand a question: {said}.")
