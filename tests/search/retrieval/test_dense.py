"""Vectors: kept, found again, compared; those of changed statements are made anew."""

import itertools
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from lean.document import elaborate
from lean.premise_shard import keys_of
from lean.session import Session
from search.retrieval.dense import Dense
from search.retrieval.ranker import Query
from search.retrieval.vectors import ENOUGH, Vectors
from tests.search.retrieval.small_corpora import LIBRARY, names, sight_of

DIMENSION = 64


class Letters:
    """A model that knows how often each pair of letters occurs; it counts what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.asked += texts
        return [self._vector(text) for text in texts]

    def _vector(self, text: str) -> list[float]:
        vector = [0.01] * DIMENSION
        for left, right in itertools.pairwise(text):
            vector[(ord(left) * 31 + ord(right)) % DIMENSION] += 1
        return vector


def some_vectors(count: int, seed: int = 0) -> np.ndarray:
    dice = np.random.default_rng(seed)
    centres = dice.normal(size=(40, DIMENSION))
    noise = dice.normal(size=(count, DIMENSION))
    return (centres[dice.integers(0, 40, count)] + 0.5 * noise).astype(np.float32)


async def test_the_most_similar_come_first() -> None:
    letters, sight = Letters(), sight_of()
    dense = Dense(letters.embed, DIMENSION, "letters")
    made = await letters.embed([*LIBRARY])
    dense.vectors.add(keys_of(LIBRARY), keys_of(LIBRARY), np.array(made, np.float32))
    query = Query({}, vector=await dense.vector("List.length_mop"))
    found = dense.rank(query, sight, 3)
    assert names(sight, found)[0] == "List.length_map" and 0.8 < found[0][1] <= 1.001
    assert dense.rank(Query({}), sight, 3) == []


def test_they_are_there_again(tmp_path: Path) -> None:
    vectors = Vectors(tmp_path, DIMENSION)
    made = some_vectors(10)
    keys = keys_of(str(i) for i in range(10))
    vectors.add(keys, keys, made)
    again = Vectors(tmp_path, DIMENSION)
    assert len(again) == 10 and again.held.has(keys, keys).all()
    assert not again.held.has(keys, keys[::-1]).any()
    places = again.held.places_of(keys)
    unit = made[3] / np.linalg.norm(made[3])
    assert again.held.exactly(unit, places)[3] == max(again.held.exactly(unit, places))


def test_a_later_vector_of_a_name_counts(tmp_path: Path) -> None:
    vectors, first, second = Vectors(tmp_path, DIMENSION), *some_vectors(2)
    name = keys_of(["a"])
    vectors.add(name, keys_of(["old"]), first[None])
    vectors.add(name, keys_of(["new"]), second[None])
    held, unit = vectors.held, second / np.linalg.norm(second)
    assert held.has(name, keys_of(["new"])).all() and not held.has(name, keys_of(["old"]))
    assert held.exactly(unit, held.places_of(name))[0] > 0.99


def test_a_record_that_was_cut_off_does_not_count(tmp_path: Path) -> None:
    vectors, keys = Vectors(tmp_path, DIMENSION), keys_of(["a", "b"])
    vectors.add(keys, keys, some_vectors(2))
    content = (tmp_path / "rows").read_bytes()
    (tmp_path / "rows").write_bytes(content[:-5])
    again = Vectors(tmp_path, DIMENSION)
    assert len(again) == 1
    again.add(keys[1:], keys[1:], some_vectors(1))
    assert len(Vectors(tmp_path, DIMENSION)) == 2


def test_no_place_to_keep_them(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    vectors, keys = Vectors(tmp_path / "file" / "below", DIMENSION), keys_of(["a"])
    vectors.add(keys, keys, some_vectors(1))
    assert vectors.problem and len(vectors) == 1 and vectors.held.has(keys, keys).all()


def test_the_projection_finds_what_the_whole_vectors_find() -> None:
    made = some_vectors(ENOUGH + 500)
    keys = keys_of(str(i) for i in range(len(made)))
    sight = sight_of({f"{i}": ("Nat",) for i in range(len(made))})
    dense = Dense(Letters().embed, DIMENSION, "letters")
    dense.vectors.add(keys[:ENOUGH], keys[:ENOUGH], made[:ENOUGH])
    dense.vectors.add(keys[ENOUGH:], keys[ENOUGH:], made[ENOUGH:])
    unit = made / np.linalg.norm(made, axis=1, keepdims=True)
    for row in (5, ENOUGH + 7):
        exact = np.argsort(-(unit @ unit[row]))[:10].tolist()
        found = [number for number, _ in dense.rank(Query({}, vector=unit[row]), sight, 10)]
        assert found[0] == row and len(set(found) & set(exact)) >= 9


def test_one_may_ask_while_vectors_are_added() -> None:
    made, first = some_vectors(3 * ENOUGH), ENOUGH - 100
    keys = keys_of(str(i) for i in range(len(made)))
    sight = sight_of({f"{i}": ("Nat",) for i in range(len(made))})
    dense = Dense(Letters().embed, DIMENSION, "letters")
    dense.vectors.add(keys[:first], keys[:first], made[:first])
    query = Query({}, vector=made[5] / np.linalg.norm(made[5]))

    def add(begin: int) -> None:
        for start in range(first + begin, len(made), 100):
            some = slice(start, start + 50)
            dense.vectors.add(keys[some], keys[some], made[some])

    with ThreadPoolExecutor() as threads:
        adding = [threads.submit(add, begin) for begin in (0, 50)]
        while not all(one.done() for one in adding):
            assert names(sight, dense.rank(query, sight, 3))[0] == "5"
        for one in adding:
            one.result()
    assert dense.vectors.held.has(keys, keys).all()


def test_vectors_that_were_deleted_leave_no_trace(tmp_path: Path) -> None:
    vectors, made = Vectors(tmp_path / "kept", DIMENSION), some_vectors(2 * ENOUGH)
    keys = keys_of(str(i) for i in range(len(made)))
    vectors.add(keys, keys, made)
    shutil.rmtree(tmp_path / "kept")
    others = keys[:ENOUGH][::-1]
    vectors.add(others, others, made[:ENOUGH][::-1])
    held, unit = vectors.held, made[7] / np.linalg.norm(made[7])
    assert len(vectors.held) == len(held.roughly(unit)) == ENOUGH
    assert np.argmax(held.roughly(unit)) == held.places_of(keys[7:8])[0] == ENOUGH - 8


async def test_theorems_in_sight_get_vectors_as_far_as_there_is_time(session: Session) -> None:
    document = await elaborate(session, "theorem t : 1 = 1 := by sorry")
    proof = document.holes[0].proofs[0]
    letters, sight = Letters(), sight_of()
    dense = Dense(letters.embed, DIMENSION, "letters")
    assert await dense.cover(session, proof, sight, 0.0) == len(LIBRARY)
    assert await dense.cover(session, proof, sight, 60.0, first=[3]) == 0
    assert letters.asked[0].startswith("Nat.add_le_add : ∀ {a b c d : Nat}, a ≤ b")
    assert await dense.cover(session, proof, sight, 60.0) == 0
    assert len(letters.asked) == len(LIBRARY)


async def test_those_that_must_not_be_used_get_none(session: Session) -> None:
    document = await elaborate(session, "theorem t : 1 = 1 := by sorry")
    letters, sight = Letters(), sight_of(unusable=["Nat.add_comm"])
    dense = Dense(letters.embed, DIMENSION, "letters")
    proof = document.holes[0].proofs[0]
    assert await dense.cover(session, proof, sight, 60.0, first=[0, 5, 5, 3]) == 0
    asked = [text.partition(" : ")[0] for text in letters.asked]
    left = [name for name in LIBRARY if name not in (*asked[:2], "Nat.add_comm")]
    assert asked == ["List.length_append", "Nat.add_le_add", *left]


async def test_those_of_the_document_follow_what_it_says(session: Session) -> None:
    letters = Letters()
    dense = Dense(letters.embed, DIMENSION, "letters")
    sight = sight_of({}, local={"mine": ("Eq",)})
    for statement in ("1 = 1", "1 = 1", "2 = 2"):
        text = f"theorem mine : {statement} := rfl\ntheorem t : 1 = 1 := by sorry"
        document = await elaborate(session, text)
        await dense.cover(session, document.holes[0].proofs[0], sight, 60.0)
    assert letters.asked == ["mine : 1 = 1", "mine : 2 = 2"]
