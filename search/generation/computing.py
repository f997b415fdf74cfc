"""Runs models with CTranslate2, in the worker process: texts in, candidates or vectors out.

Knows nothing of requests (that is `worker`) and nothing of goals. Imported where ctranslate2 is.
"""

import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ctranslate2
import numpy

from search.generation.tokens import decode, encode, is_finished

BATCH = 8
"""Texts that are computed together; a request can be given up between batches."""
NO_PENALTY, PATIENCE = 1e-9, 2
"""The default penalty, 1, divides scores by lengths, and short nonsense wins over the right answer.
With 0, CTranslate2 ends as soon as the best answer and as many others as are wanted have ended, and
has no patience: nonsense of a probability of e^-14 then fills the places of long answers of e^-2. A
penalty next to nothing changes no score, and lets it look on."""

Scored = tuple[str, float]


class Models:
    """The models that were asked for so far, each loaded when it is first needed."""

    def __init__(self) -> None:
        self._loaded: dict[tuple[str, str], tuple[str, Any]] = {}

    def generate(
        self,
        folder: str,
        version: str,
        device: str,
        texts: Sequence[str],
        beams: int,
        candidates: int,
        longest: int,
        given_up: Callable[[], bool],
    ) -> list[list[Scored]]:
        """For each text the likeliest answers, best first, each once and with the logarithm of its
        probability. Answers that did not end within `longest` bytes are left out.

        Fewer lists than texts when it was given up. Raises RuntimeError for a model that can't be
        loaded or run.
        """
        translator = self._model("generate", folder, version, device)
        found: list[list[Scored]] = []
        for batch in _batches(texts):
            if given_up():
                break
            tokens = [encode(text) for text in batch]
            results = translator.translate_batch(
                tokens,
                beam_size=max(beams, candidates),
                num_hypotheses=candidates,
                return_scores=True,
                return_end_token=True,
                length_penalty=NO_PENALTY,
                patience=PATIENCE,
                max_decoding_length=longest,
                # The default cuts the end off, which is where the goal stands.
                max_input_length=max(map(len, tokens)),
                max_batch_size=BATCH,
            )
            found += [_answers(result) for result in results]
        return found

    def embed(
        self,
        folder: str,
        version: str,
        device: str,
        texts: Sequence[str],
        given_up: Callable[[], bool],
    ) -> "numpy.ndarray[Any, numpy.dtype[numpy.float32]]":
        """A row for each text: the mean of what the encoder makes of its tokens, of length 1.

        Fewer rows than texts when it was given up. Raises RuntimeError.
        """
        encoder = self._model("embed", folder, version, device)
        rows: list[Any] = []
        for batch in _batches(texts):
            if given_up():
                break
            tokens = [encode(text) for text in batch]
            hidden = encoder.forward_batch(tokens).last_hidden_state
            values = numpy.asarray(hidden.to_device(ctranslate2.Device.cpu), dtype=numpy.float32)
            for row, said in zip(values, tokens, strict=True):
                mean = row[: len(said)].mean(axis=0)
                rows.append(mean / max(float(numpy.linalg.norm(mean)), 1e-12))
        return numpy.array(rows, dtype=numpy.float32).reshape(len(rows), -1 if rows else 0)

    def _model(self, use: str, folder: str, version: str, device: str) -> Any:  # noqa: ANN401
        """The model, loaded anew when its files have changed."""
        known = self._loaded.get((use, folder))
        if known is None or known[0] != version:
            # Both at once might not fit into memory.
            self._loaded.pop((use, folder), None)
            known = version, _load(use, Path(folder), device)
            self._loaded[use, folder] = known
        return known[1]


def _load(use: str, folder: Path, device: str) -> Any:  # noqa: ANN401 - ctranslate2 has no types
    kind = ctranslate2.Translator if use == "generate" else ctranslate2.Encoder
    cuda = device == "cuda" or (device == "auto" and ctranslate2.get_cuda_device_count() > 0)
    if cuda:
        try:
            return kind(str(folder), device="cuda", compute_type="auto")
        except (RuntimeError, ValueError) as error:
            if device == "cuda":
                raise
            print(f"CUDA can't be used, the CPU is: {error}", file=sys.stderr)
    small = "int8" in ctranslate2.get_supported_compute_types("cpu")
    return kind(
        str(folder),
        device="cpu",
        compute_type="int8" if small else "default",
        inter_threads=1,
        # More threads brought nothing on two cores (measured on the exact shape of ByT5-small).
        intra_threads=1,
    )


def _answers(result: Any) -> list[Scored]:  # noqa: ANN401
    best: dict[str, float] = {}
    for tokens, score in zip(result.hypotheses, result.scores, strict=True):
        text = decode(tokens)
        if is_finished(tokens) and text.strip() and math.isfinite(score):
            best.setdefault(text, float(score))
    return list(best.items())


def _batches(texts: Sequence[str]) -> list[Sequence[str]]:
    return [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]
