"""A file as Lean sees it: commands, messages and holes, and as little as possible done twice."""

import asyncio
from dataclasses import astuple
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lean.document import Document, elaborate
from lean.pool import Pool
from lean.session import Session

FILE = """/-! A file. sorry -/

namespace Toy

-- sorry: not a hole
def double (n : Nat) : Nat := n + n

/-- Doubling is monotone. sorry -/
theorem mono {a b : Nat} (h : a ≤ b) : double a ≤ double b := by
  unfold double
  sorry

section
variable (p q : Prop)

theorem swap : p ∧ q → q ∧ p := fun ⟨hp, hq⟩ => ⟨sorry, by admit⟩

end

def text := "sorry"

example : double 2 = 4 := sorry

end Toy
"""


def shape(document: Document) -> list[object]:
    """What a document says, without ids and times."""
    holes = [
        (hole.identity, hole.start, hole.end, hole.goals, hole.mode, hole.line, hole.column)
        for hole in document.holes
    ]
    commands = [
        (command.begin, command.start, command.end, command.next, command.kind, command.messages)
        for command in document.commands
    ]
    return [holes, commands, document.import_error, document.interrupted]


async def test_a_module_is_refused_where_it_would_be_read_as_another_kind_of_file(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "module\npublic theorem t : 1 = 1 := rfl\n"
    assert (await elaborate(session, text)).elaborates
    # As the sessions of a native Lean are.
    monkeypatch.setattr(session, "serves_modules", False)
    refused = await elaborate(session, text)
    assert "`module` header are not supported" in refused.import_error
    assert (refused.elaborates, refused.commands) == (False, ())
    assert (await elaborate(session, text.replace("module\npublic", ""))).elaborates


async def test_commands_tile_the_text(session: Session) -> None:
    document = await elaborate(session, FILE)
    assert document.elaborates
    assert document.commands[0].begin == document.header.start
    for earlier, later in zip(document.commands, document.commands[1:], strict=False):
        assert earlier.next == later.begin
        assert earlier.after == later.before
    assert document.text_of(document.commands[1]) == "namespace Toy"
    names = [name for command in document.commands for name in command.declarations]
    assert names[:2] == ["Toy.double", "Toy.mono"]


async def test_holes_are_found_where_they_are_and_nowhere_else(session: Session) -> None:
    document = await elaborate(session, FILE)
    seen = [(hole.line, hole.column, hole.declaration, hole.mode) for hole in document.holes]
    assert seen == [
        (11, 3, "Toy.mono", "tactic"),
        (16, 50, "Toy.swap", "term"),
        (16, 60, "Toy.swap", "tactic"),
        (22, 27, "example", "term"),
    ]
    assert document.holes[0].goals == ("a b : Nat\nh : a ≤ b\n⊢ a + a ≤ b + b",)
    assert [document.text_of(hole) for hole in document.holes] == ["sorry"] * 2 + ["admit", "sorry"]


async def test_one_range_is_one_hole(session: Session) -> None:
    text = "theorem t (p : Prop) (h : p) : p ∧ p ∧ p := by\n  refine ⟨?_, ?_, ?_⟩ <;> sorry"
    (hole,) = (await elaborate(session, text)).holes
    assert len(hole.proofs) == 3
    assert [goal.splitlines()[-1] for goal in hole.goals] == ["⊢ p"] * 3


async def test_data_is_told_from_proofs(session: Session) -> None:
    text = "def d : Nat := sorry\ndef e : Nat × Nat := by\n  constructor\n  all_goals sorry\n"
    document = await elaborate(session, text)
    assert [(hole.mode, hole.syntax_mode) for hole in document.holes] == [
        ("data", "term"),
        ("data", "tactic"),
    ]


async def test_a_hole_behind_a_macro_is_not_editable(session: Session) -> None:
    text = 'macro "later" : tactic => `(tactic| sorry)\ntheorem t : True := by later\n'
    (hole,) = (await elaborate(session, text)).holes
    assert not hole.editable
    assert text[hole.start : hole.end] == "later"


async def test_positions_are_those_of_the_original_text(session: Session) -> None:
    text = "\ufeff-- 👩‍👧\r\n\r\ntheorem «α𝒢» : True := sorry"
    document = await elaborate(session, text)
    (hole,) = document.holes
    assert (hole.line, hole.column) == (3, 24)
    assert (hole.end_line, hole.end_column) == (3, 29)
    start = document.source.index(hole.start)
    assert text[start : start + 5] == "sorry"
    assert document.source.utf16(hole.start) == (2, 24)


async def test_a_file_that_does_not_parse_keeps_its_healthy_part(session: Session) -> None:
    text = "theorem a : True := sorry\ndef := 3\ntheorem b : True := sorry\n"
    document = await elaborate(session, text)
    assert not document.elaborates
    assert [hole.declaration for hole in document.holes] == ["a", "b"]
    assert document.source.line_column(document.errors[0].start)[0] == 2


@pytest.mark.parametrize("text", ["", "\n", "-- nothing", "import Init", "/-- dangling -/"])
async def test_files_without_commands(session: Session, text: str) -> None:
    document = await elaborate(session, text)
    assert not document.holes
    assert document.elaborates == (text != "/-- dangling -/")


async def test_an_import_that_fails_is_reported_with_what_to_do(session: Session) -> None:
    document = await elaborate(session, "import Nowhere.AtAll\ntheorem t : True := sorry\n")
    assert "Nowhere" in document.import_error
    assert "lake build" in document.import_error
    assert not document.elaborates
    assert document.commands == ()


async def test_time_that_runs_out_is_said(session: Session) -> None:
    text = (
        "theorem t : True := sorry\n"
        + "example : (List.range 5000).length = 5000 := by decide\n" * 9
    )
    slow = "set_option maxRecDepth 100000\nset_option maxHeartbeats 0\n" + text
    document = await elaborate(session, slow, seconds=1.0)
    if document.interrupted:
        assert not document.elaborates
        again = await elaborate(session, slow, document, seconds=1.0)
        assert again.reused >= 3


# Again, after an edit


async def test_nothing_is_done_twice_for_the_same_text(session: Session) -> None:
    first = await elaborate(session, FILE)
    second = await elaborate(session, FILE, first)
    assert second.reused == len(first.commands)
    assert second.commands == first.commands
    assert second.holes == first.holes


@pytest.mark.parametrize(
    ("old", "new", "reused"),
    [
        ("example : double 2 = 4", "example : double 3 = 6", 9),
        ("unfold double\n", "simp only [double]\n", 3),
        ("n + n", "2 * n", 2),
        ("-- sorry: not a hole", "-- still not", 1),
        ("/-! A file. sorry -/", "/-! A file -/", 0),
        ("end Toy\n", "end Toy", 9),
        ("end Toy\n", "end Toy\n\ntheorem last : 1 = 1 := sorry", 9),
    ],
)
async def test_an_edit_costs_what_follows_it(
    session: Session, old: str, new: str, reused: int
) -> None:
    first = await elaborate(session, FILE)
    edited = FILE.replace(old, new)
    second = await elaborate(session, edited, first)
    assert second.reused == reused
    assert shape(second) == shape(await elaborate(session, edited))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # An edit right behind a command can make it longer.
        ("theorem t : 1 = 1 := by\n  skip\n", "theorem t : 1 = 1 := by\n  skip\n  sorry\n"),
        ("theorem t : 1 = 1 := id\n#eval 1", "theorem t : 1 = 1 := id\n  sorry\n#eval 1"),
        (
            "structure S where\n  x : Nat\nderiving instance Repr for S\n#eval 1",
            "structure S where\n  x : Nat\nderiving Repr\n#eval 1",
        ),
        ("def a := 1\n", "def a := 1 -- one\n"),
        ("def a := 1", "def a := 12"),
        (
            "#eval 1\n#exit\ntheorem t : 1 = 1 := sorry",
            "#eval 1\n#exit\ntheorem t : 1 = 2 := sorry",
        ),
        ("def a := 1\n#exi", "def a := 1\n#exit"),
        ("def a := 1 def b := 2", "def a := 1 def b := sorry"),
        ("theorem t : 1 = 1 := by simp", "theorem t : 1 = 1 := by simp at"),
        ("open Nat in\ntheorem t : 1 = 1 := rfl", "open Nat\ntheorem t : 1 = 1 := rfl"),
        ("def x := 1\nend\n", "section\ndef x := 1\nend\n"),
        ("import Init\ndef x := 1", "import Init\nimport Std\ndef x := 1"),
    ],
)
async def test_an_edit_gives_what_a_full_elaboration_gives(
    session: Session, before: str, after: str
) -> None:
    edited = await elaborate(session, after, await elaborate(session, before))
    assert shape(edited) == shape(await elaborate(session, after))
    back = await elaborate(session, before, edited)
    assert shape(back) == shape(await elaborate(session, before))


