"""The way of a user: open, save, see, insert; what is shown on the way, and that Lean agrees."""

from collections.abc import Callable
from pathlib import Path

from bench.editing import Editing
from server.editor.states import CODES
from server.features.diagnostics import HELP
from tests.server.editor.holes import EASY, FALSE, hard


async def test_a_sorry_becomes_a_proof(
    editing: Editing, lean_accepts: Callable[[Path], bool]
) -> None:
    editing.show("Flow.lean", EASY)
    await editing.until_said("Flow.lean", "proof found: omega")
    insert = (await editing.actions("Flow.lean", "sorry"))[0]
    assert insert["title"] == "Insert the proof: omega"
    assert insert["kind"] == "quickfix" and insert["isPreferred"] and "edit" not in insert
    assert [d["code"] for d in insert["diagnostics"]] == ["proof-found"]
    assert await editing.choose(insert)
    assert editing.text("Flow.lean") == EASY.replace("sorry", "omega")
    editing.save("Flow.lean")
    await editing.until(lambda: not editing.said("Flow.lean"), "nothing left to say")
    assert lean_accepts(editing.folder / "Flow.lean")


async def test_a_false_statement_shows_its_counterexample(editing: Editing) -> None:
    editing.show("False.lean", FALSE)
    await editing.until_said("False.lean", "false as stated: n = ")
    (diagnostic,) = editing.diagnostics[editing.uri("False.lean")]
    assert diagnostic.severity == 2 and diagnostic.code == "false"
    assert diagnostic.source == "unsorry"
    assert diagnostic.code_description is not None
    link, _, anchor = diagnostic.code_description.href.partition("#")
    page = Path(link.removeprefix("file://")).read_text()
    assert f"## {anchor}" in page


async def test_what_is_found_has_the_severity_that_the_user_wants(editing: Editing) -> None:
    editing.show("Severity.lean", EASY.replace("easy", "severe"))
    await editing.until_said("Severity.lean", "proof found")
    assert [d.severity for d in editing.diagnostics[editing.uri("Severity.lean")]] == [3]


async def test_the_search_is_shown_while_it_lasts(editing: Editing) -> None:
    editing.show("Hard.lean", hard(61))
    await editing.until_said("Hard.lean", "searching for a proof: ")
    await editing.until(lambda: editing.states("Hard.lean") == ["searching"], "the same state")
    await editing.until(lambda: editing.states("Hard.lean") == ["open"], "the end of the search")
    await editing.until_said("Hard.lean", "no proof")


async def test_data_is_shown_and_never_filled(editing: Editing) -> None:
    editing.show("Data.lean", "def x : Nat := sorry\n")
    await editing.until_said("Data.lean", "not searched: it wants a value")
    (diagnostic,) = editing.diagnostics[editing.uri("Data.lean")]
    assert diagnostic.severity == 4
    assert await editing.actions("Data.lean", "sorry") == []


async def test_nothing_is_said_of_what_leans_server_says(editing: Editing) -> None:
    editing.show("Errors.lean", "theorem t : True := nonsense\n\n" + EASY.replace("easy", "beside"))
    await editing.until_said("Errors.lean", "proof found")
    assert len(editing.said("Errors.lean")) == 1


async def test_an_import_that_fails_is_one_diagnostic_at_the_header(editing: Editing) -> None:
    editing.show(
        "Import.lean", "-- a comment\nimport Nowhere.At.All\n\ntheorem t : True := by sorry\n"
    )
    await editing.until_said("Import.lean", "Nowhere.At.All")
    (diagnostic,) = editing.diagnostics[editing.uri("Import.lean")]
    assert diagnostic.range.start.line == 1 and diagnostic.code == "lean-trouble"
    assert "lake build" in str(diagnostic.message)


async def test_a_file_without_holes_costs_nothing(editing: Editing) -> None:
    editing.show("Without.lean", "theorem t : True := trivial\n")
    editing.save("Without.lean")
    editing.show("Other.lean", EASY.replace("easy", "other"))
    await editing.until_said("Other.lean", "proof found")
    assert not editing.said("Without.lean") and not editing.states("Without.lean")


async def test_only_what_is_saved_is_read(editing: Editing) -> None:
    editing.show("Saved.lean", FALSE)
    await editing.until_said("Saved.lean", "false as stated")
    editing.replace("Saved.lean", "n < 5", "n < 5 + n + 1")
    await editing.until_said("Saved.lean", "false before your last edits")
    editing.save("Saved.lean")
    await editing.until_said("Saved.lean", "proof found")


async def test_a_closed_document_is_forgotten(editing: Editing) -> None:
    editing.show("Shut.lean", hard(71))
    await editing.until(lambda: editing.states("Shut.lean"), "a goal")
    editing.shut("Shut.lean")
    await editing.until(lambda: not editing.states("Shut.lean"), "no goal")
    await editing.until(lambda: not editing.said("Shut.lean"), "no diagnostic")
    await editing.until(lambda: editing.status["running"] == 0, "nothing runs")


def test_every_code_is_explained_where_its_link_leads() -> None:
    page = HELP.read_text()
    codes = {*CODES.values(), "ticket", "lean-trouble"}
    assert [code for code in sorted(codes) if f"## {code}\n" not in page] == []
