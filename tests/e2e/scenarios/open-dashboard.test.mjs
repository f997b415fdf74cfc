// The editor's own way to the dashboard.
import assert from "node:assert/strict";
import { test } from "node:test";
import { session } from "../support/session.mjs";
import { until } from "../support/waiting.mjs";

const here = session("open-dashboard", { files: ["Easy.lean"] });

test("the command starts it for this workspace, and it opens in the browser, through whatever forwards its port", async () => {
  const { editor, workspace } = here;
  await editor.show("Easy.lean");
  await editor.statusBecomes(/1\/1/, 300);
  const opened = editor.page.context().waitForEvent("page", { timeout: 180_000 });
  await editor.command("Unsorry: Open Dashboard");
  const page = await opened;
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  console.log(`# ${page.url()}`);
  assert.doesNotMatch(page.url(), /token/);
  assert.equal(await page.locator("#workspace").innerText(), workspace.folder);
  await page.locator("#goals .value", { hasText: /^1 of 1$/ }).waitFor();
  await page.getByText("the editor", { exact: true }).waitFor();
  await page.getByRole("link", { name: "Goals", exact: true }).click();
  await page.getByRole("link", { name: "Easy.lean:2" }).waitFor();
  await page.close();
});

test("the log has the address without the token", async () => {
  const { server } = here;
  const log = await until("the log", () => {
    const text = server.log();
    return /Dashboard:/.test(text) && text;
  });
  assert.doesNotMatch(log, /token=/);
});
