// A workspace that is not trusted: nothing runs, the status bar says why, and trust changes it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LEAN } from "../support/codeServer.mjs";
import { session } from "../support/session.mjs";
import { sleep, until } from "../support/waiting.mjs";

const here = session("trust", { files: ["Easy.lean"], trust: true });

test("nothing is read or searched, and the status bar says why", async () => {
  const { editor, server } = here;
  await editor.show("Easy.lean");
  await editor.statusBecomes(/^shield .*not trusted/);
  await editor.save();
  await sleep(6000);
  assert.deepEqual(server.descendants(LEAN).map(({ command }) => command), []);
  assert.equal(await editor.squiggles("info"), 0);
  await editor.statusTooltip(/Manage workspace trust/);
});

test("the view says it too", async () => {
  const { editor } = here;
  await editor.command("Unsorry: Focus on Sorries View");
  await until("the words", async () => /until you trust/.test(await editor.page.locator(".sidebar").innerText()));
});

test("as soon as it is trusted, the search begins", async () => {
  const { editor, server } = here;
  await editor.command("Workspaces: Manage Workspace Trust");
  await editor.page.locator(".workspace-trust-editor .monaco-button", { hasText: /^Trust$/ }).first().click();
  await editor.show("Easy.lean");
  await editor.statusBecomes(/1\/1/, 300);
  assert.ok(server.descendants(LEAN).length > 0, "Lean runs now");
  await until("a line under the sorry", () => editor.squiggles("info"));
});
