// The status bar: what it says, its tooltip, its commands, pausing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AMPLE, session } from "../support/session.mjs";
import { until } from "../support/waiting.mjs";

const here = session("status", { files: ["Easy.lean", "Tree.lean", "Wrong.lean", "Hard.lean"], settings: AMPLE });

test("it spins while there is something to do, then shows what is solved", async () => {
  const { editor } = here;
  await editor.show("Tree.lean");
  await editor.statusPasses(/^(sync|loading)/);
  await editor.statusBecomes(/^beaker 2\/2 · \d+ %$/, 300);
});

test("the tooltip has the details", async () => {
  const { editor } = here;
  await editor.show("Hard.lean");
  await editor.statusBecomes(/2\/3/);
  await editor.statusTooltip(/CPU\s*\d+ % used, target \d+ %/, /Search\s*\d+ running, \d+ queued/, /Sorrys\s*3: 2 proved/, /Tickets/, /Lean\s*\S*4\.\d+/);
});

test("a picture of it", async () => {
  const { editor } = here;
  await editor.hideSideBar();
  await editor.size(760, 420);
  await editor.show("Tree.lean");
  await editor.statusTooltip();
  await editor.picture("status-bar", { x: 0, y: 160, width: 760, height: 260 });
  await editor.size(1280, 800);
});

test("a click offers what there is to do", async () => {
  const { editor } = here;
  await editor.statusItem.click();
  for (const label of ["Pause", "Set CPU target…", "Insert all proofs of this file", "Search the whole workspace", "Show log"]) {
    await editor.page.locator(".quick-input-list .monaco-list-row", { hasText: label }).waitFor();
  }
});

test("it can be paused, says so, and goes on", async () => {
  const { editor } = here;
  await editor.choose("Pause");
  const words = await editor.statusBecomes(/^debug-pause/);
  console.log(`# ${words}`);
  assert.match(words, /paused/);
  await editor.statusItem.click();
  await editor.choose("Resume");
  await editor.statusBecomes(/^(beaker|sync)/);
});

test("the share of the machine can be set", async () => {
  const { editor } = here;
  await editor.command("Unsorry: Set CPU Target");
  await editor.choose("25 %");
  await editor.statusTooltip(/target 25 %/);
});

test("the log can be shown", async () => {
  const { editor } = here;
  await editor.command("Unsorry: Show Log");
  await until("the log", async () => {
    // The panel shows the end, and this is how it begins.
    await editor.press("Control+Home");
    return /Starting\s\S*unsorry\slsp/.test(await editor.page.locator(".part.panel .view-lines").innerText());
  });
});

test("the conversation with the server can be traced", async () => {
  const { server } = here;
  const message = /(Received|Sending) (notification|request|response)/;
  assert.doesNotMatch(server.log(), message);
  server.change({ "unsorry.trace.server": "messages" });
  await until("a message in the log", () => message.test(server.log()));
  server.change({ "unsorry.trace.server": "off" });
});

test("a changed setting is heeded at once", async () => {
  const { editor, server } = here;
  await editor.closePanel();
  await editor.show("Tree.lean");
  await editor.textBecomes("proofs beside the sorrys", (text) => /✓/.test(text));
  server.change({ "unsorry.inlayHints": false });
  await editor.textBecomes("none any more", (text) => !/✓/.test(text));
  server.change({ "unsorry.inlayHints": true, "unsorry.severity": "warning" });
  await editor.textBecomes("them again", (text) => /✓/.test(text));
  await until("yellow lines", () => editor.squiggles("warning"));
});
