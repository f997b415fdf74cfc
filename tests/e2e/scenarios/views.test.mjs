// The views Sorries and Tickets.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AMPLE, session } from "../support/session.mjs";
import { until } from "../support/waiting.mjs";

const here = session("views", { files: ["Easy.lean", "Tree.lean", "Wrong.lean", "Hard.lean", "Clean.lean"], settings: AMPLE });

test("the whole workspace can be searched, and its sorrys are shown by file and declaration", async () => {
  const { editor } = here;
  await editor.show("Clean.lean");
  await editor.statusBecomes(/^(beaker|sync) /);
  await editor.command("Unsorry: Focus on Sorries View");
  await editor.command("Unsorry: Search the Whole Workspace");
  await editor.statusBecomes(/^beaker 3\/5/, 400);
  // Nothing is left to be done: each row says what has come of it.
  for (const row of [/^Easy\.lean 1\/1/, /^easy 1\/1/, /^⊢ a \+ b = b \+ a/, /^Tree\.lean 2\/2/, /^Wrong\.lean 0\/1/, /^⊢ 0 < xs\.length refuted/, /fermat 0\/1/, /≠ z \^ n open/]) {
    await until(`${row} among the rows`, async () => {
      const rows = await editor.rowTexts("Sorries");
      return rows.some((text) => row.test(text)) || Promise.reject(new Error(rows.join(" | ")));
    }, 400);
  }
  console.log(`# ${(await editor.rowTexts("Sorries")).join(" | ")}`);
});

test("a click on a goal shows its hole", async () => {
  const { editor } = here;
  await editor.rows("Sorries").filter({ hasText: "t.mirror.mirror = t" }).click();
  await until("Tree.lean", () => editor.page.locator(".tab.active[data-resource-name='Tree.lean']").count());
  await editor.cursorBecomes(16);
  await editor.size(900, 560);
  await editor.picture("sorries");
  await editor.size(1280, 800);
});

test("the list can be filtered", async () => {
  const { editor } = here;
  await editor.command("Unsorry: Filter Sorries");
  await editor.choose("Only what is refuted");
  await until("only the refuted one", async () => {
    const rows = await editor.rowTexts("Sorries");
    return rows.length === 3 && rows[0].startsWith("Wrong.lean");
  });
  await editor.command("Unsorry: Filter Sorries");
  await editor.choose("All sorrys");
  await until("all again", async () => (await editor.rowTexts("Sorries")).length > 9);
});

test("the button behind a proved goal inserts its proof", async () => {
  const { editor, workspace } = here;
  const row = editor.rows("Sorries").filter({ hasText: "⊢ a + b = b + a" });
  await row.hover();
  await row.locator(".action-label[aria-label='Insert Proof']").click();
  await until("the goal is gone", async () => !(await editor.rowTexts("Sorries")).some((text) => text.includes("a + b = b + a")));
  await editor.show("Easy.lean");
  await editor.withoutSorry();
  await editor.save();
  await until("the file has it", () => !workspace.read("Easy.lean").includes("sorry"));
  assert.ok(workspace.check("Easy.lean").accepted);
});

test("what was tried on a goal opens as a text that can't be edited", async () => {
  const { editor } = here;
  await editor.show("Hard.lean");
  await editor.cursor(2, 4);
  await editor.command("Unsorry: Show Ledger Entry");
  await until("the entry", () => editor.page.locator(".tab.active[aria-label*='Ledger: fermat']").count());
  console.log(`# ${(await editor.text()).replaceAll("\n", "\n# ")}`);
  await editor.press("Control+F4");
});

test("a ticket can be opened, shown and withdrawn", async () => {
  const { editor } = here;
  await editor.show("Hard.lean");
  await editor.cursor(2, 4);
  await editor.command("Unsorry: Open a Ticket for This Goal");
  // The engine asks for helper lemmas too; ours is the whole statement.
  const statement = "(x y z n : Nat) (hx : 0 < x) (hy : 0 < y) (hn : 2 < n) : x ^ n + y ^ n";
  const rows = await until("the ticket", async () => {
    const found = await editor.rowTexts("Tickets");
    return found.some((text) => text.includes(statement)) && found;
  });
  console.log(`# ${rows.join(" | ")}`);
  const ours = editor.rows("Tickets").filter({ hasText: statement });
  await ours.click();
  await until("its text", () => editor.page.locator(".tab.active[aria-label*='Ticket']").count());
  console.log(`# ${(await editor.text()).replaceAll("\n", "\n# ")}`);
  await ours.hover();
  await ours.locator(".action-label[aria-label='Withdraw Ticket']").click();
  await until("ours is gone", async () => (await ours.count()) === 0);
});
