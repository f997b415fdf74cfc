"""Corpora of a few theorems, made by hand: for what does not need Lean."""

from collections.abc import Mapping, Sequence

from lean.premise_shard import Premise, Shard
from search.retrieval.sight import Imported, Sight

LIBRARY = {
    "Nat.add_comm": ("Eq", "Nat", "HAdd.hAdd"),
    "Nat.mul_comm": ("Eq", "Nat", "HMul.hMul"),
    "Nat.le_refl": ("LE.le", "Nat"),
    "Nat.add_le_add": ("LE.le", "Nat", "HAdd.hAdd"),
    "List.append_nil": ("Eq", "List", "HAppend.hAppend", "List.nil"),
    "List.length_append": ("Eq", "List", "List.length", "Nat", "HAdd.hAdd", "HAppend.hAppend"),
    "List.length_map": ("Eq", "List", "List.length", "List.map"),
    "List.map_map": ("Eq", "List", "List.map", "Function.comp"),
}


def shard_of(rows: Mapping[str, Sequence[str]], module: str = "Library", stamp: str = "") -> Shard:
    """A shard of one module."""
    return Shard.of({(module, stamp): [Premise(n, module, tuple(s)) for n, s in rows.items()]})


def sight_of(
    *libraries: Mapping[str, Sequence[str]],
    local: Mapping[str, Sequence[str]] | None = None,
    unusable: Sequence[str] = (),
) -> Sight:
    """What a place sees that imports all of these, each of them in a shard of its own."""
    shards = [shard_of(rows, f"Library{i}") for i, rows in enumerate(libraries or (LIBRARY,))]
    imported = Imported([(shard, span) for shard in shards for span in shard.spans], unusable)
    return Sight(imported, shard_of(local or {}, ""), unusable=unusable)


def names(sight: Sight, ranking: Sequence[tuple[int, float]]) -> list[str]:
    """The names in a ranking."""
    return [sight.name(number) for number, _ in ranking]
