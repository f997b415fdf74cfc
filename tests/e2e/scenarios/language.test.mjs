// The language lean4: ours where nobody else has it, theirs where somebody does.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { HOME, REPOSITORY } from "../support/paths.mjs";
import { session } from "../support/session.mjs";
import { sleep, until } from "../support/waiting.mjs";

/** An extension that has lean4 with a name, a configuration and a grammar of its own, each unlike ours. */
function anotherExtension() {
  const folder = join(HOME, "another-extension");
  mkdirSync(folder, { recursive: true });
  const write = (name, content) => { writeFileSync(join(folder, name), JSON.stringify(content)); };
  write("package.json", {
    name: "another", publisher: "somebody", version: "1.0.0", engines: { vscode: "^1.91.0" },
    contributes: {
      languages: [{ id: "lean4", aliases: ["Their Lean"], extensions: [".lean"], configuration: "./configuration.json" }],
      grammars: [{ language: "lean4", scopeName: "source.lean4", path: "./grammar.json" }],
    },
  });
  write("configuration.json", { comments: { lineComment: "##" } });
  write("grammar.json", { scopeName: "source.lean4", patterns: [{ match: "\\btheorem\\b", name: "invalid.illegal.theirs" }] });
  const vsix = join(HOME, "another-extension.vsix");
  const vsce = join(REPOSITORY, "vscode-extension", "node_modules", "@vscode", "vsce", "vsce");
  const made = spawnSync(process.execPath, [vsce, "package", "--no-dependencies", "--allow-missing-repository", "--skip-license", "--out", vsix], { cwd: folder, encoding: "utf8" });
  assert.equal(made.status, 0, made.stderr);
  return vsix;
}

/** What Ctrl+/ puts before a line, and the colour of its first word. */
async function look(editor) {
  await editor.show("Easy.lean");
  await editor.statusBecomes(/1\/1/, 300);
  await editor.cursor(1, 1);
  const comment = await until("a comment", async () => {
    // What a comment is may not be known yet; then the key does nothing.
    await editor.press("Control+/");
    await sleep(2000);
    return /^(--|##) theorem/m.exec(await editor.text())?.[1];
  });
  await editor.press("Control+z");
  await editor.textBecomes("no comment", (text) => text.startsWith("theorem"));
  const word = editor.page.locator(".editor-instance .view-line span span", { hasText: /^theorem/ }).first();
  const colour = await until("a colour", async () => {
    const found = await word.evaluate((span) => getComputedStyle(span).color);
    return found !== PLAIN && found;
  });
  return { colour, comment, name: await editor.page.locator(".statusbar-item[id='status.editor.mode']").innerText() };
}

const RED = "rgb(244, 71, 71)";
const PLAIN = "rgb(204, 204, 204)";

describe("without another extension", () => {
  const here = session("language alone", { files: ["Easy.lean"] });
  test("Lean files are lean4, with comments and colours", async () => {
    const { colour, comment, name } = await look(here.editor);
    assert.equal(name.trim(), "lean4");
    assert.equal(comment, "--");
    assert.notEqual(colour, RED);
    assert.notEqual(colour, PLAIN);
  });
});

describe("with another extension that has lean4", () => {
  const here = session("language shared", { files: ["Easy.lean"], vsixes: [anotherExtension()] });
  test("its name, configuration and grammar rule, and ours works beside it", async () => {
    const { colour, comment, name } = await look(here.editor);
    assert.equal(name.trim(), "Their Lean");
    assert.equal(comment, "##");
    assert.equal(colour, RED);
  });
});
