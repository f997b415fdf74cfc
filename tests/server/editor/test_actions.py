"""Code actions: which are offered, what they change, and that proofs are checked before."""

from collections.abc import Callable
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from bench.editing import Editing
from bench.ticket_life import TEXT
from tests.server.editor.holes import EASY, FALSE, hard

THREE = """theorem one (a b : Nat) : a * b = b * a := by
  sorry

theorem two (xs : List Nat) : xs ++ [] = xs := by sorry

theorem three (p q : Prop) (hp : p) (hq : q) : p ∧ q := by
  constructor
  · sorry
  · sorry
"""


def titles(actions: list[dict[str, object]]) -> list[object]:
    return [action["title"] for action in actions]


async def test_a_stale_proof_is_checked_again_before_it_goes_in(
    editing: Editing, lean_accepts: Callable[[Path], bool]
) -> None:
    editing.show("Stale.lean", EASY)
    await editing.until_said("Stale.lean", "proof found")
    editing.edit("Stale.lean", 0, 0, "-- 😀 above\ntheorem new : 1 + 1 = 2 := rfl\n\n")
    await editing.until_said("Stale.lean", "proof found before your last edits: omega")
    await editing.until(lambda: editing.states("Stale.lean") == ["stale"], "the same state")
    assert await editing.choose((await editing.actions("Stale.lean", "sorry"))[0])
    assert "  omega\n" in editing.text("Stale.lean")
    editing.save("Stale.lean")
    assert lean_accepts(editing.folder / "Stale.lean")


async def test_a_proof_that_holds_no_more_is_withdrawn(editing: Editing) -> None:
    editing.show("Withdrawn.lean", EASY)
    await editing.until_said("Withdrawn.lean", "proof found")
    editing.replace("Withdrawn.lean", "a + b = b + a", "a + b = b + a + 1")
    before = editing.text("Withdrawn.lean")
    insert = (await editing.actions("Withdrawn.lean", "sorry"))[0]
    assert not await editing.choose(insert)
    assert editing.text("Withdrawn.lean") == before
    await editing.until(lambda: editing.messages, "a message")
    assert "does not hold in the text as it is now" in editing.messages[-1]


async def test_a_hole_that_is_gone_has_no_action(editing: Editing) -> None:
    editing.show("Gone.lean", EASY)
    await editing.until_said("Gone.lean", "proof found")
    editing.replace("Gone.lean", "sorry", "sorry_not")
    assert await editing.actions("Gone.lean", "sorry_not") == []


async def test_an_edit_is_for_the_version_that_it_was_worked_out_for(editing: Editing) -> None:
    editing.show("Version.lean", EASY)
    await editing.until_said("Version.lean", "proof found")
    insert = (await editing.actions("Version.lean", "sorry"))[0]
    edit = await editing.edit_of(insert)
    assert edit is not None and edit.document_changes is not None
    (change,) = edit.document_changes
    assert isinstance(change, types.TextDocumentEdit) and change.text_document.version == 1
    editing.edit("Version.lean", 0, 0, "\n")
    assert not editing.apply(edit)


async def test_every_proof_of_a_file_goes_in_at_once(
    editing: Editing, lean_accepts: Callable[[Path], bool]
) -> None:
    editing.show("All.lean", THREE)
    await editing.until(lambda: editing.states("All.lean") == ["proved"] * 4, "four proofs")
    only = await editing.actions("All.lean", 0, ["source.fixAll"])
    assert titles(only) == ["Unsorry: insert every proof of this file"]
    assert only[0]["kind"] == "source.fixAll.unsorry"
    assert await editing.choose(only[0])
    assert "sorry" not in editing.text("All.lean")
    editing.save("All.lean")
    assert lean_accepts(editing.folder / "All.lean")


async def test_only_the_kinds_that_are_asked_for_are_listed(editing: Editing) -> None:
    editing.show("Kinds.lean", EASY)
    await editing.until_said("Kinds.lean", "proof found")
    fixes = await editing.actions("Kinds.lean", "sorry", ["quickfix"])
    assert fixes and {action.get("kind") for action in fixes} == {"quickfix"}
    assert await editing.actions("Kinds.lean", "sorry", ["refactor"]) == []
    assert await editing.actions("Kinds.lean", "sorry", ["source.organizeImports"]) == []


async def test_two_holes_in_a_range_have_no_preferred_action(editing: Editing) -> None:
    editing.show("Two.lean", "theorem t : True ∧ 1 = 1 := ⟨sorry,sorry⟩\n")
    await editing.until(lambda: editing.states("Two.lean") == ["proved"] * 2, "two proofs")
    first = editing.text("Two.lean").index("sorry")
    assert (await editing.actions("Two.lean", first))[0]["isPreferred"]
    between = await editing.actions("Two.lean", first + len("sorry"))
    assert [a.get("isPreferred") for a in between if a["title"].startswith("Insert")] == [True]
    both = await editing.actions("Two.lean", first, length=len("sorry,sorry"))
    assert [a.get("isPreferred") for a in both if a["title"].startswith("Insert")] == [None, None]


