// The status bar: what it says, its tooltip, its commands, pausing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { session } from "../support/session.mjs";
import { until } from "../support/waiting.mjs";

const here = session("status", { files: ["Easy.lean", "Tree.lean", "Wrong.lean", "Hard.lean"] });

test("it spins while there is something to do, then shows what is solved", async () => {
  const { editor } = here;
  await editor.show("Tree.lean");
  await editor.statusBecomes(/^(sync|loading)/);
  await editor.statusBecomes(/^beaker 2\/2 · \d+ %$/, 180);
});

test("the tooltip has the details", async () => {
  const { editor } = here;
  await editor.show("Hard.lean");
  await editor.statusBecomes(/2\/3/);
  const words = await editor.statusTooltip();
  for (const row of [/CPU\s*\d+ % used, target \d+ %/, /Search\s*\d+ running, \d+ queued/, /Sorrys\s*3: 2 proved/, /Tickets/, /Lean\s*\S*4\.\d+/]) {
    assert.match(words, row);
  }
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
  const rows = await editor.quickPick();
  for (const label of ["Pause", "Set CPU target…", "Insert all proofs of this file", "Search the whole workspace", "Show log"]) {
    assert.ok(rows.some((row) => row.includes(label)), `${label} in ${rows.join(", ")}`);
  }
});

test("it can be paused, says so, and goes on", async () => {
  const { editor } = here;
  await editor.choose("Pause");
  const words = await editor.statusBecomes(/^debug-pause/, 20);
  console.log(`# ${words}`);
  assert.match(words, /paused/);
  await editor.statusItem.click();
  await editor.choose("Resume");
  await editor.statusBecomes(/^(beaker|sync)/, 20);
});

test("the share of the machine can be set", async () => {
  const { editor } = here;
  await editor.command("Unsorry: Set CPU Target");
  await editor.choose("25 %");
  await until("the tooltip shows the target", async () => /target 25 %/.test(await editor.statusTooltip()), 20);
});

test("the log can be shown", async () => {
  const { editor } = here;
  await editor.command("Unsorry: Show Log");
  await until("the log", async () => /Starting\s\S*unsorry\slsp/.test(await editor.page.locator(".part.panel .view-lines").innerText()), 20);
});

test("the conversation with the server can be traced", async () => {
  const { editor, server } = here;
  const log = () => editor.page.locator(".part.panel .view-lines").innerText();
  assert.doesNotMatch(await log(), /notification/);
  server.change({ "unsorry.trace.server": "messages" });
  await until("a message in the log", async () => /(Received|Sending)\s(notification|request|response)/.test(await log()), 20);
  server.change({ "unsorry.trace.server": "off" });
});

test("a changed setting is heeded at once", async () => {
  const { editor, server } = here;
  await editor.closePanel();
  await editor.show("Tree.lean");
  await until("proofs beside the sorrys", async () => /✓/.test(await editor.text()), 20);
  server.change({ "unsorry.inlayHints": false });
  await until("none any more", async () => !/✓/.test(await editor.text()), 20);
  server.change({ "unsorry.inlayHints": true, "unsorry.severity": "warning" });
  await until("them again", async () => /✓/.test(await editor.text()), 20);
  await until("yellow lines", () => editor.squiggles("warning"), 20);
});
