// The server's life: killed, it comes back; the editor closed, nothing of it is left; not to be started, it says why.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LEAN } from "../support/codeServer.mjs";
import { UNSORRY } from "../support/paths.mjs";
import { still } from "../support/processes.mjs";
import { session } from "../support/session.mjs";
import { until } from "../support/waiting.mjs";

const SERVER = /unsorry lsp/;
const here = session("life", { files: ["Easy.lean"] });

test("a killed server is started again, and the goals come back", async () => {
  const { editor, server } = here;
  await editor.show("Easy.lean");
  await editor.statusBecomes(/1\/1/, 300);
  const [before] = server.descendants(SERVER);
  const lean = server.descendants(LEAN);
  assert.ok(lean.length > 0, "Lean runs");
  await editor.statusPasses(/restarting/, () => process.kill(before.pid, "SIGKILL"));
  await editor.message(/ended by SIGKILL.*started again/);
  await editor.clearNotifications();
  await editor.statusBecomes(/1\/1/, 300);
  const [after] = server.descendants(SERVER);
  assert.notEqual(after.pid, before.pid);
  await until("the Lean of the killed server is gone", () => still(lean).length === 0);
  await until("a line under the sorry", () => editor.squiggles("info"));
});

test("a server that can't be started: the status bar and a message say so", async () => {
  const { editor, server } = here;
  server.startWith("/nowhere/unsorry");
  await editor.statusBecomes(/^error .*not running/);
  const words = await editor.message(/\/nowhere\/unsorry/);
  console.log(`# ${words}`);
  assert.match(words, /Restart Server/);
  assert.match(words, /Show Log/);
  await editor.clearNotifications();
  await editor.cursor(2, 4);
  await editor.press("Control+Alt+Enter");
  await editor.message(/server is not running/);
  await editor.clearNotifications();
  server.startWith(UNSORRY);
  await editor.statusBecomes(/1\/1/, 300);
});

test("closing the editor leaves no server and no Lean behind", async () => {
  const { editor, server } = here;
  const [ours] = server.descendants(SERVER);
  const all = [ours, ...server.descendants(LEAN)];
  assert.ok(all.length > 1, "the server and Lean run");
  await editor.page.close();
  await until("all are gone", () => still(all).length === 0).catch((error) => {
    throw new Error(`${error.message}\n${still(all).map(({ command }) => command).join("\n")}`);
  });
});
