"""A file of premises: what is written is read again, and what is damaged is noticed."""

from pathlib import Path

import pytest

from lean.premise_names import chosen, is_usable
from lean.premise_shard import BrokenShard, Premise, Shard, Texts, key_of, keys_of

ROWS = {
    ("Init.A", "1"): [
        Premise("Nat.add_comm", "Init.A", ("Eq", "HAdd.hAdd", "Nat")),
        Premise("α.«odd name»", "Init.A", ()),
    ],
    ("Init.Empty", ""): [],
    ("B", "x"): [Premise("b", "B", ("Eq", "β"))],
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "some.premises"
    file.write_bytes(Shard.of(ROWS).packed())
    return file


def plain(shard: Shard) -> dict[tuple[str, str], list[tuple[str, str, frozenset[str]]]]:
    return {
        key: [(row.name, row.module, frozenset(row.symbols)) for row in rows]
        for key, rows in shard.premises()
    }


def test_it_is_read_as_it_was_written(file: Path) -> None:
    read = Shard.read(file)
    assert len(read) == 3 and plain(read) == plain(Shard.of(ROWS))
    assert [(span.module, span.stamp) for span in read.spans] == list(ROWS)
    assert read.packed() == file.read_bytes()


def test_rows_are_found_by_name(file: Path) -> None:
    read = Shard.read(file)
    assert read.rows_named(["b", "no.such", "α.«odd name»"]).tolist() == [2, -1, 1]
    assert [read.module(row) for row in range(3)] == ["Init.A", "Init.A", "B"]
    assert read.row_keys.tolist() == [key_of(read.names[row]) for row in range(3)]


def test_symbols_have_their_rows(file: Path) -> None:
    read = Shard.read(file)
    equality, missing = read.symbols_with(keys_of(["Eq", "Iff"]))
    assert missing == -1 and read.symbols[equality] == "Eq"
    starts = read.symbol_starts
    assert read.symbol_rows[starts[equality] : starts[equality + 1]].tolist() == [0, 2]
    assert read.row_lengths.tolist() == [3, 0, 2]


def test_nothing_at_all() -> None:
    empty = Shard.of({})
    assert len(empty) == 0 and empty.rows_named(["a"]).tolist() == [-1]
    assert empty.symbols_with(keys_of(["Eq"])).tolist() == [-1]


@pytest.mark.parametrize("kept", [0, 5, 40, -1], ids=["empty", "tiny", "head only", "cut"])
def test_a_file_that_was_cut_off(file: Path, kept: int) -> None:
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(BrokenShard, match=r"some\.premises"):
        Shard.read(file)


@pytest.mark.parametrize("place", [0, 20, 100, -30])
def test_a_byte_that_is_another(file: Path, place: int) -> None:
    content = bytearray(file.read_bytes())
    content[place] ^= 0x55
    file.write_bytes(content)
    with pytest.raises(BrokenShard):
        Shard.read(file)


def test_texts() -> None:
    texts = Texts.of(["", "Nat", "β→α"])
    assert [texts[i] for i in range(len(texts))] == ["", "Nat", "β→α"]


@pytest.mark.parametrize(
    ("name", "usable"),
    [
        ("Nat.add_comm", True),
        ("List.rec_append", True),
        ("Nat.eq_of_mul_eq", True),
        ("Foo.instance_like", True),
        ("toArray_append", True),
        ("_private.Init.Foo.0.bar", False),
        ("Foo._auxLemma.1", False),
        ("Foo.mk.sizeOf_spec", False),
        ("Foo.mk.injEq", False),
        ("Foo.match_1.congr_eq_2", False),
        ("Foo.bar.eq_def", False),
        ("Foo.bar.eq_1", False),
        ("Nat.instTransOrd", False),
        ("Std.LawfulOrd.toReflOrd", False),
        ("Std.HashMap.Internal.foo", False),
        ("Lean.Omega.tidy_sat", False),
        ("congrArg", False),
    ],
)
def test_names_that_people_use(name: str, usable: bool) -> None:
    assert is_usable(name) is usable


def test_what_was_chosen_for_a_proof() -> None:
    term = ("congrArg", "Int.natCast_add", "List.length_append", "Eq.trans")
    assert chosen(term) == ("Int.natCast_add", "List.length_append")
    assert chosen((*term, "Lean.Omega.tidy_sat")) == ("List.length_append",)
