import assert from "node:assert/strict";
import { test } from "node:test";
import type { Status } from "../src/protocol";
import { endOf } from "../src/serverState";
import { statusText } from "../src/statusText";

const RUNNING = { kind: "running" } as const;

function status(changes: Partial<Status> = {}): Status {
  return {
    load: 0.48, target: 0.5, running: 0, queued: 0, goals: 7, solved: 3, refuted: 1, open: 2, tickets: 4,
    reading: 0, paused_because: "", follows: "", lean: "Lean 4.28.0 (embedded)", ...changes,
  };
}

test("shows how many sorrys are solved and how busy the machine is", () => {
  assert.equal(statusText(RUNNING, status(), true).text, "$(beaker) 3/7 · 48 %");
});

test("spins while it searches or reads", () => {
  assert.match(statusText(RUNNING, status({ running: 1 }), true).text, /^\$\(sync~spin\)/);
  assert.match(statusText(RUNNING, status({ reading: 1 }), true).text, /^\$\(sync~spin\)/);
});

test("says why it is paused", () => {
  assert.equal(statusText(RUNNING, status({ paused_because: "on battery" }), true).text, "$(debug-pause) 3/7 · paused: on battery");
  assert.equal(statusText(RUNNING, status({ paused_because: "paused by you" }), true).text, "$(debug-pause) 3/7 · paused by you");
});

test("a long reason is cut in the line and whole in the tooltip", () => {
  const reason = "other programs need the machine, and have needed it for half an hour";
  const shown = statusText(RUNNING, status({ paused_because: reason }), true);
  assert.ok(shown.text.endsWith("…"));
  assert.ok(shown.tooltip.includes(reason));
});

test("offers to resume while paused, and to pause otherwise", () => {
  assert.match(statusText(RUNNING, status({ paused_because: "by you" }), true).tooltip, /command:unsorry\.resumeSearch/);
  assert.match(statusText(RUNNING, status(), true).tooltip, /command:unsorry\.pauseSearch/);
});

test("says who else searches", () => {
  const shown = statusText(RUNNING, status({ follows: "unsorry bg (process 4711)" }), true);
  assert.equal(shown.text, "$(eye) 3/7 · another program searches");
  assert.match(shown.tooltip, /unsorry bg \\\(process 4711\\\)/);
});

test("says that the workspace is not trusted", () => {
  const shown = statusText(RUNNING, status(), false);
  assert.match(shown.text, /not trusted/);
  assert.match(shown.tooltip, /command:workbench\.trust\.manage/);
});

test("the tooltip is a table with everything", () => {
  const { tooltip } = statusText(RUNNING, status({ running: 2, queued: 5 }), true);
  assert.match(tooltip, /\| CPU&nbsp;&nbsp; \| 48 % used, target 50 % \|/);
  assert.match(tooltip, /\| Search&nbsp;&nbsp; \| 2 running, 5 queued \|/);
  assert.match(tooltip, /\| Sorrys&nbsp;&nbsp; \| 7: 3 proved, 1 refuted, 2 open \|/);
  assert.match(tooltip, /\| Tickets&nbsp;&nbsp; \| 4 \|/);
  assert.match(tooltip, /\| Lean&nbsp;&nbsp; \| Lean 4\.28\.0 \\\(embedded\\\) \|/);
});

test("words of the server can't break the table or add links", () => {
  const { tooltip } = statusText(RUNNING, status({ lean: "a|b [x](command:evil)\nc" }), true);
  assert.ok(tooltip.includes("a\\|b \\[x\\]\\(command:evil\\) c"));
});

test("every state of the server has words, and a failure is red", () => {
  assert.equal(statusText({ kind: "failed", reason: "no Python" }, undefined, true).alarm, "error");
  assert.match(statusText({ kind: "failed", reason: "no Python" }, undefined, true).tooltip, /no Python/);
  assert.match(statusText({ kind: "preparing", step: "installing pygls" }, undefined, true).tooltip, /installing pygls/);
  assert.match(statusText({ kind: "waiting", reason: "It died.", seconds: 4 }, undefined, true).tooltip, /in 4 s/);
  assert.match(statusText({ kind: "starting" }, undefined, true).text, /starting/);
  assert.match(statusText({ kind: "stopped" }, undefined, true).text, /stopped/);
  assert.equal(statusText(RUNNING, undefined, true).text, "$(beaker) Unsorry");
});

test("how a process ended", () => {
  assert.equal(endOf(null, "SIGKILL"), "was ended by SIGKILL");
  assert.equal(endOf(1, null), "ended with exit code 1");
  assert.equal(endOf(null, null), "ended");
});
