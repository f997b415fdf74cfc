// Neovim, headless, with the configuration that docs/editors.md gives, word for word.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { LEAN } from "../support/codeServer.mjs";
import { E2E, ENVIRONMENT, REPOSITORY, UNSORRY } from "../support/paths.mjs";
import { end, family, newMark, still } from "../support/processes.mjs";
import { until } from "../support/waiting.mjs";
import { Workspace } from "../support/workspace.mjs";

function documentedConfiguration() {
  const page = readFileSync(join(REPOSITORY, "docs", "editors.md"), "utf8");
  const blocks = [...page.matchAll(/```lua\n(.*?)```/gs)];
  assert.equal(blocks.length, 1, "docs/editors.md has one configuration for Neovim");
  return blocks[0][1];
}

test("a proof is found and inserted in Neovim, and Lean accepts the file", async (context) => {
  const workspace = new Workspace(["Easy.lean"]);
  const { mark, environment } = newMark();
  const known = new Map();
  context.after(() => {
    end([...known.values()], "SIGKILL");
    workspace.remove();
  });
  const configuration = join(workspace.root, "init.lua");
  const report = join(workspace.root, "report.txt");
  writeFileSync(configuration, documentedConfiguration());
  const neovim = spawn("nvim", ["--headless", "-i", "NONE", "-n", "-u", configuration, "-c", `luafile ${join(E2E, "neovim", "proof.lua")}`], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...ENVIRONMENT, ...environment, FILE: workspace.path("Easy.lean"), REPORT: report,
      PATH: `${dirname(UNSORRY)}:${process.env.PATH}`,
      // Nothing of the user's own Neovim.
      XDG_CONFIG_HOME: workspace.root, XDG_DATA_HOME: workspace.root, XDG_STATE_HOME: workspace.root,
    },
  });
  let noise = "";
  for (const stream of [neovim.stdout, neovim.stderr]) stream.on("data", (chunk) => { noise += chunk; });
  const ended = new Promise((resolve) => { neovim.on("close", resolve); });
  // What it starts is remembered while it lives: later, nobody knows whose child it was.
  const watch = setInterval(() => { for (const one of family(mark)) known.set(`${one.pid} ${one.started}`, one); }, 300);
  const code = await Promise.race([ended, new Promise((resolve) => { setTimeout(() => { resolve("no end"); }, 600_000).unref(); })]);
  clearInterval(watch);
  const said = readFileSync(report, "utf8");
  console.log(`# ${said.trim().replaceAll("\n", "\n# ")}`);
  assert.equal(code, 0, `${said}\n${noise}`);
  assert.match(said, /^PASS$/m);
  assert.doesNotMatch(workspace.read("Easy.lean"), /sorry/);
  const { accepted, output } = workspace.check("Easy.lean");
  assert.ok(accepted, output);
  assert.doesNotMatch(output, /sorry/);
  const all = [...known.values()];
  assert.ok(all.some(({ command }) => LEAN.test(command)), "Lean ran");
  await until("nothing is left", () => still(all).length === 0);
});
