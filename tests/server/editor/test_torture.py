"""An editing torture: whatever was typed, an action that is offered changes the hole and no more,
and Lean accepts what it makes.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.editing import Editing
from lean.document import elaborate
from lean.pool import Pool

START = """/- 𝔸 start -/
theorem one (a b : Nat) : a + b = b + a := by
  sorry

def double (n : Nat) : Nat := n + n

theorem two (n : Nat) : double n = 2 * n := by
  unfold double
  sorry

theorem three (p q : Prop) (hp : p) (hq : q) : p ∧ q := ⟨sorry, sorry⟩

example (xs : List Nat) : xs ++ [] = xs := by sorry -- 😀 last
"""
PIECES = (
    "\n",
    " ",
    "  ",
    "x",
    "sorry",
    "-- é 😀\n",
    "/- 𝔸 -/",
    "theorem new : 1 = 1 := rfl\n",
    "by",
    "a b",
    " + 0",
    "omega",
    "\r\n",
    "example : True := by sorry\n",
    "end",
    "(",
)


@dataclass(frozen=True)
class Typed:
    """Replace `length` code points at a share of the text by a piece; perhaps save after it."""

    where: float
    length: int
    piece: str
    saved: bool


typed = st.builds(Typed, st.floats(0, 1), st.integers(0, 6), st.sampled_from(PIECES), st.booleans())
FILES = iter(range(1_000_000))


async def errors_of(pool: Pool, text: str) -> list[str]:
    """What Lean objects to, on a session of the test's own."""
    async with pool.lease(["Init"]) as session:
        document = await elaborate(session, text)
        session.discard([command.after for command in document.commands])
        return [message.text for message in document.errors]


@pytest.fixture(scope="module")
async def torture(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Editing]:
    folder: Path = tmp_path_factory.mktemp("torture")
    async with Editing.open(folder, {"tickets": False}) as editing:
        yield editing


async def typed_and_applied(editing: Editing, pool: Pool, edits: list[Typed], choice: int) -> int:
    """Type, then choose an offered insertion wherever there is one; how many went in."""
    name = f"T{next(FILES)}.lean"
    editing.show(name, START)
    await editing.until(lambda: editing.states(name) == ["proved"] * 5, "all proofs")
    for edit in edits:
        text = editing.text(name)
        start = round(edit.where * len(text))
        editing.edit(name, start, min(len(text), start + edit.length), edit.piece)
        if edit.saved:
            editing.save(name)
    if choice % 2:
        # Half of the time Lean has read what was saved, and searched it.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(4):
                while {"waiting", "searching", "stale"} & set(editing.states(name)):
                    await asyncio.sleep(0.1)
    applied = 0
    for place in holes(editing, name):
        offered = [
            action
            for action in await editing.actions(name, place)
            if action["title"].startswith("Insert")
        ]
        if not offered:
            continue
        before = editing.text(name)
        errors = await errors_of(pool, before)
        insert = offered[choice % len(offered)]
        if not await editing.choose(insert):
            assert editing.text(name) == before, "refused, so nothing has changed"
            continue
        applied += 1
        after = editing.text(name)
        only_the_hole_has_changed(before, after, insert["data"]["script"])
        new = [error for error in await errors_of(pool, after) if error not in errors]
        assert not new, f"{new}\n{before}\n--- became ---\n{after}"
    editing.shut(name)
    return applied


def holes(editing: Editing, name: str) -> list[int]:
    """Where a `sorry` stands, from the last to the first, so that places stay what they are."""
    text = editing.text(name)
    return [i for i in range(len(text), -1, -1) if text.startswith("sorry", i)]


def only_the_hole_has_changed(before: str, after: str, script: str) -> None:
    """One `sorry` has gone, a proof has come, and every other character is where it was."""
    start = next(
        (i for i, (old, new) in enumerate(zip(before, after, strict=False)) if old != new),
        min(len(before), len(after)),
    )
    behind = next(
        (
            i
            for i, (old, new) in enumerate(zip(before[::-1], after[::-1], strict=False))
            if old != new
        ),
        min(len(before), len(after)),
    )
    behind = min(behind, len(before) - start, len(after) - start)
    gone, come = before[start : len(before) - behind], after[start : len(after) - behind]
    # What the ends have in common with the proof is not in the difference.
    assert len(gone.strip()) <= len("sorry"), f"{gone!r} is gone"
    assert before.count("sorry") == after.count("sorry") + 1
    lines = [line.strip() for line in script.split("\n")]
    allowed = len("by ()") + sum(len(line) for line in lines) + 80 * len(lines)
    assert len(come) <= allowed, f"{come!r} has come for {script!r}"


async def test_edit_sequences(torture: Editing, pool: Pool, tortured: Callable[[], int]) -> None:
    """Sequences that Hypothesis makes. Collected first, because its tests can't await."""
    sequences: list[tuple[list[Typed], int]] = []

    @settings(
        max_examples=tortured(),
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(typed, max_size=8), st.integers(0, 3))
    def collect(edits: list[Typed], choice: int) -> None:
        sequences.append((edits, choice))

    collect()
    applied = 0
    for edits, choice in sequences:
        applied += await typed_and_applied(torture, pool, edits, choice)
    assert applied > len(sequences) // 2, "most sequences leave something to insert"


async def test_harmless_edits_leave_everything_offered(torture: Editing, pool: Pool) -> None:
    """Edits that touch no hole and break nothing: every proof still goes in."""
    chance = random.Random(7)
    for _ in range(3):
        edits = [
            Typed(0.0, 0, chance.choice(("\n", "-- é 😀\n", "theorem new : 1 = 1 := rfl\n")), saved)
            for saved in (False, True, False)
        ]
        edits = [edit for edit in edits if "theorem" not in edit.piece] or edits[:1]
        assert await typed_and_applied(torture, pool, edits, 0) >= 4