LINES = [
    "theorem t : 1 = 1 := by",
    "  skip",
    "  sorry",
    "def f (n : Nat) := n",
    "structure S where",
    "  x : Nat",
    "deriving Repr",
    "deriving instance Repr for S",
    "-- comment",
    "section",
    "end",
    "/-- doc -/",
    "#check f",
    "example : True := sorry",
    "",
    "namespace N",
    "where",
]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    before=st.lists(st.sampled_from(LINES), max_size=8),
    after=st.lists(st.sampled_from(LINES), max_size=8),
    common=st.lists(st.sampled_from(LINES), max_size=5),
)
async def test_any_edit_gives_what_a_full_elaboration_gives(
    pool: Pool,
    before: list[str],
    after: list[str],
    common: list[str],
) -> None:
    old, new = "\n".join(common + before), "\n".join(common + after)
    async with pool.lease(["Init"]) as session:
        edited = await elaborate(session, new, await elaborate(session, old))
        assert shape(edited) == shape(await elaborate(session, new))


async def test_a_document_of_another_session_is_of_no_use(pool: Pool) -> None:
    async with pool.lease(["Init"]) as one, pool.lease(["Init"]) as other:
        first = await elaborate(one, FILE)
        second = await elaborate(other, FILE, first)
        assert second.reused == 0
        assert second.session == other.serial


