// From a sorry to its proof in the file: line under it, light bulb, hover, lens, key.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AMPLE, session } from "../support/session.mjs";
import { until } from "../support/waiting.mjs";

const here = session("proofs", { files: ["Easy.lean", "Tree.lean", "Wrong.lean", "Both.lean", "Clean.lean"], settings: AMPLE });

/** What was inserted is in the file after a save, no sorry is left in it, and Lean accepts it. */
async function accepted(file) {
  await here.editor.save();
  await until("the file has no sorry", () => !here.workspace.read(file).includes("sorry"));
  const { accepted: fine, output } = here.workspace.check(file);
  assert.ok(fine, output);
  assert.doesNotMatch(output, /sorry/);
}

test("opening and saving a file with a sorry finds its proof", async () => {
  const { editor } = here;
  await editor.show("Easy.lean");
  await editor.save();
  await editor.statusBecomes(/1\/1/, 300);
  await until("a line under the sorry", () => editor.squiggles("info"));
  await editor.problemsBecome(/proof found: \w+/);
  await editor.closePanel();
});

test("the light bulb inserts it, and Lean accepts the file", async () => {
  const { editor } = here;
  await editor.cursor(2, 5);
  await until("a light bulb", () => editor.bulb());
  const actions = await editor.openActions();
  assert.ok(actions.some((title) => title.startsWith("Insert the proof: ")), actions.join(", "));
  await editor.chooseAction("Insert the proof");
  await editor.withoutSorry();
  await accepted("Easy.lean");
  await until("the line under it is gone", async () => (await editor.squiggles("info")) === 0);
});

test("a proof by induction over a type of the file", async () => {
  const { editor } = here;
  await editor.hideSideBar();
  await editor.size(900, 560);
  await editor.showAlone("Tree.lean");
  await editor.statusBecomes(/2\/2/, 300);
  await until("two lines", async () => (await editor.squiggles("info")) === 2);
  await until("lenses that know", async () => (await editor.lenses("1 of 1 proved · insert").count()) === 2);
  await editor.cursor(16, 5);
  await until("a light bulb", () => editor.bulb());
  await editor.openActions();
  await editor.picture("light-bulb");
  await editor.press("Escape");
});

test("the hover shows the goal, the proof and how it was found", async () => {
  const { editor } = here;
  await editor.size(900, 680);
  await editor.cursor(16, 5);
  const words = await editor.hover(/found by/);
  assert.match(words, /proof found/);
  assert.match(words, /t\.mirror\.mirror = t/);
  await editor.picture("hover");
  await editor.press("Escape");
});

test("a false statement gets a warning with the values that break it", async () => {
  const { editor } = here;
  await editor.size(900, 460);
  await editor.showAlone("Wrong.lean");
  await until("a yellow line", () => editor.squiggles("warning"), 300);
  await editor.problemsBecome(/false as stated: xs = \[\]/);
  await editor.cursor(3, 5);
  await editor.picture("refuted");
  await editor.closePanel();
  await editor.size(1280, 800);
});

test("a statement without a sorry is left alone", async () => {
  const { editor } = here;
  await editor.show("Clean.lean");
  await editor.save();
  assert.equal(await editor.squiggles("info"), 0);
});

test("the lens above a declaration inserts all of its proofs", async () => {
  const { editor } = here;
  await editor.show("Both.lean");
  const lens = editor.lenses("2 of 2 proved · insert all");
  await lens.waitFor({ timeout: 300_000 });
  // As long as something is searched, the lenses are drawn anew, and a click may miss.
  await editor.lenses("1 of 1 proved · insert").waitFor({ timeout: 300_000 });
  await editor.statusBecomes(/^beaker/);
  await lens.click();
  await editor.textBecomes("one sorry is left", (text) => text.split("sorry").length === 2);
});

test("Ctrl+Alt+Enter inserts the proof at the cursor", async () => {
  const { editor } = here;
  await until("the other sorry has a proof", async () => (await editor.squiggles("info")) === 1);
  // A lens is no line of the text; the number beside the text is what the editor calls it.
  await editor.cursor(await editor.numberOf("sorry"), 3);
  await editor.press("Control+Alt+Enter");
  await editor.withoutSorry();
  await accepted("Both.lean");
});

test("the key says so where there is nothing to insert", async () => {
  const { editor } = here;
  await editor.show("Clean.lean");
  await editor.cursor(1, 3);
  await editor.press("Control+Alt+Enter");
  const words = await editor.message(/There is no sorry on this line/);
  console.log(`# ${words}`);
  assert.doesNotMatch(words, /workspace\/executeCommand|Code: /);
  await editor.clearNotifications();
});
