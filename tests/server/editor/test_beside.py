"""What is shown beside the text: hover, code lens, hints, pulled diagnostics, the status."""

import itertools
import time

from lsprotocol import types

from bench.editing import Editing
from tests.server.editor.holes import EASY, FALSE, hard

PAIR = """theorem pair (a b : Nat) : a + b = b + a ∧ a * b = b * a := by
  constructor
  · sorry
  · sorry
"""


def document(editing: Editing, name: str) -> types.TextDocumentIdentifier:
    return types.TextDocumentIdentifier(editing.uri(name))


async def lenses(editing: Editing, name: str) -> list[types.CodeLens]:
    params = types.CodeLensParams(document(editing, name))
    return list(await editing.client.text_document_code_lens_async(params) or ())


async def hints(editing: Editing, name: str) -> list[str]:
    everything = types.Range(types.Position(0, 0), types.Position(10_000, 0))
    params = types.InlayHintParams(document(editing, name), everything)
    found = await editing.client.text_document_inlay_hint_async(params)
    return [str(hint.label) for hint in found or ()]


async def test_a_hover_tells_everything_about_a_hole(editing: Editing) -> None:
    editing.show("Hover.lean", EASY.replace("easy", "hovered"))
    await editing.until_said("Hover.lean", "proof found")
    said = await editing.hover("Hover.lean", "sorry")
    assert said.startswith("**Unsorry** · proof found\n")
    assert "```lean4\nomega\n```" in said and "found by `arithmetic`" in said
    assert "```lean4\na b : Nat\n⊢ a + b = b + a\n```" in said
    assert "| `arithmetic` | proved it |" in said and "left for light strategies" in said
    assert await editing.hover("Hover.lean", "theorem") == ""


async def test_a_hover_on_a_false_goal_shows_the_values(editing: Editing) -> None:
    editing.show("FalseHover.lean", FALSE)
    await editing.until_said("FalseHover.lean", "false as stated")
    assert "false as stated: n = " in await editing.hover("FalseHover.lean", "sorry")


async def test_a_lens_counts_the_holes_of_a_declaration(editing: Editing) -> None:
    editing.show("Lens.lean", f"-- first\n\n{PAIR}\n{FALSE}")
    await editing.until(
        lambda: sorted(editing.states("Lens.lean")) == ["proved", "proved", "refuted"], "verdicts"
    )
    first, second = await lenses(editing, "Lens.lean")
    assert first.range.start.line == 2 and first.command is not None
    assert first.command.title == "Unsorry: 2 of 2 proved · insert all"
    assert second.command is not None and second.command.command == ""
    assert second.command.title == "Unsorry: 0 of 1 proved · 1 false"
    editing.edit("Lens.lean", 0, 0, "\n\n")
    assert (await lenses(editing, "Lens.lean"))[0].range.start.line == 4
    assert await editing.command(first.command.command, *(first.command.arguments or ())) == 2
    assert "sorry" not in editing.text("Lens.lean").split("theorem wrong")[0]


async def test_hints_show_answers_and_can_be_switched_off(editing: Editing) -> None:
    editing.show("Hints.lean", f"{EASY}\n{FALSE}")
    await editing.until(lambda: "refuted" in editing.states("Hints.lean"), "a refutation")
    await editing.until_said("Hints.lean", "proof found")
    shown = await hints(editing, "Hints.lean")
    assert shown[0] == "✓ omega" and shown[1].startswith("✗ false: n = ")
    editing.settings.update({"inlayHints": False, "codeLens": False})
    editing.client.workspace_did_change_configuration(
        types.DidChangeConfigurationParams(settings=None)
    )
    while await hints(editing, "Hints.lean"):
        pass
    assert await lenses(editing, "Hints.lean") == []
    editing.settings.update({"inlayHints": True, "codeLens": True})
    editing.client.workspace_did_change_configuration(
        types.DidChangeConfigurationParams(settings=None)
    )
    while not await hints(editing, "Hints.lean"):
        pass


async def test_the_status_comes_when_something_changes_and_not_too_often(
    editing: Editing,
) -> None:
    editing.statuses.clear()
    began = time.monotonic()
    editing.show("Status.lean", f"{EASY}\n{hard(3)}")
    await editing.until(lambda: editing.states("Status.lean") == ["proved", "open"], "verdicts")
    # What earlier tests have closed is gone as well.
    await editing.until(
        lambda: editing.status["goals"] == 2 and editing.status["solved"] == 1,
        "the goals of this file alone",
    )
    status = editing.status
    assert set(status) == {
        "load", "target", "running", "queued", "goals", "solved", "refuted", "open", "tickets",
        "reading", "paused_because", "follows", "lean",
    }  # fmt: skip
    assert status["lean"].startswith("Lean 4.")
    times = [moment for moment, _ in editing.statuses]
    # Some may have waited for us: at most four a second on the whole.
    assert len(times) <= 4 * (times[-1] - began) + 4
    told = [said for _, said in editing.statuses]
    assert all(one != other for one, other in itertools.pairwise(told))


async def test_diagnostics_can_be_pulled(editing: Editing, tmp_path_factory: object) -> None:
    folder = editing.folder.parent / "pulled"
    folder.mkdir()
    async with Editing.open(folder, options={"diagnostics": "pull"}) as other:
        assert other.server is not None and other.server.capabilities.diagnostic_provider
        other.show("Pull.lean", EASY)
        await other.until(lambda: other.states("Pull.lean") == ["proved"], "a proof")
        params = types.DocumentDiagnosticParams(document(other, "Pull.lean"))
        report = await other.client.text_document_diagnostic_async(params)
        assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
        assert [item.message for item in report.items] == ["proof found: omega"]
        params.previous_result_id = report.result_id
        again = await other.client.text_document_diagnostic_async(params)
        assert isinstance(again, types.RelatedUnchangedDocumentDiagnosticReport)
        assert not other.diagnostics and other.refreshes > 0


async def test_a_client_that_pushes_is_not_told_to_pull(editing: Editing) -> None:
    assert editing.server is not None
    assert editing.server.capabilities.diagnostic_provider is None
