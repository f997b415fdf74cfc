// The first start on a machine without Unsorry: the extension makes its own environment from the bundled wheel.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { REPOSITORY } from "../support/paths.mjs";
import { session } from "../support/session.mjs";
import { sleep, until } from "../support/waiting.mjs";

const here = session("first start", { files: ["Easy.lean"], serverPath: false });

function environments() {
  try {
    return readdirSync(here.server.globalStorage).filter((name) => name.startsWith("environment-"));
  } catch {
    return [];
  }
}

test("setting up can be cancelled, which leaves nothing behind", async () => {
  const { editor } = here;
  await editor.show("Easy.lean");
  await editor.statusPasses(/setting up/);
  const toast = editor.page.locator(".notification-toast", { hasText: "Unsorry: first start" });
  await toast.waitFor();
  await toast.locator(".monaco-button", { hasText: "Cancel" }).click();
  await editor.statusBecomes(/not running/);
  await until("nothing is left", () => environments().length === 0);
  assert.match(await editor.message(/cancelled/), /Restart Server/);
});

test("setting up makes one environment, and a proof is found with it", async () => {
  const { editor, server } = here;
  await editor.statusPasses(/setting up/, () => editor.page.locator(".notification-toast .monaco-button", { hasText: "Restart Server" }).click());
  await editor.statusBecomes(/1\/1/, 300);
  assert.equal(environments().length, 1);
  assert.equal(server.descendants(/environment-\w+.* -m server\.cli lsp/).length, 1);
});

test("the light bulb inserts it, and Lean accepts the file", async () => {
  const { editor, workspace } = here;
  await editor.cursor(2, 5);
  await until("a light bulb", () => editor.bulb());
  await editor.openActions();
  await editor.chooseAction("Insert the proof");
  await editor.withoutSorry();
  await editor.save();
  await until("the file has it", () => !workspace.read("Easy.lean").includes("sorry"));
  const { accepted, output } = workspace.check("Easy.lean");
  assert.ok(accepted, output);
  assert.doesNotMatch(output, /sorry/);
});

test("the next start takes the environment that is there", async () => {
  const { editor } = here;
  await editor.statusPasses(/starting/, () => editor.command("Unsorry: Restart Server"));
  await editor.statusBecomes(/0\/0/);
  assert.equal(environments().length, 1);
});

test("a damaged environment is remade", async () => {
  const { editor, server } = here;
  const [name] = environments();
  rmSync(join(server.globalStorage, name, "bin", "python"));
  await editor.statusPasses(/setting up/, () => editor.command("Unsorry: Restart Server"));
  await editor.statusBecomes(/0\/0/, 300);
  assert.deepEqual(environments(), [name]);
});

test("another Python can be chosen, and the environment is remade with it", async () => {
  const { editor, server } = here;
  const python = join(REPOSITORY, ".venv", "bin", "python");
  await editor.command("Unsorry: Choose Python");
  const button = editor.page.locator(".quick-input-widget .monaco-button", { hasText: "Use This Python" });
  const path = editor.page.locator(".quick-input-widget input:visible").last();
  await button.waitFor();
  await editor.page.locator(".quick-input-list .monaco-list-row", { hasText: "Easy.lean" }).waitFor();
  // The dialog writes the folder into the line once it has listed it, also over what was typed meanwhile.
  await until("the dialog takes the path", async () => {
    await path.fill(python);
    await sleep(2000);
    return (await path.inputValue()) === python;
  });
  await editor.statusPasses(/setting up/, () => button.click());
  await editor.statusBecomes(/0\/0/, 300);
  const [name, ...others] = environments();
  assert.deepEqual(others, []);
  assert.equal(JSON.parse(readFileSync(join(server.globalStorage, name, "unsorry-environment.json"), "utf8")).named, python);
});
