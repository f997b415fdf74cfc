"""Vectors by name, in a file that only grows: what a model of language made of each premise.

Each record has the key of a name, the key of the text that was embedded, and the vector in half
precision; of two records of a name the later one counts. What is similar to a goal is `dense`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
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


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """The vectors at one moment: what is asked of it has one answer, whatever is added meanwhile.

    `names` are the keys of names, ascending, and `places` the rows that they have; `basis` is None
    where there is too little to project. `made_for`: how many rows there were when it was made.
    """

    rows: NDArray[Any]
    names: Keys
    places: Integers
    mean: Floats
    basis: Floats | None
    projected: Floats
    made_for: int

    @classmethod
    def of(cls, rows: NDArray[Any], before: "Held | None" = None) -> "Held":
        """These rows; of those `before`, which they begin with, the projection is taken over."""
        names = rows["name"]
        order = np.argsort(names, kind="stable")
        last = np.append(names[order][1:] != names[order][:-1], True)[: len(order)]
        return cls(rows, names[order][last], order[last].astype(np.int32), *_basis(rows, before))

    def __len__(self) -> int:
        return len(self.rows)

    def places_of(self, names: Keys) -> Integers:
        """The number of the vector for each key of a name, -1 where there is none."""
        if not len(self.names):
            return np.full(len(names), -1, np.int32)
        found = np.minimum(np.searchsorted(self.names, names), len(self.names) - 1)
        return np.where(self.names[found] == names, self.places[found], -1).astype(np.int32)

    def has(self, names: Keys, texts: Keys) -> NDArray[np.bool_]:
        """Which names have a vector that was made from the text with that key."""
        places = self.places_of(names)
        known = places >= 0
        known[known] = self.rows["text"][places[known]] == texts[known]
        return known

    def roughly(self, vector: Floats) -> Floats:
        """For each vector its cosine with this one, from the projection where there is one."""
        if self.basis is None:
            return self.exactly(vector, np.arange(len(self.rows), dtype=np.int32))
        constant = vector @ self.mean
        scores: Floats = self.projected @ (self.basis @ vector) + constant
        return scores

    def exactly(self, vector: Floats, places: Integers) -> Floats:
        """The cosine of this vector with those at some places."""
        scores: Floats = self.rows["vector"][places].astype(np.float32) @ vector
        return scores


class Vectors:
    """The vectors of one model: of `dimension` numbers each, and of length 1.

    In `folder`, or in memory where it is None or can't be written (`problem` says why). To make it
    takes a second for each 50,000 vectors of 1,472 numbers: not in an event loop. Threads may
    add to it while others read what is `held`.
    """

    def __init__(self, folder: Path | None, dimension: int) -> None:
        self.problem = ""
        self._record = np.dtype([("name", "<u8"), ("text", "<u8"), ("vector", "<f2", (dimension,))])
        self._folder = folder
        # Of threads: one that adds goes on when the task that waited for it is cancelled.
        self._changing = RLock()
        self.held = Held.of(np.zeros(0, self._record))
        """All that there is now: never changed, only replaced as a whole."""
        self.reload()

    def __len__(self) -> int:
        return len(self.held)

    def reload(self) -> None:
        """Look at the folder again: another process may have added to it."""
        if self._folder is None or self.problem:
            return
        file = self._folder / "rows"
        with self._changing:
            try:
                # A record that was cut off by the end of a process does not count.
                count = file.stat().st_size // self._record.itemsize if file.exists() else 0
                if count:
                    self._take(np.memmap(file, self._record, "r", shape=(count,)))
            except OSError as error:
                self._give_up(error)

    def add(self, names: Keys, texts: Keys, vectors: Floats) -> None:
        """More vectors, of any length."""
        rows = np.zeros(len(names), self._record)
        rows["name"], rows["text"] = names, texts
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        rows["vector"] = vectors / np.maximum(lengths, 1e-6)
        with self._changing:
            if self._append(rows):
                self.reload()
            else:
                self._take(np.concatenate([self.held.rows, rows]))

    def _take(self, rows: NDArray[Any]) -> None:
        before = self.held
        # Fewer than there were: somebody has deleted the folder, and these are others.
        self.held = Held.of(rows, before if len(rows) >= len(before) else None)

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


def _basis(rows: NDArray[Any], before: Held | None) -> tuple[Floats, Floats | None, Floats, int]:
    """A projection, with the rows projected: what is new of them, or all where there is twice as
    much as the basis was made for.
    """
    if len(rows) < ENOUGH:
        dimension = rows.dtype["vector"].shape[0]
        return np.zeros(dimension, np.float32), None, np.zeros((0, PROJECTED), np.float32), 0
    if before is None or before.basis is None or len(rows) > 2 * before.made_for:
        sample = rows["vector"][:: max(1, len(rows) // _SAMPLE)].astype(np.float32)
        mean, made_for = sample.mean(axis=0), len(rows)
        _, vectors = np.linalg.eigh(np.cov(sample - mean, rowvar=False))
        basis = vectors[:, -PROJECTED:].T.astype(np.float32)
        projected: Floats = np.zeros((0, len(basis)), np.float32)
    else:
        mean, basis, made_for = before.mean, before.basis, before.made_for
        projected = before.projected
    parts = [projected]
    for start in range(len(projected), len(rows), _SAMPLE):
        some = rows["vector"][start : start + _SAMPLE].astype(np.float32)
        parts.append(((some - mean) @ basis.T).astype(np.float32))
    return mean, basis, np.concatenate(parts), made_for


def together(vectors: Sequence[Sequence[float]] | Floats) -> Floats:
    """Vectors as one array."""
    return np.asarray(vectors, np.float32)