async def test_states_that_are_no_longer_needed_are_dropped(session: Session) -> None:
    document = await elaborate(session, FILE)
    await session.drop()
    before = await session.stats()
    for round_ in range(5):
        edited = FILE.replace("double 2 = 4", f"double {round_} = {2 * round_}")
        document = await elaborate(session, edited, document)
    await session.drop()
    after = await session.stats()
    assert (after.states, after.proofs) == (before.states, before.proofs)


async def test_a_cancelled_elaboration_leaves_the_old_document_as_it_was(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await elaborate(session, FILE)
    asked, ask = asyncio.Event(), Session.elaborate

    def noted(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever it is given
        asked.set()
        return ask(*arguments, **named)

    monkeypatch.setattr(Session, "elaborate", noted)
    task = asyncio.create_task(elaborate(session, FILE.replace("n + n", "2 * n"), first))
    await asyncio.wait_for(asked.wait(), 60)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    monkeypatch.undo()
    again = await elaborate(session, FILE, first)
    assert again.reused == len(first.commands)
    outcomes = [o async for o in session.check(again.holes[0].proofs, ["omega"])]
    assert [outcome.result for outcome in outcomes] == ["proved"]


async def test_identities_stay_when_the_text_moves(session: Session) -> None:
    first = await elaborate(session, FILE)
    moved = FILE.replace("namespace Toy", "/- more -/\n\nnamespace Toy\n\ndef other := 1")
    second = await elaborate(session, moved)
    assert [hole.identity for hole in first.holes] == [hole.identity for hole in second.holes]
    assert len({hole.identity for hole in first.holes}) == len(first.holes)
    assert astuple(first.holes[0]) != astuple(second.holes[0])
