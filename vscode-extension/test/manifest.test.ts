/** What package.json promises, held against the code. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import manifest from "../package.json";
import { ServerCommand } from "../src/protocol";

const sources = readdirSync("src").map((name) => readFileSync(`src/${name}`, "utf8")).join("\n");
const promised = manifest.contributes.commands.map(({ command }) => command);

test("every command of the manifest has a handler", () => {
  for (const command of promised) assert.ok(sources.includes(`"${command}": `), command);
});

test("no command of ours has the name of a server's command", () => {
  const servers: string[] = Object.values(ServerCommand);
  assert.deepEqual(promised.filter((command) => servers.includes(command)), []);
});

test("menus and keys name commands that exist", () => {
  const used = [...Object.values(manifest.contributes.menus).flat(), ...manifest.contributes.keybindings].map(({ command }) => command);
  assert.deepEqual(used.filter((command) => !promised.includes(command)), []);
});

test("the language is only named, so that leanprover.lean4 rules", () => {
  assert.deepEqual(manifest.contributes.languages, [{ id: "lean4", extensions: [".lean"] }]);
  assert.ok(!("grammars" in manifest.contributes));
  assert.ok(manifest.activationEvents.includes("onLanguage:lean4"));
});

test("what starts programs can't be set by a workspace that isn't trusted", () => {
  const settings = Object.assign({}, ...manifest.contributes.configuration.map(({ properties }) => properties)) as Record<string, { scope?: string }>;
  for (const name of ["unsorry.serverPath", "unsorry.pythonPath", "unsorry.pipArguments"]) {
    assert.equal(settings[name]?.scope, "machine-overridable");
    assert.ok(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations.includes(name));
  }
});