@pytest.mark.parametrize(
    ("name", "text", "proved"),
    [
        ("term", "theorem t : 1 + 1 = 2 := sorry\n", "theorem t : 1 + 1 = 2 := by {}\n"),
        ("crlf", EASY.replace("\n", "\r\n"), EASY.replace("\n", "\r\n").replace("sorry", "{}")),
        (
            "astral",
            "theorem t (a b : Nat) : /- 𝔸😀é -/ a + b = b + a := by /- 𝔸 -/ sorry -- 😀\n",
            "theorem t (a b : Nat) : /- 𝔸😀é -/ a + b = b + a := by /- 𝔸 -/ {} -- 😀\n",
        ),
        (
            "separators",
            "-- \u2028 \u0085 \x0c\ntheorem t (a b : Nat) : a + b = b + a := by sorry\n",
            "-- \u2028 \u0085 \x0c\ntheorem t (a b : Nat) : a + b = b + a := by {}\n",
        ),
    ],
)
async def test_edits_are_written_as_a_careful_person_would(
    editing: Editing, name: str, text: str, proved: str
) -> None:
    file = f"Written_{name}.lean"
    editing.show(file, text)
    await editing.until_said(file, "proof found")
    await editing.choose((await editing.actions(file, "sorry"))[0])
    before, _, after = proved.partition("{}")
    now = editing.text(file)
    assert now.startswith(before) and now.endswith(after), now


async def test_a_proof_of_several_lines_is_aligned(editing: Editing) -> None:
    editing.show(
        "Lines.lean",
        "inductive T where\n  | leaf\n  | node (l r : T)\n\n"
        "def T.mirror : T → T\n  | leaf => leaf\n  | node l r => node r.mirror l.mirror\n\n"
        "theorem mirror_mirror (t : T) : t.mirror.mirror = t := by\n  sorry\n",
    )
    await editing.until_said("Lines.lean", "proof found")
    assert await editing.choose((await editing.actions("Lines.lean", "sorry"))[0])
    editing.save("Lines.lean")
    await editing.until(lambda: not editing.states("Lines.lean"), "no hole")


async def test_another_proof_is_looked_for_and_offered(editing: Editing) -> None:
    editing.show("Another.lean", "theorem t (p q : Prop) (hp : p) (hq : q) : p ∧ q := by sorry\n")
    await editing.until_said("Another.lean", "proof found")
    another = "Look for another proof"
    (look,) = [a for a in await editing.actions("Another.lean", "sorry") if a["title"] == another]
    await editing.choose(look)
    await editing.until(lambda: editing.messages, "a message")
    assert "nother proof" in editing.messages[-1]
    inserts = [
        action["title"]
        for action in await editing.actions("Another.lean", "sorry")
        if action["title"].startswith("Insert")
    ]
    assert len(inserts) >= 2, editing.messages


async def test_the_search_can_be_stopped_and_asked_for_again(editing: Editing) -> None:
    editing.show("Stop.lean", hard(72))
    await editing.until(lambda: editing.states("Stop.lean") == ["searching"], "a search")
    actions = await editing.actions("Stop.lean", "sorry")
    assert titles(actions) == ["Search harder for a proof", "Stop searching here"]
    await editing.choose(actions[1])
    await editing.until(lambda: editing.states("Stop.lean") == ["stopped"], "the end of it")
    editing.save("Stop.lean")
    editing.edit("Stop.lean", 0, 0, "\n")
    editing.save("Stop.lean")
    await editing.until(lambda: editing.status["reading"] == 0, "it was read")
    assert editing.states("Stop.lean") == ["stopped"]
    await editing.choose((await editing.actions("Stop.lean", "sorry"))[0])
    await editing.until(lambda: editing.states("Stop.lean") == ["searching"], "a search")


async def test_a_refuted_goal_has_nothing_to_insert(editing: Editing) -> None:
    editing.show("Refuted.lean", FALSE)
    await editing.until_said("Refuted.lean", "false as stated")
    actions = await editing.actions("Refuted.lean", "sorry")
    assert not [action for action in actions if action["title"].startswith("Insert")]
    goal = editing.goals[editing.uri("Refuted.lean")][0]["id"]
    with pytest.raises(JsonRpcException, match="No proof of this goal"):
        await editing.command("unsorry.insert", editing.uri("Refuted.lean"), goal)


async def test_a_helper_lemma_goes_in_above_with_the_proof_that_needs_it(
    tmp_path: Path, lean_accepts: Callable[[Path], bool]
) -> None:
    # Plain embedded Lean can't compile `++` (docs/decisions/005).
    text = f"noncomputable section\n{TEXT}"
    async with Editing.open(tmp_path, {"timeout": 20}) as editing:
        editing.show("Helper.lean", text)
        await editing.until_said("Helper.lean", "(with a helper lemma)")
        insert = (await editing.actions("Helper.lean", "sorry"))[0]
        assert insert["title"].startswith("Insert the helper lemma and the proof: ")
        assert await editing.choose(insert)
        lemma, _, rest = editing.text("Helper.lean").partition("/-- Reversing")
        assert lemma.startswith(text.partition("/-- Reversing")[0]) and "theorem total_rev" in lemma
        assert "sorry" not in rest
        editing.save("Helper.lean")
        assert lean_accepts(tmp_path / "Helper.lean")
