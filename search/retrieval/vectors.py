"""Vectors by name, in a file that only grows: what a model of language made of each premise.

Each record has the key of a name, the key of the text that was embedded, and the vector in half
precision; of two records of a name the later one counts. What is similar to a goal is `dense`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from lean.premise_shard import Integers, Keys
from search.retrieval.sight import Floats

PROJECTED = 128
"""Dimensions that are looked at first; the best by them are compared in all (no loss on 100,000
clustered vectors, in a tenth of the time)."""
ENOUGH = 2_000
"""Vectors from which on there is something to project."""
_SAMPLE = 20_000


class Vectors:
    """The vectors of one model: of `dimension` numbers each, and of length 1.

    In `folder`, or in memory where it is None or can't be written (`problem` says why). To make it
    takes a second for each 50,000 vectors of 1,472 numbers: not in an event loop.
    """

    def __init__(self, folder: Path | None, dimension: int) -> None:
        self.problem = ""
        self._record = np.dtype([("name", "<u8"), ("text", "<u8"), ("vector", "<f2", (dimension,))])
        self._folder = folder
        self._rows: NDArray[Any] = np.zeros(0, self._record)
        self._names: Keys = np.zeros(0, np.uint64)
        self._places: Integers = np.zeros(0, np.int32)
        self._mean: Floats = np.zeros(dimension, np.float32)
        self._basis: Floats | None = None
        self._projected: Floats = np.zeros((0, PROJECTED), np.float32)
        self.reload()

    def __len__(self) -> int:
        return len(self._rows)

    def reload(self) -> None:
        """Look at the folder again: another process may have added to it."""
        if self._folder is not None and not self.problem:
            file = self._folder / "rows"
            try:
                # A record that was cut off by the end of a process does not count.
                count = file.stat().st_size // self._record.itemsize if file.exists() else 0
                if count:
                    self._rows = np.memmap(file, self._record, "r", shape=(count,))
            except OSError as error:
                self._give_up(error)
        self._arrange()

    def places(self, names: Keys) -> Integers:
        """The number of the vector for each key of a name, -1 where there is none."""
        if not len(self._names):
            return np.full(len(names), -1, np.int32)
        found = np.minimum(np.searchsorted(self._names, names), len(self._names) - 1)
        return np.where(self._names[found] == names, self._places[found], -1).astype(np.int32)

    def has(self, names: Keys, texts: Keys) -> NDArray[np.bool_]:
        """Which names have a vector that was made from the text with that key."""
        places = self.places(names)
        known = places >= 0
        known[known] = self._rows["text"][places[known]] == texts[known]
        return known

    def add(self, names: Keys, texts: Keys, vectors: Floats) -> None:
        """More vectors, of any length."""
        rows = np.zeros(len(names), self._record)
        rows["name"], rows["text"] = names, texts
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        rows["vector"] = vectors / np.maximum(lengths, 1e-6)
        if not self._append(rows):
            self._rows = np.concatenate([self._rows, rows])
        self.reload()

    def roughly(self, vector: Floats) -> Floats:
        """For each vector its cosine with this one, from the projection where there is one."""
        if self._basis is None:
            return self.exactly(vector, np.arange(len(self._rows), dtype=np.int32))
        constant = vector @ self._mean
        scores: Floats = self._projected @ (self._basis @ vector) + constant
        return scores

    def exactly(self, vector: Floats, places: Integers) -> Floats:
        """The cosine of this vector with those at some places."""
        scores: Floats = self._rows["vector"][places].astype(np.float32) @ vector
        return scores

    def _append(self, rows: NDArray[Any]) -> bool:
        if self._folder is None or self.problem:
            return False
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            file = self._folder / "rows"
            with FileLock(self._folder / ".lock"), file.open("ab") as stream:
                whole = stream.tell() // self._record.itemsize * self._record.itemsize
                stream.truncate(whole)
                stream.write(rows.tobytes())
        except OSError as error:
            self._give_up(error)
            return False
        return True

    def _give_up(self, error: OSError) -> None:
        self.problem = f"Vectors can't be kept in {self._folder}: {error.strerror or error}."

    def _arrange(self) -> None:
        names = self._rows["name"]
        order = np.argsort(names, kind="stable")
        last = np.append(names[order][1:] != names[order][:-1], True)[: len(order)]
        self._names = names[order][last]
        self._places = order[last].astype(np.int32)
        if len(self._rows) >= ENOUGH:
            self._project()

    def _project(self) -> None:
        """Project what is new; all of it when there is twice as much as the basis was made for."""
        if self._basis is None or len(self._rows) > 2 * self._made_for:
            self._made_for = len(self._rows)
            step = max(1, len(self._rows) // _SAMPLE)
            sample = self._rows["vector"][::step].astype(np.float32)
            self._mean = sample.mean(axis=0)
            _, vectors = np.linalg.eigh(np.cov(sample - self._mean, rowvar=False))
            self._basis = vectors[:, -PROJECTED:].T.astype(np.float32)
            self._projected = np.zeros((0, len(self._basis)), np.float32)
        parts = [self._projected]
        for start in range(len(self._projected), len(self._rows), _SAMPLE):
            some = self._rows["vector"][start : start + _SAMPLE].astype(np.float32)
            parts.append(((some - self._mean) @ self._basis.T).astype(np.float32))
        self._projected = np.concatenate(parts)

    _made_for = 0


def together(vectors: Sequence[Sequence[float]] | Floats) -> Floats:
    """Vectors as one array."""
    return np.asarray(vectors, np.float32)
